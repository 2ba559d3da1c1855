// SPDX-License-Identifier: MIT
/*
 * Threads begin at their first event and end in the last round of key destructors. glibc still
 * frees memory of a thread after that (and C++ may allocate): such events go to the late stream.
 */
#include "thread.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/bytes.h"
#include "flush.h"
#include "memory.h"
#include "process.h"
#include "record.h"

#define BLOCK_WORDS_FIRST (8u << 10)
#define NAME_SIZE 16
#define QUIESCE_STEP_NS 50000
#define QUIESCE_STEPS 4000 /* 200 ms, far more than the longest flush */
#define MEMBARRIER_PRIVATE_EXPEDITED 8
#define MEMBARRIER_REGISTER_PRIVATE_EXPEDITED 16

static struct epoch_page before_start;
struct epoch_page *epoch = &before_start;

__thread struct thread *thread_self;
/* What is left of a thread once its state is given back. */
static __thread bool ended;
static __thread uint32_t own_number;
static __thread uintptr_t late_guard;

struct thread *thread_late;

static struct thread *threads;
static uint32_t last_number;
static pthread_key_t end_key;
static __thread unsigned end_rounds;

static struct thread *make_state(void)
{
	struct thread *thread = memory_map(sizeof *thread);

	if (!thread)
		return NULL;
	thread->unwinder = memory_map(unwind_state_size());
	thread->block.words = memory_map(BLOCK_WORDS_FIRST * sizeof(uint64_t));
	thread->block.capacity = BLOCK_WORDS_FIRST;
	if (thread->unwinder && thread->block.words)
		return thread;
	memory_unmap(thread->unwinder, unwind_state_size());
	memory_unmap(thread->block.words, BLOCK_WORDS_FIRST * sizeof(uint64_t));
	memory_unmap(thread, sizeof *thread);
	return NULL;
}

/*
 * A thread whose first event came in a late round of key destructors did not see the last round:
 * its state is found again once the thread is gone.
 */
static bool is_left(struct thread *thread)
{
	if (!thread->used)
		return true;
	if (!thread->ending || sys_tgkill(sys_getpid(), (int)thread->tid, 0) != -ESRCH)
		return false;
	flush_block(thread);
	return true;
}

/* The state is the calling thread's from now on; under the lock, or in a process of one thread. */
static void claim(struct thread *thread)
{
	thread->used = true;
	thread->ending = false;
	thread->tid = (uint32_t)sys_gettid();
	thread->number = ++last_number;
}

/* A state that an ended thread left, or a new one, in the list and claimed. */
static struct thread *find_state(void)
{
	struct lock_held held = lock_take(&epoch->threads);
	struct thread *thread = threads;

	while (thread && !is_left(thread))
		thread = thread->next;
	if (!thread) {
		thread = make_state();
		if (thread) {
			thread->next = threads;
			__atomic_store_n(&threads, thread, __ATOMIC_RELEASE);
		}
	}
	if (thread)
		claim(thread);
	lock_give(&held);
	return thread;
}

static void reset_state(struct thread *thread)
{
	thread->named = false;
	thread->guard = 0;
	thread->busy = 0;
	thread->n_side = 0;
	thread->block.n_words = 0;
	thread->block.events = 0;
	thread->block.serial = 0;
	thread->block.stamped = false;
	thread->stamped = false;
	thread->last_stamp = 0;
	thread->last_time_ns = 0;
	flush_begin_block(thread);
	memset(thread->known, 0, sizeof thread->known);
	unwind_release(thread->unwinder); /* what it remembers is of another thread's stack */
}

static struct thread *begin(void)
{
	uint64_t signals;

	/* A handler that allocates now would begin the same thread a second time. */
	sys_block_signals(&signals);
	struct thread *thread = thread_self;

	if (!thread) {
		thread = find_state();
		if (thread) {
			reset_state(thread);
			own_number = thread->number;
			end_rounds = 0;
			thread_self = thread;
			pthread_setspecific(end_key, thread);
		}
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
	thread->ending = true;
	if (++end_rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
		pthread_setspecific(end_key, thread);
		return;
	}
	sys_block_signals(&signals);
	thread_self = NULL;
	ended = true;
	thread->busy = 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	bool given_back = epoch->mode == MODE_RECORDING;

	if (given_back)
		flush_block(thread);
	thread->busy = 0;
	if (given_back)
		__atomic_store_n(&thread->used, false, __ATOMIC_RELEASE);
	sys_restore_signals(&signals);
}

void thread_start(void)
{
	/* Among the first 32 keys, whose values live in the thread itself: setspecific never allocates. */
	pthread_key_create(&end_key, end);
	sys_membarrier(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED);
	thread_late = make_state();
	if (!thread_late)
		return;
	thread_late->block.stamped = true;
	thread_late->stamped = true;
	thread_late->n_side = 1; /* keeps thread_leave on its slow path, which opens late_guard */
	flush_begin_block(thread_late);
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

struct hook thread_enter_slowly(uintptr_t frame)
{
	struct thread *thread = thread_self;

	if (epoch->mode == MODE_WIPED) {
		process_wiped();
		thread = thread_self; /* another one if a handler forked, see thread_forked */
	}
	if (epoch->mode == MODE_OFF || epoch->mode == MODE_WIPED)
		return (struct hook){0};
	if (epoch->mode == MODE_LATE || ended)
		return enter_late(frame);
	if (!thread)
		thread = begin();
	if (!thread) {
		writer_lost(LOSS_MEMORY, 1);
		return (struct hook){0};
	}
	if (thread->guard && !is_left_behind(thread->guard, frame))
		return (struct hook){.thread = thread, .nested = true};
	if (thread->guard) {
		/* The jump may have led out of the walk or out of writing an event: begin both anew. */
		unwind_release(thread->unwinder);
		thread->fresh = true;
		thread->busy = 0;
	}
	thread->guard = frame;
	return (struct hook){.thread = thread};
}

void thread_leave_slowly(struct thread *thread)
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

void thread_forked(void)
{
	struct thread *self = thread_self;

	if (self && self->guard) {
		/* A handler forked: the hook that it interrupted goes on with a state that nobody reads. */
		struct thread **link = &threads;

		while (*link != self)
			link = &(*link)->next;
		*link = self->next;
		thread_self = self = NULL;
		writer_lost(LOSS_SIDE_ARRAY, 1);
	}
	for (struct thread *thread = threads; thread; thread = thread->next) {
		thread->used = thread == self;
		thread->allocations = thread->frees = thread->allocated_bytes = 0;
	}
	last_number = 0;
	if (self) {
		reset_state(self);
		claim(self);
		own_number = self->number;
	}
	if (thread_late) {
		struct block *block = &thread_late->block;

		thread_late->allocations = thread_late->frees = thread_late->allocated_bytes = 0;
		thread_late->last_stamp = 0;
		/* The parent's may be mapped from its file: memory of our own instead, whatever was there. */
		block->words = memory_map(BLOCK_WORDS_FIRST * sizeof(uint64_t));
		block->capacity = block->words ? BLOCK_WORDS_FIRST : 0;
		block->n_words = block->events = block->serial = 0;
		flush_late_unmapped();
		flush_begin_block(thread_late);
	}
}

uint32_t thread_count(void)
{
	return last_number;
}

uint32_t thread_number(void)
{
	return own_number;
}

void thread_quiesce(void)
{
	/* Makes every other thread's `busy` and ours of `mode` seen by the other side; see record.c. */
	sys_membarrier(MEMBARRIER_PRIVATE_EXPEDITED);
	for (struct thread *thread = threads; thread; thread = thread->next)
		for (int step = 0;
		     thread != thread_self && thread->used && thread->busy && step < QUIESCE_STEPS;
		     step++)
			sys_nanosleep(QUIESCE_STEP_NS);
}

void thread_each(void (*visit)(struct thread *))
{
	for (struct thread *thread = threads; thread; thread = thread->next)
		if (thread->used)
			visit(thread);
}

void thread_totals(struct closing *closing)
{
	closing->threads = last_number;
	for (struct thread *thread = threads;; thread = thread->next) {
		if (!thread)
			thread = thread_late;
		if (!thread)
			return;
		closing->allocations += thread->allocations;
		closing->frees += thread->frees;
		closing->allocated_bytes += thread->allocated_bytes;
		if (thread == thread_late)
			return;
	}
}

/* The name that the kernel has for a thread of this process; its size. */
static size_t read_name(uint32_t tid, char name[NAME_SIZE])
{
	char path[] = "/proc/self/task/..........\0comm", *at = path + strlen("/proc/self/task/");
	char digits[10];
	long size;
	int fd, n = 0;

	for (uint32_t rest = tid; rest || !n; rest /= 10)
		digits[n++] = (char)('0' + rest % 10);
	while (n)
		*at++ = digits[--n];
	memcpy(at, "/comm", sizeof "/comm");
	fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	size = sys_read(fd, name, NAME_SIZE);
	sys_close(fd);
	return size > 0 ? (size_t)size - (name[size - 1] == '\n') : 0;
}

void thread_write_name(struct thread *thread)
{
	uint8_t record[64];
	struct put p = put_into(record, sizeof record);
	char name[NAME_SIZE] = "";
	size_t size;

	if (thread == thread_late)
		return;
	if (thread->tid == (uint32_t)sys_gettid()) {
		sys_prctl(PR_GET_NAME, (long)name);
		size = strnlen(name, sizeof name);
	} else {
		size = read_name(thread->tid, name);
	}
	put_varint(&p, thread->number);
	put_varint(&p, thread->tid);
	put_string(&p, name, size);
	writer_chunk(CHUNK_THREADS, 1, record, (size_t)(p.at - record));
	thread->named = true;
}
