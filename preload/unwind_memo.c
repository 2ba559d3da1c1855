// SPDX-License-Identifier: MIT
/*
 * The parts of the memo that are not met at every frame.
 */
#include "unwind_memo.h"

#include <string.h>

#include "memory.h"

enum { CAPACITY_MAX = 1 << 26 };

static size_t size_of(uint32_t capacity)
{
	return capacity * (sizeof(uint64_t) + sizeof(struct memo_frame));
}

void memo_init(struct memo *memo)
{
	memo->address = memo->first_address;
	memo->frame = memo->first_frame;
	memo->capacity = MEMO_FIRST;
}

void memo_release(struct memo *memo)
{
	if (memo->capacity > MEMO_FIRST)
		memory_unmap(memo->frame, size_of(memo->capacity));
}

/* By half: at most 48 bytes a frame; what is copied of the old one makes it 64 for a moment. */
bool memo_grow(struct memo *memo)
{
	uint32_t capacity = memo->capacity / 2 * 3, walked = memo->capacity - memo->top;
	struct memo_frame *frame = capacity <= CAPACITY_MAX ? memory_map(size_of(capacity)) : NULL;
	uint64_t *address = (uint64_t *)(frame + capacity);
	uint32_t kept = memo->depth < memo->top ? memo->depth : memo->top;

	if (!frame)
		return false;
	memcpy(frame, memo->frame, kept * sizeof(*frame));
	memcpy(address, memo->address, kept * sizeof(*address));
	memcpy(frame + capacity - walked, memo->frame + memo->top, walked * sizeof(*frame));
	memcpy(address + capacity - walked, memo->address + memo->top, walked * sizeof(*address));
	memo_release(memo);
	memo->frame = frame;
	memo->address = address;
	memo->capacity = capacity;
	memo->depth = kept;
	memo->top = capacity - walked;
	return true;
}

uintptr_t memo_rbp(const struct memo *memo, uint32_t at, uintptr_t rbp)
{
	for (uint32_t i = at + 1; i < memo->live; i++) {
		unsigned saved = rule_saved(frame_rule(&memo->frame[i]));

		if (saved != RULE_UNCHANGED)
			return stack_load(memo->frame[i - 1].rsp - saved * 8);
	}
	return rbp;
}

static inline bool same_return(const struct memo *memo, uint32_t at)
{
	return stack_load(memo->frame[at].rsp - 8) == memo->address[at] + 1;
}

/*
 * Steps that depend on return addresses only, outwards from `at` to `until`. Four at a time where
 * they stand in one page: if the first may be read, so may they all.
 */
static inline uint32_t verify_plain(const struct memo *memo, uint32_t at, uint32_t until)
{
	while (at - until >= 4) {
		uint64_t first = memo->frame[at - 1].rsp - 8, last = memo->frame[at - 4].rsp - 8;

		if ((first ^ last) >> 12 || !same_return(memo, at - 1) ||
		    !same_return(memo, at - 2) || !same_return(memo, at - 3) ||
		    !same_return(memo, at - 4))
			break;
		at -= 4;
	}
	while (at > until && same_return(memo, at - 1))
		at--;
	return at;
}

/*
 * A step from `at` that loads a needed rbp. Its CFA is what it was, since its own rbp is, if it
 * needs that.
 */
static inline bool verify_rbp(const struct memo *memo, uint32_t at)
{
	const struct memo_frame *outer = &memo->frame[at - 1];
	unsigned saved = rule_saved(frame_rule(&memo->frame[at]));

	return same_return(memo, at - 1) && stack_load(outer->rsp - saved * 8) == outer->rbp;
}

uint32_t memo_verify(const struct memo *memo)
{
	uint32_t at = memo->live - 1;

	for (;;) {
		unsigned flags = frame_flags(&memo->frame[at]), plain = flags >> FRAME_PLAIN_SHIFT;

		if (plain) {
			uint32_t until = at - plain;

			at = verify_plain(memo, at, until);
			if (at != until)
				return at;
		} else if (flags & FRAME_RELOADS_RBP && verify_rbp(memo, at)) {
			at--;
		} else {
			return at; /* the outermost, changed, or one that has to be walked */
		}
	}
}

void memo_take(struct memo *memo, uint32_t at)
{
	uint32_t count = memo->live - at;

	memo->top -= count;
	memmove(memo->address + memo->top, memo->address + at, count * sizeof(*memo->address));
	memmove(memo->frame + memo->top, memo->frame + at, count * sizeof(*memo->frame));
	memo->live = at;
}

/*
 * Moves the frames of the walk from `walked` to [base, depth), outermost first, with what later
 * walks want to know of each. Field by field: they were stored so a moment ago, and wider loads
 * would wait.
 */
static void settle(struct memo *memo, uint32_t base, uint32_t depth,
		   const struct memo_frame *walked)
{
	struct memo_frame outer = base ? memo->frame[base - 1] : (struct memo_frame){0};
	unsigned plain = frame_flags(&outer) >> FRAME_PLAIN_SHIFT;
	bool needed = frame_flags(&outer) & FRAME_NEEDS_RBP;

	for (uint32_t i = base; i < depth; i++, walked++) {
		uint32_t rule = frame_rule(walked), kind = rule & RULE_KIND;
		unsigned flags = frame_flags(walked) & FRAME_REACHED_SLOWLY;

		if (needed && rule_saved(rule) != RULE_UNCHANGED) {
			flags |= FRAME_RELOADS_RBP;
			needed = false;
			plain = 0;
		} else {
			plain++;
		}
		if (kind == RULE_RBP) {
			outer.rbp = outer.rsp - (rule & RULE_OFFSET);
			needed = true;
		}
		if (needed) {
			memo->frame[i].rbp = outer.rbp;
			flags |= FRAME_NEEDS_RBP;
		}
		if (!i || !rule_is_simple(rule)) {
			flags &= FRAME_REACHED_SLOWLY;
			needed = false;
			plain = 0;
		}
		outer.rsp = walked->rsp;
		memo->frame[i].rsp = outer.rsp;
		memo->frame[i].how = rule | (uint64_t)(flags | plain << FRAME_PLAIN_SHIFT) << 32;
	}
}

uint32_t memo_commit(struct memo *memo, bool met)
{
	uint32_t base = met ? memo->live : 0, depth = base + memo->capacity - memo->top;
	uint32_t same = memo->depth < memo->top ? memo->depth : memo->top, kept = base;
	const uint64_t *address = memo->address + memo->top - base;

	if (same > depth)
		same = depth;
	while (kept < same && memo->address[kept] == address[kept])
		kept++;
	for (uint32_t i = base; i < depth; i++)
		memo->address[i] = address[i];
	settle(memo, base, depth, memo->frame + memo->top);
	memo->depth = depth;
	return kept;
}
