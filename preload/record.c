// SPDX-License-Identifier: MIT
/*
 * The hot path. A block's words are written first and the word that counts them last, so that
 * whoever ends the process, and whoever reads the journal, finds whole events. `busy` and the mode
 * are a handshake: a recording thread sets busy and then looks at the mode, the ending thread sets
 * the mode, issues membarrier and waits for busy.
 */
#include "record.h"

#include "flush.h"
#include "modules.h"
#include "put_event.h"
#include "side.h"
#include "stack_check.h"

#define ALLOC_WORDS (EVENT_WORDS_MAX - EVENT_DEPTH_MAX)
#define FREE_WORDS 3
#define UNMAP_WORDS 4

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

static inline __attribute__((always_inline)) void put_alloc(struct thread *thread, uint32_t domain,
							    uint64_t address, uint64_t size,
							    unsigned flags,
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
	*at++ = event_head(domain ? EVENT_TRACK : EVENT_ALLOC,
			   flags | (walk.complete ? 0 : EVENT_INCOMPLETE), fresh ? 0 : walk.kept,
			   pushed);
	*at++ = address;
	*at++ = size;
	if (domain)
		*at++ = domain;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	copy_words(at, addresses, pushed);
	/* Before the commit: a handler that flushes from then on makes it fresh again. */
	thread->fresh = walk.depth > EVENT_DEPTH_MAX;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!commit(thread, at + pushed) || domain)
		return;
	thread->allocations++;
	thread->allocated_bytes += size;
}

/* An event without a stack and what has to stand before it; false if it is lost. */
static inline bool put_plain(struct thread *thread, enum event_kind kind, unsigned flags,
			     uint64_t address)
{
	uint64_t *at;

	if (!flush_make_room(thread, FREE_WORDS))
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
		put_alloc(thread_late, DOMAIN_HEAP, address, size, flags, start);
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
	put_alloc(thread, DOMAIN_HEAP, (uintptr_t)address, size, flags, start);
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

static __attribute__((noinline)) void free_slowly(struct thread *thread, uint64_t address,
						  unsigned flags)
{
	if (thread->n_side)
		put_side(thread, thread, 0);
	thread->outer_free = address;
	put_free(thread, address, flags);
	finish(thread);
}

/* As free_slowly, where nothing has to stand before the event. */
static inline void free_quickly(struct thread *thread, uint64_t address, unsigned flags)
{
	struct journal_slot *slot = thread->block.slot;
	uint64_t from = __atomic_load_n(&slot->committed, __ATOMIC_RELAXED);
	uint64_t *at = slot->words + block_word_count(from);

	thread->until_time--;
	thread->outer_free = address;
	at[0] = event_head(EVENT_FREE, flags, 0, 0);
	at[1] = address;
	if (thread->stamped)
		at[2] = next_stamp(thread);
	if (__builtin_expect(replace(&slot->committed, from, from + 2 + thread->stamped), 1))
		thread->frees++;
	else
		lose_event(thread);
	finish(thread);
}

void record_free(struct hook hook, const void *address, unsigned flags)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested || !begin(thread), 0))
		free_elsewhere(hook, (uintptr_t)address, flags);
	else if (__builtin_expect(thread->n_side || thread->until_time == 1 || must_stamp(thread) ||
					  thread->generation != modules_generation ||
					  block_room(&thread->block) < FREE_WORDS,
				  0))
		free_slowly(thread, (uintptr_t)address, flags);
	else
		free_quickly(thread, (uintptr_t)address, flags);
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

/* What is written where no nested hook writes: the thread's own stream, or the late one (*held). */
static struct thread *begin_outer(struct thread *thread, struct lock_held *held)
{
	if (begin(thread)) {
		if (thread->n_side)
			put_side(thread, thread, 0);
		return thread;
	}
	return begin_late(held) ? thread_late : NULL;
}

static void finish_outer(struct thread *into, struct lock_held *held)
{
	if (into == thread_late)
		lock_give(held);
	else
		finish(into);
}

void record_track(struct hook hook, uint32_t domain, const void *address, size_t size,
		  unsigned flags, struct unwind_start start)
{
	struct lock_held held;
	struct thread *into = begin_outer(hook.thread, &held);

	if (!into)
		return;
	into->outer_free = 0;
	put_alloc(into, domain, (uintptr_t)address, size, flags, start);
	finish_outer(into, &held);
}

static void put_unmap(struct thread *thread, uint64_t address, uint64_t size, unsigned flags)
{
	uint64_t *at;

	if (!flush_make_room(thread, UNMAP_WORDS))
		return;
	at = put_prologue(thread, modules_generation);
	*at++ = event_head(EVENT_UNMAP, flags, 0, 0);
	*at++ = address;
	*at++ = size;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	commit(thread, at);
}

void record_unmap(struct hook hook, const void *address, size_t size, unsigned flags)
{
	struct lock_held held;
	struct thread *into = begin_outer(hook.thread, &held);

	if (!into)
		return;
	into->outer_free = 0;
	put_unmap(into, (uintptr_t)address, size, flags);
	finish_outer(into, &held);
}

void record_undo_unmap(struct hook hook)
{
	struct lock_held held;

	/* Before what a handler added meanwhile: it takes back the last event of the stream. */
	if (begin(hook.thread)) {
		put_plain(hook.thread, EVENT_UNDO, 0, 0);
		finish(hook.thread);
	} else if (begin_late(&held)) {
		put_plain(thread_late, EVENT_UNDO, 0, 0);
		lock_give(&held);
	}
}

void record_fork(struct thread *thread, uint64_t parent_pid)
{
	put_plain(thread, EVENT_FORK, 0, parent_pid);
}
