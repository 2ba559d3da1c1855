// SPDX-License-Identifier: MIT
/*
 * A fork copies memory page by page while other threads run on, but a state lies within one page.
 * So what is read of a state is as it was at one moment, and nothing else is read: a number that was
 * given out meanwhile is none until the state has it.
 */
#include "totals.h"

static uint64_t count(const struct thread *thread)
{
	return thread->allocations + thread->frees + thread->others;
}

void totals_begin_stream(struct thread *thread, uint32_t number)
{
	/* Until both agree the state counts for neither stream: the old one is whole. */
	__atomic_store_n(&thread->base_of, number, __ATOMIC_RELEASE);
	__atomic_store_n(&thread->base, count(thread), __ATOMIC_RELEASE);
	__atomic_store_n(&thread->number, number, __ATOMIC_RELEASE);
}

void totals_lose(struct thread *thread, uint32_t events)
{
	thread->base += events;
}

void totals_forget(struct thread *thread)
{
	thread->allocations = thread->frees = thread->others = thread->allocated_bytes = 0;
	thread->base = thread->base_of = thread->number = 0;
}

static void add(struct closing *closing, const struct thread *thread)
{
	closing->allocations += thread->allocations;
	closing->frees += thread->frees;
	closing->allocated_bytes += thread->allocated_bytes;
}

void totals_sum(struct closing *closing)
{
	closing->threads = thread_count();
	for (const struct thread *thread = thread_states(); thread; thread = thread->next)
		add(closing, thread);
	if (thread_late)
		add(closing, thread_late);
}

static void put_stream(struct put *p, const struct thread *thread)
{
	put_varint(p, thread->number);
	put_varint(p, count(thread) - thread->base);
}

void totals_put_position(struct put *p)
{
	uint32_t last = 0;

	/* The numbers of ended threads stand in the states that they left, until a later one does. */
	for (const struct thread *thread = thread_states(); thread; thread = thread->next)
		last = thread->number > last ? thread->number : last;
	put_varint(p, last);
	if (thread_late)
		put_stream(p, thread_late);
	for (const struct thread *thread = thread_states(); thread; thread = thread->next)
		if (thread->used && thread->number && thread->base_of == thread->number)
			put_stream(p, thread);
}
