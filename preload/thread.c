// SPDX-License-Identifier: MIT
/*
 * Threads begin at their first event and end in the last round of key destructors. glibc still
 * frees memory of a thread after that (and C++ may allocate): such events go to the late stream.
 */
#include "thread.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "flush.h"
#include "live_table.h"
#include "process.h"
#include "record.h"
#include "remote.h"
#include "thread_name.h"
#include "thread_state.h"
#include "totals.h"

#ifdef __SANITIZE_THREAD__ /* TSan forgets a thread in the last round */
#undef PTHREAD_DESTRUCTOR_ITERATIONS
#define PTHREAD_DESTRUCTOR_ITERATIONS 3
#endif
#define MEMBARRIER_REGISTER_PRIVATE_EXPEDITED 16

static struct epoch_page before_start;
struct epoch_page *epoch = &before_start;

__thread struct thread *thread_self;
/* Without a state: it is given back, or there is no room for one. */
static __thread bool ended, stateless;
static __thread uint32_t own_number;
static __thread uintptr_t late_guard;

struct thread *thread_late;

static pthread_key_t end_key;
static __thread unsigned end_rounds;

static void reset_state(struct thread *thread)
{
	thread->named = false;
	thread->guard = 0;
	thread->busy = 0;
	thread->left_over = 0;
	thread->stamped = thread->number != 1; /* from the first chunk on: readers open it late */
	thread->last_stamp = 0;
	thread->last_time_ns = 0;
	thread_name_read(thread->tid, thread->name);
	block_begin_stream(&thread->block, thread->number, thread->tid, thread->name);
	flush_begin_block(thread);
	unwind_release(thread->unwinder); /* what it remembers is of another thread's stack */
}

static struct thread *begin(void)
{
	uint64_t signals;

	/* A handler that allocates now would begin the same thread a second time. */
	sys_block_signals(&signals);
	struct thread *thread = thread_self;

	if (!thread) {
		thread = state_find(&own_number);
		stateless = !thread;
		if (stateless) {
			thread_name_record_own(own_number);
		} else {
			reset_state(thread);
			end_rounds = 0;
			thread_self = thread;
			pthread_setspecific(end_key, thread);
		}
		process_tell_kept();
	}
	sys_restore_signals(&signals);
	return thread;
}

/* Key destructors run in up to PTHREAD_DESTRUCTOR_ITERATIONS rounds; ours waits for the last. */
static void end(void *state)
{
	struct thread *thread = state;
	uint64_t signals;

	if (thread != thread_self)
		return; /* of a parent's thread, in a forked child */
	__atomic_store_n(&thread->ending, true, __ATOMIC_RELAXED);
	if (++end_rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
		pthread_setspecific(end_key, thread);
		return;
	}
	sys_block_signals(&signals);
	thread_self = NULL;
	ended = true;
	thread->busy = 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	bool given_back = mode_is_recording(epoch->mode);

	if (given_back)
		flush_last(thread);
	thread->busy = 0;
	if (given_back)
		__atomic_store_n(&thread->used, false, __ATOMIC_RELEASE);
	sys_restore_signals(&signals);
}

static void begin_late(void)
{
	thread_late->stamped = true;
	thread_late->last_stamp = 0;
	block_begin_stream(&thread_late->block, 0, 0, (const char[THREAD_NAME_SIZE]){0});
	flush_begin_block(thread_late);
}

void thread_start(void)
{
	/* Among the first 32 keys, whose values live in the thread itself: setspecific never allocates. */
	pthread_key_create(&end_key, end);
	sys_membarrier(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED);
}

/*
 * The guard is held. By an interrupted hook further down on the same stack: the caller is nested.
 * By a hook deeper than the caller: a longjmp left it behind. A handler on an alternate stack is
 * nested wherever that stack lies.
 */
static bool is_left_behind(uintptr_t guard, uintptr_t frame)
{
	stack_t alternate = {.ss_flags = SS_DISABLE};

	if (frame < guard)
		return false;
	sys_sigaltstack(&alternate);
	if (!(alternate.ss_flags & SS_ONSTACK))
		return true;
	return guard - (uintptr_t)alternate.ss_sp < alternate.ss_size;
}

static struct hook enter_late(uintptr_t frame)
{
	if (!thread_late)
		return (struct hook){0};
	if (late_guard && !is_left_behind(late_guard, frame)) {
		writer_lost(LOSS_SIDE_ARRAY, 1);
		return (struct hook){0};
	}
	late_guard = frame;
	return (struct hook){.thread = thread_late};
}

static struct hook enter(uintptr_t frame)
{
	struct thread *thread = thread_self;

	if (ended || stateless)
		return enter_late(frame);
	if (!thread)
		thread = begin();
	if (!thread)
		return enter_late(frame);
	if (thread->guard && !is_left_behind(thread->guard, frame))
		return (struct hook){.thread = thread, .nested = true};
	if (thread->guard) {
		/* The jump may have led out of the walk or out of writing an event: begin both anew. */
		unwind_release(thread->unwinder);
		live_left_behind(thread);
		thread->fresh = true;
		thread->busy = 0;
	}
	thread->guard = frame;
	return (struct hook){.thread = thread};
}

static __attribute__((noinline)) struct hook enter_anew(uintptr_t frame)
{
	if (epoch->mode == MODE_PAUSED)
		remote_answer(frame);
	if (epoch->mode == MODE_WIPED)
		process_wiped();
	if (mode_is_recording(epoch->mode))
		return enter(frame);
	return epoch->mode == MODE_LATE ? enter_late(frame) : (struct hook){0};
}

struct hook thread_enter_slowly(uintptr_t frame)
{
	if (epoch->mode == MODE_LIVE && thread_self && !thread_self->guard) {
		thread_self->guard = frame;
		return (struct hook){.thread = thread_self};
	}
	if (epoch->mode != MODE_PAUSED || remote_is_asked())
		return enter_anew(frame); /* not inlined: the other way needs no frame */
	return (struct hook){0};
}

struct hook thread_enter_paused(uintptr_t frame)
{
	return recording.closed ? enter_late(frame) : enter(frame);
}

static void write_left_over(struct thread *thread)
{
	if (thread == thread_late) {
		late_guard = 0;
		return;
	}
	while (thread->n_side) {
		thread->guard = (uintptr_t)__builtin_frame_address(0);
		record_side(thread);
		thread->guard = 0;
	}
}

void thread_leave_slowly(struct thread *thread)
{
	write_left_over(thread);
	if (__atomic_exchange_n(&thread->asked, 0, __ATOMIC_RELAXED))
		remote_answer((uintptr_t)__builtin_frame_address(0));
}

void thread_leave_paused(struct hook hook)
{
	if (!hook.thread || hook.nested)
		return;
	hook.thread->guard = 0;
	write_left_over(hook.thread);
}

/* A handler forked: the hook that it interrupted goes on with a state that nobody reads. */
static void drop_interrupted(void)
{
	struct thread *self = thread_self;

	if (!self || !self->guard)
		return;
	state_drop(self);
	thread_self = NULL;
	writer_lost(LOSS_SIDE_ARRAY, 1 + (uint64_t)self->n_side);
}

void thread_forget(void)
{
	drop_interrupted();
	thread_self = NULL;
	state_keep_only(NULL);
	stateless = false;
}

static bool open_late(void)
{
	if (!thread_late) {
		thread_late = state_make();
		if (!thread_late)
			return false;
		/* Keeps thread_leave on its slow path, which opens late_guard. */
		thread_late->n_side = 1;
	} else if (!block_open(&thread_late->block, thread_late->index)) {
		return false;
	}
	totals_forget(thread_late);
	begin_late();
	return true;
}

bool thread_new_trace(void)
{
	struct thread *self;

	drop_interrupted();
	self = thread_self;
	if (self && !block_open(&self->block, self->index))
		thread_self = self = NULL;
	state_keep_only(self);
	stateless = false;
	if (self) {
		state_claim(self);
		reset_state(self);
		own_number = self->number;
	}
	return open_late();
}

uint32_t thread_number(void)
{
	return own_number;
}

void thread_write_name(struct thread *thread)
{
	char name[THREAD_NAME_SIZE];

	if (thread == thread_late)
		return;
	thread_name_read(thread->tid, name);
	if (thread->named && (!*name || memcmp(name, thread->name, sizeof name) == 0))
		return;
	if (*name) /* else it has ended */
		memcpy(thread->name, name, sizeof name);
	thread_name_record(thread->number, thread->tid, thread->name);
	thread->named = true;
}
