// SPDX-License-Identifier: MIT
/*
 * The hot path. A block's words are written first and the word that counts them last, so that
 * whoever ends the process, and whoever reads the journal, finds whole events. `busy` and the mode
 * are a handshake: a recording thread sets busy and then looks at the mode, the ending thread sets
 * the mode, issues membarrier and waits for busy.
 */
#include "record.h"

#include <string.h>
#include <sys/single_threaded.h>

#include "clock.h"
#include "common/event.h"
#include "flush.h"
#include "modules.h"
#include "replace.h"
#include "side.h"
#include "stack_check.h"

#define EVENTS_PER_CLOCK 16
#define ALLOC_WORDS (EVENT_WORDS_MAX - EVENT_DEPTH_MAX)

static inline uint64_t next_stamp(struct thread *thread)
{
	uint64_t stamp = clock_stamp();

	if (stamp < thread->last_stamp)
		stamp = thread->last_stamp;
	thread->last_stamp = stamp;
	return stamp;
}

/* One event without a stack, at `at`; returns the word after it. */
static inline uint64_t *put_simple(struct thread *thread, uint64_t *at, enum event_kind kind,
				   unsigned flags, uint64_t address)
{
	*at++ = event_head(kind, flags, 0, 0);
	if (event_fields(kind))
		*at++ = address;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	return at;
}

static uint64_t *put_time(struct thread *thread, uint64_t *at)
{
	uint64_t now = clock_coarse();

	thread->until_time = EVENTS_PER_CLOCK;
	if (now == thread->last_time_ns && !thread->fresh)
		return at;
	thread->last_time_ns = now;
	return put_simple(thread, at, EVENT_TIME, 0, now);
}

static uint64_t *put_generation(struct thread *thread, uint64_t *at, uint32_t generation)
{
	thread->generation = generation;
	thread->fresh = true;
	return put_simple(thread, at, EVENT_MODULES, 0, thread->generation);
}

static inline bool must_stamp(const struct thread *thread)
{
	return !thread->stamped && (thread->number != 1 || !__libc_single_threaded);
}

static __attribute__((noinline)) uint64_t *put_prologue_slowly(struct thread *thread, uint64_t *at,
							       uint32_t generation)
{
	if (must_stamp(thread)) {
		/* One way: from now on every event of this stream has a stamp. */
		thread->stamped = true;
		at = put_simple(thread, at, EVENT_CLOCK_ON, 0, 0);
	}
	if (thread->generation != generation)
		at = put_generation(thread, at, generation);
	if (thread->until_time == 0)
		at = put_time(thread, at);
	if (thread == thread_late && thread->late_number != thread_number()) {
		thread->late_number = thread_number();
		at = put_simple(thread, at, EVENT_THREAD, 0, thread->late_number);
	}
	return at;
}

/* What has to stand before the next event of the stream, at most PROLOGUE_WORDS; the word after it. */
static inline uint64_t *put_prologue(struct thread *thread, uint32_t generation)
{
	struct journal_slot *slot = thread->block.slot;
	uint64_t from = __atomic_load_n(&slot->committed, __ATOMIC_RELAXED);
	uint64_t *at = slot->words + block_word_count(from);

	thread->write_from = from;
	if (__builtin_expect(--thread->until_time == 0 || thread->generation != generation ||
				     must_stamp(thread) || thread == thread_late,
			     0))
		return put_prologue_slowly(thread, at, generation);
	return at;
}

/* False: the event is lost, and counted as such. */
static inline bool commit(struct thread *thread, const uint64_t *end)
{
	struct journal_slot *slot = thread->block.slot;
	uint64_t from = thread->write_from;
	size_t n = (size_t)(end - slot->words) - block_word_count(from);

	if (__builtin_expect(replace(&slot->committed, from, from + n), 1))
		return true;
	/* A handler that interrupted us here tried to exec, and that wrote the block; or it forked. */
	if (epoch->mode == MODE_WIPED)
		return false;
	flush_begin_block(thread);
	writer_lost(LOSS_SIDE_ARRAY, 1);
	return false;
}

/* Mostly one to five: a call of memcpy would take longer. */
static inline void copy_words(uint64_t *to, const uint64_t *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		to[i] = from[i];
		__asm__ volatile("" ::: "memory"); /* or the compiler makes it that call */
	}
}

/* Room for an event with the stack of `walk`; *pushed is how many of its innermost frames to write. */
static inline bool make_stack_room(struct thread *thread, const struct unwound *walk,
				   uint32_t *pushed)
{
	uint32_t whole = walk->depth < EVENT_DEPTH_MAX ? walk->depth : EVENT_DEPTH_MAX;

	if (whole < walk->depth)
		thread->fresh = true; /* cut off at the outer end: no delta to the stack before */
	*pushed = thread->fresh ? whole : walk->depth - walk->kept;
	if (!flush_make_room(thread, ALLOC_WORDS + *pushed))
		return false;
	if (!thread->fresh || *pushed == whole)
		return true;
	*pushed = whole; /* the block was full, and in a new one the stack is written whole */
	return flush_make_room(thread, ALLOC_WORDS + whole);
}

static void put_alloc(struct thread *thread, uint64_t address, uint64_t size, unsigned flags,
		      struct unwind_start start)
{
	uint32_t generation = modules_generation, pushed;
	struct unwound walk =
		unwind(thread->unwinder, start, modules_unsettled() ? UNWIND_UNCACHED : generation);
	const uint64_t *addresses = unwind_addresses(thread->unwinder) + walk.depth;
	uint64_t *at;
	bool fresh;

	stack_checked(thread->unwinder, start, generation, walk);
	if (__builtin_expect(modules_pending(), 0))
		modules_flush(); /* the block may be the last thing that is left of the process */
	generation = modules_generation; /* the walk may find that a module has gone */
	if (__builtin_expect(thread->generation != generation, 0))
		thread->fresh = true;
	while (true) {
		if (!make_stack_room(thread, &walk, &pushed)) {
			/* The next walk counts from a stack that is not in the block. */
			thread->fresh = true;
			return;
		}
		at = put_prologue(thread, generation);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		fresh = thread->fresh;
		if (!fresh || pushed == walk.depth || walk.depth > EVENT_DEPTH_MAX)
			break;
		flush_begin_block(thread); /* a handler wrote the block meanwhile, see commit */
	}
	addresses -= pushed;
	if (__builtin_expect(walk.depth > EVENT_DEPTH_MAX, 0))
		at = put_simple(thread, at, EVENT_DEPTH, 0, walk.depth);
	*at++ = event_head(EVENT_ALLOC, flags | (walk.complete ? 0 : EVENT_INCOMPLETE),
			   fresh ? 0 : walk.kept, pushed);
	*at++ = address;
	*at++ = size;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	copy_words(at, addresses, pushed);
	/* Before the commit: a handler that flushes from then on makes it fresh again. */
	thread->fresh = walk.depth > EVENT_DEPTH_MAX;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!commit(thread, at + pushed))
		return;
	thread->allocations++;
	thread->allocated_bytes += size;
}

/* An event without a stack and what has to stand before it; false if it is lost. */
static inline bool put_plain(struct thread *thread, enum event_kind kind, unsigned flags,
			     uint64_t address)
{
	uint64_t *at;

	if (!flush_make_room(thread, 3))
		return false;
	at = put_prologue(thread, modules_generation);
	return commit(thread, put_simple(thread, at, kind, flags, address));
}

static inline void put_free(struct thread *thread, uint64_t address, unsigned flags)
{
	thread->frees += put_plain(thread, EVENT_FREE, flags, address);
}

static void put_undo(struct thread *thread)
{
	thread->frees -= put_plain(thread, EVENT_UNDO, 0, 0);
}

/* An allocation of the side array: no stack, and the next stack is written whole. */
static void put_side_alloc(struct thread *thread, const struct side_event *event)
{
	uint64_t *at;

	if (!flush_make_room(thread, 4))
		return;
	at = put_prologue(thread, modules_generation);
	*at++ = event_head(EVENT_ALLOC, event->flags | EVENT_NO_STACK, 0, 0);
	*at++ = event->address;
	*at++ = event->size;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	if (!commit(thread, at))
		return;
	thread->fresh = true;
	thread->allocations++;
	thread->allocated_bytes += event->size;
}

/* No handler may come between: what it adds would be taken for done, or done twice. */
static void put_side(struct thread *from, struct thread *into, uint64_t result)
{
	uint64_t signals;

	sys_block_signals(&signals);
	int n = from->n_side, kept = n < SIDE_MAX ? n : SIDE_MAX;

	for (int i = 0; i < kept; i++) {
		const struct side_event *event = &from->side[i];

		if (side_is_echo(from, i, kept, result))
			continue;
		if (event->kind == EVENT_ALLOC)
			put_side_alloc(into, event);
		else if (event->kind == EVENT_FREE)
			put_free(into, event->address, event->flags);
		else
			put_undo(into);
	}
	if (n > kept)
		writer_lost(LOSS_SIDE_ARRAY, (uint64_t)(n - kept));
	from->n_side = 0;
	sys_restore_signals(&signals);
}

/* True: an event goes into the thread's own block, under its own guard. */
static inline bool begin(struct thread *thread)
{
	if (__builtin_expect(thread == thread_late, 0))
		return false;
	thread->busy = 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__builtin_expect(epoch->mode == MODE_RECORDING, 1))
		return true;
	thread->busy = 0;
	return false;
}

/*
 * If not: it goes into the late stream, under its lock, which is taken; or nowhere (false), if a
 * handler forked: what it interrupted is the parent's.
 */
static bool begin_late(struct lock_held *held)
{
	if (epoch->mode != MODE_RECORDING && epoch->mode != MODE_LATE)
		return false;
	*held = lock_take(&epoch->late);
	return true;
}

static inline void finish(struct thread *thread)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread->busy = 0;
}

void record_side(struct thread *thread)
{
	struct lock_held held;

	if (begin(thread)) {
		put_side(thread, thread, 0);
		finish(thread);
	} else if (begin_late(&held)) {
		put_side(thread, thread_late, 0);
		lock_give(&held);
	} else {
		thread->n_side = 0;
	}
}

static __attribute__((noinline)) void alloc_elsewhere(struct hook hook, uint64_t address,
						      size_t size, unsigned flags,
						      struct unwind_start start)
{
	struct lock_held held;

	if (hook.nested) {
		side_add(hook.thread, (struct side_event){.kind = EVENT_ALLOC,
							  .flags = (uint8_t)flags,
							  .address = address,
							  .size = size});
	} else if (begin_late(&held)) {
		put_alloc(thread_late, address, size, flags, start);
		lock_give(&held);
	}
}

void record_alloc(struct hook hook, const void *address, size_t size, unsigned flags,
		  struct unwind_start start)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested || !begin(thread), 0)) {
		alloc_elsewhere(hook, (uintptr_t)address, size, flags, start);
		return;
	}
	if (!(flags & EVENT_RESIZE))
		thread->outer_free = 0;
	if (__builtin_expect(thread->n_side, 0))
		put_side(thread, thread, (uintptr_t)address);
	put_alloc(thread, (uintptr_t)address, size, flags, start);
	finish(thread);
}

static __attribute__((noinline)) void free_elsewhere(struct hook hook, uint64_t address,
						     unsigned flags)
{
	struct lock_held held;

	if (hook.nested) {
		side_add(hook.thread, (struct side_event){.kind = EVENT_FREE,
							  .flags = (uint8_t)flags,
							  .address = address});
	} else if (begin_late(&held)) {
		put_free(thread_late, address, flags);
		lock_give(&held);
	}
}

void record_free(struct hook hook, const void *address, unsigned flags)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested || !begin(thread), 0)) {
		free_elsewhere(hook, (uintptr_t)address, flags);
		return;
	}
	if (__builtin_expect(thread->n_side, 0))
		put_side(thread, thread, 0);
	thread->outer_free = (uintptr_t)address;
	put_free(thread, (uintptr_t)address, flags);
	finish(thread);
}

void record_undo(struct hook hook)
{
	struct thread *thread = hook.thread;
	struct lock_held held;

	if (hook.nested) {
		side_add(thread, (struct side_event){.kind = EVENT_UNDO});
	} else if (begin(thread)) {
		put_undo(thread); /* first: it takes back the last free of the stream */
		finish(thread);
	} else if (begin_late(&held)) {
		put_undo(thread_late);
		lock_give(&held);
	}
}

void record_fork(struct thread *thread, uint64_t parent_pid)
{
	put_plain(thread, EVENT_FORK, 0, parent_pid);
}
