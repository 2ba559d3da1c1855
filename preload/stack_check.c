// SPDX-License-Identifier: MIT
/*
 * One stack at a time, under a lock and on a stack of its own, since libunwind needs more than a
 * small thread has.
 *
 * A difference counts only if libunwind repeats it without what it remembers of code: its cache
 * takes the rule of a return address for an interrupted pc of the same value.
 */
#include "stack_check.h"

#include <string.h>

#include "common/bytes.h"
#include "common/format.h"
#include "epoch.h"
#include "memory.h"
#include "process.h"
#include "registers.h"
#include "stack_switch.h"
#include "unwind_libunwind.h"
#include "writer.h"

enum {
	STACK_SIZE = 256 << 10,
	DESCRIBED_SETS = 1 << 16,
	PREVIOUS_SETS = 256,
	TOLD_MAX = 16,	  /* differences whose addresses are written */
	TOLD_FRAMES = 24, /* of each, from a few before the first that differs */
	TOLD_BEFORE = 4,
	PENDING_SIZE = TOLD_MAX * (2 * TOLD_FRAMES + 4) * VARINT_MAX,
};

/* The stack that a thread's next one keeps a part of. */
struct previous {
	struct previous *next;
	const struct unwinder *of;
	uint64_t *addresses;
	uint32_t depth, capacity;
};

struct comparison {
	const uint64_t *innermost; /* our addresses, towards the outermost */
	uint32_t depth;
	uint32_t seen, same; /* frames of libunwind's; how many of them agree */
	bool differs;
	bool ended; /* nothing describes the last one: what follows is not compared */
	enum libunwind_end end;
	uint32_t told_from, n_told;
	uint64_t told[TOLD_FRAMES]; /* libunwind's addresses from frame told_from on */
};

struct check_job {
	const struct cfi_registers *registers;
	struct unwind_start start;
	struct comparison *comparison;
};

bool stack_check_on;

static struct {
	bool inside; /* a walk is in progress; in a forked child: one that nobody will end */
	uint32_t generation;
	char *stack;
	uint64_t *described; /* addresses known to be described, by hash */
	struct comparison comparison;
	struct previous *previous[PREVIOUS_SETS];
	uint64_t checked, slow, different;
	uint64_t n_told;
	uint8_t pending[PENDING_SIZE]; /* records of differences that are not in the trace yet */
	size_t n_pending;
	uint32_t n_pending_records;
} check;

bool stack_check_start(struct line *error)
{
	if (!libunwind_load(error))
		return false;
	check.stack = memory_map(STACK_SIZE);
	check.described = memory_map(DESCRIBED_SETS * sizeof *check.described);
	stack_check_on = check.stack && check.described;
	return true;
}

void stack_check_forked(void)
{
	check.checked = check.slow = check.different = check.n_told = 0;
	check.n_pending = check.n_pending_records = 0;
	if (check.inside)
		stack_check_on = false; /* another thread of the parent was inside libunwind */
}

static bool is_described(uint64_t address)
{
	uint64_t *known = &check.described[(address ^ address >> 16) & (DESCRIBED_SETS - 1)];

	if (*known == address)
		return true;
	if (!libunwind_describes(address)) /* not asked of what is to be checked */
		return false;
	*known = address;
	return true;
}

/* The next frame of libunwind's; after a difference a few more, to be told. */
static bool compare(void *arg, uint64_t address)
{
	struct comparison *c = arg;
	uint32_t at = c->seen++;

	if (at >= c->told_from && c->n_told < TOLD_FRAMES)
		c->told[c->n_told++] = address;
	if (c->differs || at >= c->depth || c->innermost[-(ptrdiff_t)at] != address) {
		c->differs = true;
		return c->n_told < TOLD_FRAMES;
	}
	c->same = at + 1;
	c->ended = !is_described(address);
	return !c->ended;
}

static void compare_job(void *arg)
{
	struct check_job *job = arg;
	struct comparison *c = job->comparison;

	c->end = libunwind_walk(job->registers, job->start, compare, c);
}

static void compare_from(struct check_job *job, const uint64_t *addresses, struct unwound walk,
			 uint32_t told_from)
{
	struct comparison *c = job->comparison;

	*c = (struct comparison){
		.innermost = addresses + walk.depth - 1,
		.depth = walk.depth,
		.told_from = told_from,
	};
	stack_switch(check.stack + STACK_SIZE, compare_job, job);
	/* Both must end at the same frame, and for the same reason. */
	if (!c->ended)
		c->differs |=
			c->same != walk.depth || (c->end == LIBUNWIND_OUTERMOST) != walk.complete;
}

static struct previous *previous_of(const struct unwinder *u)
{
	struct previous **set = &check.previous[((uintptr_t)u >> 12) % PREVIOUS_SETS];

	for (struct previous *p = *set; p; p = p->next)
		if (p->of == u)
			return p;
	struct previous *p = memory_map(sizeof *p);

	if (!p)
		return NULL;
	p->of = u;
	p->next = *set;
	*set = p;
	return p;
}

/* Whether the kept frames are those of the stack before, which this one now replaces. */
static bool keep(const struct unwinder *u, const uint64_t *addresses, struct unwound walk)
{
	struct previous *p = previous_of(u);

	if (!p)
		return true;
	bool same = walk.kept <= p->depth && walk.kept <= walk.depth &&
		    memcmp(addresses, p->addresses, walk.kept * sizeof *addresses) == 0;

	if (walk.depth > p->capacity) {
		memory_unmap(p->addresses, p->capacity * sizeof *p->addresses);
		p->capacity = walk.depth * 2;
		p->addresses = memory_map(p->capacity * sizeof *p->addresses);
	}
	if (!p->addresses)
		p->capacity = walk.depth = 0;
	p->depth = walk.depth;
	memcpy(p->addresses, addresses, walk.depth * sizeof *addresses);
	return same;
}

static void put_addresses(struct put *p, const uint64_t *first, ptrdiff_t step, uint32_t n)
{
	put_varint(p, n);
	for (uint32_t i = 0; i < n; i++)
		put_varint(p, first[step * (ptrdiff_t)i]);
}

/* Around the first frame that differs. */
static void tell(const struct comparison *c)
{
	struct put p = put_into(check.pending + check.n_pending, PENDING_SIZE - check.n_pending);
	uint32_t n = c->depth - c->told_from;

	if (check.n_told == TOLD_MAX)
		return;
	put_varint(&p, c->same);
	put_varint(&p, c->told_from);
	put_addresses(&p, c->innermost - c->told_from, -1, n < TOLD_FRAMES ? n : TOLD_FRAMES);
	put_addresses(&p, c->told, 1, c->n_told);
	if (p.bad)
		return;
	check.n_pending = (size_t)(p.at - check.pending);
	check.n_pending_records++;
	check.n_told++;
}

static void check_stack(const struct unwinder *u, struct check_job *job, struct unwound walk)
{
	const uint64_t *addresses = unwind_addresses(u);
	struct comparison *c = job->comparison;

	compare_from(job, addresses, walk, 0);
	if (c->differs) {
		libunwind_forget();
		compare_from(job, addresses, walk,
			     c->same < TOLD_BEFORE ? 0 : c->same - TOLD_BEFORE);
	}
	bool kept = keep(u, addresses, walk);

	if (c->differs || !kept)
		tell(c);
	check.checked++;
	check.slow += unwind_was_slow(u);
	check.different += c->differs || !kept;
}

void stack_check(const struct unwinder *u, struct unwind_start start, uint32_t generation,
		 struct unwound walk)
{
	struct lock_held held = lock_take(&epoch->check);
	struct cfi_registers registers;
	struct check_job job = {
		.registers = &registers, .start = start, .comparison = &check.comparison};

	registers_capture(&registers);
	check.inside = true;
	if (generation != check.generation || generation == UNWIND_UNCACHED) {
		check.generation = generation;
		memset(check.described, 0, DESCRIBED_SETS * sizeof *check.described);
		libunwind_forget();
	}
	check_stack(u, &job, walk);
	check.inside = false;
	bool late = epoch->mode == MODE_LATE && check.n_pending;

	lock_give(&held);
	if (late)
		stack_check_flush();
}

void stack_check_flush(void)
{
	static uint8_t payload[PENDING_SIZE + 3 * VARINT_MAX]; /* not on a small stack */
	struct put p = put_into(payload, sizeof payload);
	struct lock_held held;

	if (!stack_check_on || process_is_vfork_child())
		return;
	held = lock_take(&epoch->check);
	put_varint(&p, check.checked);
	put_varint(&p, check.slow);
	put_varint(&p, check.different);
	put_bytes(&p, check.pending, check.n_pending);
	writer_chunk(CHUNK_CHECKS, check.n_pending_records, payload, (size_t)(p.at - payload));
	check.n_pending = check.n_pending_records = 0;
	lock_give(&held);
}
