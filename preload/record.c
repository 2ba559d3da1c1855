// SPDX-License-Identifier: MIT
/*
 * The hot path. A block's words are written first and n_words last, so that whoever ends the
 * process finds whole events. `busy` and the mode are a handshake: a recording thread sets busy and
 * then looks at the mode, the ending thread sets the mode, issues membarrier and waits for busy.
 */
#include "record.h"

#include <string.h>
#include <sys/single_threaded.h>

#include "clock.h"
#include "common/event.h"
#include "flush.h"
#include "modules.h"
#include "replace.h"

#define EVENTS_PER_CLOCK 16
#define ALLOC_WORDS (EVENT_WORDS_MAX - EVENT_DEPTH_MAX)

static uint64_t next_stamp(struct thread *thread)
{
	uint64_t stamp = clock_stamp();

	if (stamp < thread->last_stamp)
		stamp = thread->last_stamp;
	thread->last_stamp = stamp;
	return stamp;
}

/* One event without a stack, at `at`; returns the word after it. */
static uint64_t *put_simple(struct thread *thread, uint64_t *at, enum event_kind kind,
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
	memset(thread->known, 0, sizeof thread->known);
	return put_simple(thread, at, EVENT_MODULES, 0, thread->generation);
}

/* What has to stand before the next event of the stream, at most PROLOGUE_WORDS; the word after it. */
static inline uint64_t *put_prologue(struct thread *thread, uint32_t generation)
{
	uint32_t from = __atomic_load_n(&thread->block.n_words, __ATOMIC_RELAXED);
	uint64_t *at = thread->block.words + from;

	thread->write_from = from;
	if (__builtin_expect(!thread->stamped && (thread->number != 1 || !__libc_single_threaded),
			     0)) {
		/* One way: from now on every event of this stream has a stamp. */
		thread->stamped = true;
		at = put_simple(thread, at, EVENT_CLOCK_ON, 0, 0);
	}
	if (__builtin_expect(thread->generation != generation, 0))
		at = put_generation(thread, at, generation);
	if (__builtin_expect(--thread->until_time == 0, 0))
		at = put_time(thread, at);
	if (__builtin_expect(thread == thread_late && thread->late_number != thread_number(), 0)) {
		thread->late_number = thread_number();
		at = put_simple(thread, at, EVENT_THREAD, 0, thread->late_number);
	}
	return at;
}

/* False: the event is lost, and counted as such. */
static inline bool commit(struct thread *thread, const uint64_t *end)
{
	struct block *block = &thread->block;

	if (__builtin_expect(
		    !replace(&block->n_words, thread->write_from, (uint32_t)(end - block->words)),
		    0)) {
		/* A handler that interrupted us here tried to exec, and that wrote the block. */
		flush_begin_block(thread);
		writer_lost(LOSS_SIDE_ARRAY, 1);
		return false;
	}
	block->events++;
	if (__builtin_expect(thread == thread_late && flush_late_word, 0))
		__atomic_store_n(flush_late_word, (uint64_t)block->serial << 32 | block->n_words,
				 __ATOMIC_RELEASE);
	return true;
}

static inline void note_modules(struct thread *thread, const uint64_t *addresses, uint32_t n)
{
	bool unsettled = modules_unsettled();

	for (uint32_t i = 0; i < n; i++) {
		uint64_t *known =
			&thread->known[(addresses[i] ^ addresses[i] >> 9) & (KNOWN_MAX - 1)];

		if (*known == addresses[i] && !unsettled)
			continue;
		modules_note(addresses[i]);
		*known = addresses[i];
	}
}

/* Room for an event with the stack of `walk`; *pushed is how many of its innermost frames to write. */
static bool make_stack_room(struct thread *thread, const struct unwound *walk, uint32_t *pushed)
{
	uint32_t whole = walk->depth < EVENT_DEPTH_MAX ? walk->depth : EVENT_DEPTH_MAX;
	uint32_t rest = walk->depth - walk->kept;

	if (whole < walk->depth)
		thread->fresh = true; /* cut off at the outer end: no delta to the stack before */
	*pushed = thread->fresh ? whole : rest;
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

	note_modules(thread, addresses - walk.depth + (thread->fresh ? 0 : walk.kept),
		     walk.depth - (thread->fresh ? 0 : walk.kept));
	generation = modules_generation; /* noting may find that a module has gone */
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
	if (__builtin_expect(thread == thread_late && flush_late_word, 0))
		modules_flush(); /* there is no later flush that would do it */
	if (__builtin_expect(walk.depth > EVENT_DEPTH_MAX, 0))
		at = put_simple(thread, at, EVENT_DEPTH, 0, walk.depth);
	*at++ = event_head(EVENT_ALLOC, flags | (walk.complete ? 0 : EVENT_INCOMPLETE),
			   fresh ? 0 : walk.kept, pushed);
	*at++ = address;
	*at++ = size;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	memcpy(at, addresses, pushed * sizeof *at);
	/* Before the commit: a handler that flushes from then on makes it fresh again. */
	thread->fresh = walk.depth > EVENT_DEPTH_MAX;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!commit(thread, at + pushed))
		return;
	thread->allocations++;
	thread->allocated_bytes += size;
}

/* An event without a stack and what has to stand before it; false if it is lost. */
static bool put_plain(struct thread *thread, enum event_kind kind, unsigned flags, uint64_t address)
{
	uint64_t *at;

	if (!flush_make_room(thread, 3))
		return false;
	at = put_prologue(thread, modules_generation);
	return commit(thread, put_simple(thread, at, kind, flags, address));
}

static void put_free(struct thread *thread, uint64_t address, unsigned flags)
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

static void add_side(struct thread *thread, struct side_event event)
{
	int place = thread->n_side - 1;

	/* The same call once more, by an allocator that calls itself inside a nested hook. */
	if (place >= 0 && place < SIDE_MAX && event.kind != EVENT_UNDO &&
	    thread->side[place].kind == event.kind &&
	    thread->side[place].address == event.address) {
		thread->side[place] = event;
		return;
	}
	place = __atomic_fetch_add(&thread->n_side, 1, __ATOMIC_RELAXED);
	if (place < SIDE_MAX)
		thread->side[place] = event;
}

/*
 * An allocator may do its work through the interposed names (posix_memalign through memalign): the
 * inner call is then the outer one once more. It is when no later entry takes the address back.
 */
static bool is_echo(const struct thread *thread, int i, int n, uint64_t result)
{
	const struct side_event *event = &thread->side[i];

	if (event->kind == EVENT_FREE) {
		for (int before = 0; before < i; before++)
			if (thread->side[before].address == event->address)
				return false; /* a handler got it anew and gave it back */
		return event->address == thread->outer_free;
	}
	if (event->kind != EVENT_ALLOC || event->address != result || !result)
		return false;
	for (int later = i + 1; later < n; later++)
		if (thread->side[later].address == result)
			return false;
	return true;
}

/* No handler may come between: what it adds would be taken for done, or done twice. */
static void put_side(struct thread *from, struct thread *into, uint64_t result)
{
	uint64_t signals;

	sys_block_signals(&signals);
	int n = from->n_side, kept = n < SIDE_MAX ? n : SIDE_MAX;

	for (int i = 0; i < kept; i++) {
		const struct side_event *event = &from->side[i];

		if (is_echo(from, i, kept, result))
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

/* What a recording thread does under its own guard, any other under the lock of the late stream. */
static bool begin(struct thread **thread)
{
	if (*thread != thread_late) {
		(*thread)->busy = 1;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		if (__builtin_expect(epoch->mode == MODE_RECORDING, 1))
			return false;
		(*thread)->busy = 0;
		*thread = thread_late;
	}
	return true;
}

static inline void finish(struct thread *thread)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread->busy = 0;
}

void record_side(struct thread *thread)
{
	struct thread *into = thread;

	if (begin(&into)) {
		struct lock_held held = lock_take(&epoch->late);

		put_side(thread, into, 0);
		lock_give(&held);
		return;
	}
	put_side(thread, into, 0);
	finish(thread);
}

void record_alloc(struct hook hook, const void *address, size_t size, unsigned flags,
		  struct unwind_start start)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested, 0)) {
		add_side(thread, (struct side_event){.kind = EVENT_ALLOC,
						     .flags = (uint8_t)flags,
						     .address = (uintptr_t)address,
						     .size = size});
		return;
	}
	if (__builtin_expect(begin(&thread), 0)) {
		struct lock_held held = lock_take(&epoch->late);

		put_alloc(thread, (uintptr_t)address, size, flags, start);
		lock_give(&held);
		return;
	}
	if (!(flags & EVENT_RESIZE))
		thread->outer_free = 0;
	if (__builtin_expect(thread->n_side, 0))
		put_side(thread, thread, (uintptr_t)address);
	put_alloc(thread, (uintptr_t)address, size, flags, start);
	finish(thread);
}

void record_free(struct hook hook, const void *address, unsigned flags)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested, 0)) {
		add_side(thread, (struct side_event){.kind = EVENT_FREE,
						     .flags = (uint8_t)flags,
						     .address = (uintptr_t)address});
		return;
	}
	if (__builtin_expect(begin(&thread), 0)) {
		struct lock_held held = lock_take(&epoch->late);

		put_free(thread, (uintptr_t)address, flags);
		lock_give(&held);
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

	if (hook.nested) {
		add_side(thread, (struct side_event){.kind = EVENT_UNDO});
		return;
	}
	if (begin(&thread)) {
		struct lock_held held = lock_take(&epoch->late);

		put_undo(thread);
		lock_give(&held);
		return;
	}
	put_undo(thread); /* before the side array: it takes back the last free of the stream */
	finish(thread);
}

void record_fork(struct thread *thread, uint64_t parent_pid)
{
	put_plain(thread, EVENT_FORK, 0, parent_pid);
}
