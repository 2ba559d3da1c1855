// SPDX-License-Identifier: MIT
/*
 * The list only grows, at its front, but in a forked child: who walks it needs no lock.
 */
#include "thread_state.h"

#include "flush.h"
#include "memory.h"
#include "totals.h"

static struct thread *threads;
static uint32_t n_states, last_number; /* states that were made, threads that were counted */

struct thread *state_make(void)
{
	struct thread *thread = memory_map(sizeof *thread);

	if (!thread)
		return NULL;
	thread->index = n_states;
	thread->unwinder = memory_map(unwind_state_size());
	if (thread->unwinder && block_open(&thread->block, thread->index)) {
		n_states++;
		return thread;
	}
	memory_unmap(thread->unwinder, unwind_state_size());
	memory_unmap(thread, sizeof *thread);
	return NULL;
}

/*
 * A thread whose first event came in a late round of key destructors did not see the last round:
 * its state is found again once the thread is gone.
 */
static bool is_left(struct thread *thread)
{
	if (!__atomic_load_n(&thread->used, __ATOMIC_ACQUIRE))
		return true;
	if (!__atomic_load_n(&thread->ending, __ATOMIC_RELAXED) ||
	    sys_tgkill(sys_getpid(), (int)thread->tid, 0) != -ESRCH)
		return false;
	flush_block(thread);
	return true;
}

void state_claim(struct thread *thread)
{
	thread->used = true;
	thread->ending = false;
	thread->tid = (uint32_t)sys_gettid();
	totals_begin_stream(thread, ++last_number);
}

struct thread *state_find(uint32_t *number)
{
	struct lock_held held = lock_take(&epoch->threads);
	struct thread *thread = threads;

	while (thread && !is_left(thread))
		thread = thread->next;
	if (!thread) {
		thread = state_make();
		if (thread) {
			thread->next = threads;
			__atomic_store_n(&threads, thread, __ATOMIC_RELEASE);
		}
	}
	/* One that was the parent's, in a forked child, has no block yet. */
	if (thread && !thread->block.capacity && !block_open(&thread->block, thread->index))
		thread = NULL;
	if (thread)
		state_claim(thread);
	*number = thread ? thread->number : ++last_number;
	lock_give(&held);
	return thread;
}

void state_drop(const struct thread *thread)
{
	struct thread **link = &threads;

	while (*link != thread)
		link = &(*link)->next;
	*link = thread->next;
}

void state_keep_only(const struct thread *self)
{
	for (struct thread *thread = threads; thread; thread = thread->next) {
		thread->used = thread == self;
		totals_forget(thread);
	}
	last_number = 0;
}

void thread_detach(void)
{
	for (struct thread *thread = threads; thread; thread = thread->next)
		block_detach(&thread->block);
	if (thread_late)
		block_detach(&thread_late->block);
	block_forked();
}

void thread_reopen_blocks(void)
{
	for (struct thread *thread = threads; thread; thread = thread->next)
		block_reopen(&thread->block);
	block_reopen(&thread_late->block);
}

uint32_t thread_count(void)
{
	return last_number;
}

struct thread *thread_states(void)
{
	return threads;
}

void thread_each(void (*visit)(struct thread *))
{
	for (struct thread *thread = threads; thread; thread = thread->next)
		if (thread->used)
			visit(thread);
}
