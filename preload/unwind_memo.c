// SPDX-License-Identifier: MIT
/*
 * The parts of the memo that are not met at every frame.
 */
#include "unwind_memo.h"

#include <string.h>

#include "memory.h"

enum { CAPACITY_MAX = 1 << 26 };

/* What a walk knows of a frame; the rest comes when it is settled. */
#define HOW_WALKED (RULE_MASK | (uint64_t)FRAME_REACHED_SLOWLY << 32)

static size_t size_of(uint32_t capacity)
{
	return capacity * sizeof(uint64_t) + (1 + capacity) * sizeof(struct memo_frame);
}

void memo_init(struct memo *memo)
{
	memo->address = memo->first_address;
	memo->frame = memo->first_frame + 1;
	memo->frame[-1].rsp = UINT64_MAX;
	memo->capacity = MEMO_FIRST;
	memo->depth = 0;
}

static void release(struct memo_frame *frame, uint32_t capacity)
{
	if (capacity > MEMO_FIRST)
		memory_unmap(frame - 1, size_of(capacity));
}

void memo_release(struct memo *memo)
{
	release(memo->frame, memo->capacity);
}

/* By half: at most 48 bytes a frame; what is copied of the old one makes it 64 for a moment. */
bool memo_grow(struct memo *memo, struct memo_walk *walk)
{
	uint32_t capacity = memo->capacity / 2 * 3, old_capacity = memo->capacity;
	struct memo_frame *old = memo->frame;
	size_t kept = (size_t)(walk->top - old), walked = old_capacity - kept;
	struct memo_frame *frame = capacity <= CAPACITY_MAX ? memory_map(size_of(capacity)) : NULL;
	uint64_t *address = (uint64_t *)(frame + 1 + capacity);

	if (!frame)
		return false;
	frame++;
	if (kept > memo->depth)
		kept = memo->depth;
	frame[-1].rsp = UINT64_MAX;
	memcpy(frame, old, kept * sizeof(*frame));
	memcpy(address, memo->address, kept * sizeof(*address));
	memcpy(frame + capacity - walked, walk->top, walked * sizeof(*frame));
	walk->live = frame + (walk->live - old);
	walk->live_address = address + (walk->live_address - memo->address);
	walk->top = frame + capacity - walked;
	/* A handler may jump out of here: memory would be lost, but never unmapped a second time. */
	memo->capacity = MEMO_FIRST;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	release(old, old_capacity);
	memo->frame = frame;
	memo->address = address;
	memo->depth = (uint32_t)kept;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	memo->capacity = capacity;
	return true;
}

/* What the walk has overwritten so far is no longer there to compare with. */
void memo_restart(struct memo *memo, struct memo_walk *walk)
{
	uint32_t untouched = (uint32_t)(walk->top - memo->frame);

	if (memo->depth > untouched)
		memo->depth = untouched;
	*walk = memo_begin(memo);
	walk->live = memo->frame - 1;
}

uintptr_t memo_rbp(const struct memo_walk *walk, const struct memo_frame *at, uintptr_t rbp)
{
	for (at++; at <= walk->live; at++) {
		unsigned saved = rule_saved(frame_rule(at));

		if (saved != RULE_UNCHANGED)
			return stack_load(at[-1].rsp - saved * 8);
	}
	return rbp;
}

static inline bool same_return(const struct memo_frame *outer, const uint64_t *address)
{
	return stack_load(outer->rsp - 8) - 1 == *address;
}

/* Whether the `n` return addresses from `at` outwards stand in one page and are as remembered. */
static inline __attribute__((always_inline)) bool same_returns(const struct memo_frame *at,
							       const uint64_t *address, int n)
{
	if (((at[-1].rsp - 8) ^ (at[-n].rsp - 8)) >> 12)
		return false;
#pragma GCC unroll 8
	for (int i = 1; i <= n; i++)
		if (!same_return(at - i, address - i))
			return false;
	return true;
}

/*
 * Outwards to `until` over steps that depend on return addresses only. Several at a time where they
 * stand in one page: if the first may be read, so may they all.
 */
static inline const struct memo_frame *
verify_plain(const struct memo_frame *at, const uint64_t *address, const struct memo_frame *until)
{
	for (;;) {
		for (; at - 8 >= until && same_returns(at, address, 8); at -= 8)
			address -= 8;
		for (int i = 0; i < 4; i++, at--, address--)
			if (at == until || !same_return(at - 1, address - 1))
				return at;
	}
}

/*
 * A step from `at` that loads a needed rbp. Its CFA is what it was, since its own rbp is, if it
 * needs that.
 */
static inline bool verify_rbp(const struct memo_frame *at, const uint64_t *address)
{
	unsigned saved = rule_saved(frame_rule(at));

	return same_return(at - 1, address - 1) && stack_load(at[-1].rsp - saved * 8) == at[-1].rbp;
}

const struct memo_frame *memo_verify(const struct memo *memo, const struct memo_walk *walk)
{
	const struct memo_frame *at = walk->live, *until;
	const uint64_t *address = walk->live_address;

	for (;;) {
		unsigned flags = frame_flags(at);

		until = memo->frame + (flags >> FRAME_UNTIL_SHIFT);
		if (at != until) {
			at = verify_plain(at, address, until);
			if (at != until || at == memo->frame)
				return at;
			address = memo->address + (flags >> FRAME_UNTIL_SHIFT);
		} else if (flags & FRAME_RELOADS_RBP && verify_rbp(at, address)) {
			at--;
			address--;
		} else {
			return at; /* the outermost, changed, or one that has to be walked */
		}
	}
}

void memo_take(struct memo_walk *walk, const struct memo_frame *at)
{
	size_t count = (size_t)(walk->live - at) + 1;
	const uint64_t *address = walk->live_address - (count - 1);

	walk->top -= count;
	memmove(walk->top, at, count * sizeof(*at));
	for (size_t i = 0; i < count; i++) {
		walk->top[i].pc = address[i];
		walk->top[i].how &= HOW_WALKED;
	}
	walk->live = at - 1;
	walk->live_address = address - 1;
}

/* What the frames farther out want of the next one inwards. */
struct outside {
	uint64_t rsp, rbp; /* of the last one */
	bool needs_rbp;
	uint32_t until;
};

static struct outside outside_of(const struct memo *memo, const struct memo_frame *last)
{
	if (last < memo->frame)
		return (struct outside){0};
	return (struct outside){
		.rsp = last->rsp,
		.rbp = last->rbp,
		.needs_rbp = frame_flags(last) & FRAME_NEEDS_RBP,
		.until = frame_flags(last) >> FRAME_UNTIL_SHIFT,
	};
}

/* The flags of frame `i`, of which the walk knows `how`; `outside` then is that of the next. */
static inline unsigned settle_flags(struct outside *outside, uint32_t i, uint64_t how)
{
	uint32_t rule = (uint32_t)how;
	unsigned flags = how >> 32 & FRAME_REACHED_SLOWLY;

	if (!i || !rule_is_simple(rule)) {
		outside->needs_rbp = false;
		outside->until = i;
		return flags;
	}
	if (outside->needs_rbp && rule_saved(rule) != RULE_UNCHANGED) {
		flags |= FRAME_RELOADS_RBP;
		outside->needs_rbp = false;
		outside->until = i;
	}
	if ((rule & RULE_KIND) == RULE_RBP) {
		outside->rbp = outside->rsp - (rule & RULE_OFFSET);
		outside->needs_rbp = true;
	}
	return flags | (outside->needs_rbp ? FRAME_NEEDS_RBP : 0);
}

/* Where frames of the walk go, outermost first, with what later walks want to know of each. */
struct settling {
	struct memo_frame *frame;
	uint64_t *address;
	const struct memo_frame *walked, *end;
};

/* Field by field: they were stored so a moment ago, and wider loads would wait. */
static inline void settle(const struct memo *memo, struct settling s)
{
	struct outside outside = outside_of(memo, s.frame - 1);
	uint32_t i = (uint32_t)(s.frame - memo->frame);

	for (; s.walked != s.end; i++, s.walked++, s.frame++, s.address++) {
		uint64_t how = s.walked->how;

		how = (uint32_t)how | (uint64_t)settle_flags(&outside, i, how) << 32;
		*s.address = s.walked->pc;
		outside.rsp = s.walked->rsp;
		s.frame->rsp = outside.rsp;
		s.frame->rbp = outside.rbp;
		s.frame->how = how | (uint64_t)outside.until << (32 + FRAME_UNTIL_SHIFT);
	}
}

/* As long as frames take nothing but return addresses. */
static inline struct settling settle_plainest(const struct memo *memo, struct settling s)
{
	const uint64_t plainest = RULE_KIND | (uint64_t)FRAME_REACHED_SLOWLY << 32;
	unsigned outer = frame_flags(s.frame - 1);
	uint64_t flags = (uint64_t)(outer >> FRAME_UNTIL_SHIFT) << (32 + FRAME_UNTIL_SHIFT);

	if (s.frame == memo->frame || outer & FRAME_NEEDS_RBP)
		return s;
	for (; s.walked != s.end && (s.walked->how & plainest) == RULE_RSP; s.walked++) {
		s.frame->rsp = s.walked->rsp;
		s.frame->how = s.walked->how | flags;
		*s.address = s.walked->pc;
		s.frame++;
		s.address++;
	}
	return s;
}

/* How many of the first `n` addresses are those of `walked` and what follows it. */
static inline uint32_t count_same(const struct memo *memo, const struct memo_walk *walk,
				  uint32_t base, uint32_t n)
{
	const struct memo_frame *walked = walk->top, *end = memo->frame + memo->capacity;

	for (; base < n && walked != end && memo->address[base] == walked->pc; base++)
		walked++;
	return base;
}

uint32_t memo_commit(struct memo *memo, const struct memo_walk *walk, bool met)
{
	uint32_t base = met ? (uint32_t)(walk->live_address + 1 - memo->address) : 0;
	uint32_t untouched = (uint32_t)(walk->top - memo->frame), kept;
	struct settling s = {.frame = memo->frame + base,
			     .address = memo->address + base,
			     .walked = walk->top,
			     .end = memo->frame + memo->capacity};

	kept = count_same(memo, walk, base, memo->depth < untouched ? memo->depth : untouched);
	memo->depth = base + memo->capacity - untouched;
	s = settle_plainest(memo, s);
	if (s.walked != s.end)
		settle(memo, s);
	return kept;
}
