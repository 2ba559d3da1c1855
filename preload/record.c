// SPDX-License-Identifier: MIT
/*
 * The hot path. A block's words are written first and the word that counts them last, so that
 * whoever ends the process, and whoever reads the journal, finds whole events.
 */
#include "record.h"

#include "busy.h"
#include "flush.h"
#include "live_table.h"
#include "modules.h"
#include "process.h"
#include "put_alloc.h"
#include "side.h"

#define FREE_WORDS 3

/* As put_whole, but shorter: one of sixteen frees comes by here. */
static inline bool put_free(struct thread *thread, uint64_t address, unsigned flags)
{
	bool done;

	do {
		if (!flush_make_room(thread, FREE_WORDS))
			return false;
		uint64_t *at = put_prologue(thread, modules_generation);

		done = commit(thread, put_simple(thread, at, EVENT_FREE, flags, address));
	} while (!done && must_rewrite(thread));
	thread->frees += done;
	return done;
}

/* No handler may come between: what it adds would be taken for done, or done twice. */
void record_side_into(struct thread *from, struct thread *into, uint64_t result)
{
	uint64_t signals;

	sys_block_signals(&signals);
	int n = from->n_side, kept = n < SIDE_MAX ? n : SIDE_MAX;

	for (int i = 0; i < kept; i++) {
		const struct side_event *event = &from->side[i];

		if (side_is_echo(from, i, kept, result))
			continue;
		put_whole(into, event);
		if (recording.live)
			live_change(into, event, STACK_NONE);
	}
	if (n > kept)
		writer_lost(LOSS_SIDE_ARRAY, (uint64_t)(n - kept));
	from->n_side = 0;
	sys_restore_signals(&signals);
}

static __attribute__((noinline)) void alloc_slowly(struct hook hook, uint64_t address, size_t size,
						   unsigned flags, struct unwind_start start)
{
	record_stack_event(hook,
			   (struct side_event){.kind = EVENT_ALLOC,
					       .flags = (uint8_t)flags,
					       .address = address,
					       .size = size},
			   start);
}

void record_alloc(struct hook hook, const void *address, size_t size, unsigned flags,
		  struct unwind_start start)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested || !busy_begin_plain(thread), 0)) {
		alloc_slowly(hook, (uintptr_t)address, size, flags, start);
		return;
	}
	if (!(flags & EVENT_RESIZE))
		thread->outer_free = 0;
	if (__builtin_expect(thread->n_side, 0))
		record_side_into(thread, thread, (uintptr_t)address);
	put_walked(thread, EVENT_ALLOC, (uintptr_t)address, size, 0, flags,
		   walk_stack(thread, start));
	busy_end(thread);
}

static __attribute__((noinline)) bool free_elsewhere(struct hook hook, uint64_t address,
						     unsigned flags)
{
	return record_event(hook, (struct side_event){.kind = EVENT_FREE,
						      .flags = (uint8_t)flags,
						      .address = address});
}

static __attribute__((noinline)) bool free_slowly(struct thread *thread, uint64_t address,
						  unsigned flags)
{
	if (thread->n_side)
		record_side_into(thread, thread, 0);
	thread->outer_free = address;
	bool done = put_free(thread, address, flags);

	busy_end(thread);
	return done;
}

/* A handler came between. */
static __attribute__((noinline)) bool free_again(struct thread *thread, uint64_t address,
						 unsigned flags)
{
	bool done = must_rewrite(thread) && put_free(thread, address, flags);

	busy_end(thread);
	return done;
}

/* As free_slowly, where nothing has to stand before the event. */
static inline bool free_quickly(struct thread *thread, uint64_t address, unsigned flags)
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
	if (__builtin_expect(!replace(&slot->committed, from, from + 2 + thread->stamped), 0))
		return free_again(thread, address, flags);
	thread->frees++;
	busy_end(thread);
	return true;
}

bool record_free(struct hook hook, const void *address, unsigned flags)
{
	struct thread *thread = hook.thread;

	if (__builtin_expect(hook.nested || !busy_begin_plain(thread), 0))
		return free_elsewhere(hook, (uintptr_t)address, flags);
	if (__builtin_expect(thread->n_side || thread->until_time == 1 || must_stamp(thread) ||
				     thread->generation != modules_generation ||
				     block_room(&thread->block) < FREE_WORDS,
			     0))
		return free_slowly(thread, (uintptr_t)address, flags);
	return free_quickly(thread, (uintptr_t)address, flags);
}
