// SPDX-License-Identifier: MIT
/*
 * Per-thread state: the guard against recursion, the thread's block of raw events, its stack walk.
 *
 * States are mapped, listed for the process's end, and reused when a thread has ended. A hook brackets
 * its work with thread_enter and thread_leave. Between them the thread holds its guard: an event
 * that meets it (a signal handler that interrupted the hook, an allocator that calls itself through
 * the interposed names) goes into a small side array and from there into the block.
 */
#ifndef PRELOAD_THREAD_H
#define PRELOAD_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "epoch.h"
#include "thread_name.h"
#include "unwind.h"
#include "writer.h"

#define SIDE_MAX 64

/* An event as a call makes it, but for its stack; the side array has those met inside a hook. */
struct side_event {
	uint8_t kind; /* enum event_kind: any that a call makes */
	uint8_t flags;
	uint32_t domain;
	uint64_t address, size; /* or value; an UNDO of a FREE, not of an UNMAP, has a size */
};

struct thread {
	struct thread *next; /* in the list of all states, which never shrinks */
	uint32_t number;     /* of the stream, from 1; 0 is the shared late stream */
	uint32_t tid;
	uint32_t index; /* of its block in the journal */
	bool used;	/* belongs to a living thread */
	bool named;	/* a record of it is in the trace, with `name` */

	uintptr_t guard;   /* stack address of the hook that holds it, 0 = open */
	volatile int busy; /* writing into the block: the process's end waits for it */
	union {		   /* what thread_leave looks at, in one load */
		struct {
			volatile int n_side; /* may exceed SIDE_MAX: those are lost */
			volatile int asked;  /* there is something for remote_answer */
		};
		volatile uint64_t left_over;
	};
	uint64_t outer_free; /* what the hook that holds the guard frees */

	struct block block;
	uint64_t write_from; /* block_committed() when the event in the making was begun */
	bool ending;	     /* its key destructor was called */
	bool fresh; /* the next stack is written whole: the block's previous stack is empty */
	bool stamped;
	uint64_t last_stamp;
	uint64_t last_time_ns;
	uint32_t late_number; /* late stream: thread that its events belong to now */
	unsigned until_time;  /* events until the clock is read again */
	uint32_t generation;  /* of modules, that the stream is in */
	struct unwinder *unwinder;

	/* See totals.h; `frees` is without those that were undone, and `others` has both of these. */
	uint64_t allocations, frees, others, allocated_bytes;
	uint64_t base;		  /* what all but `allocated_bytes` were when the stream began */
	uint32_t base_of;	  /* whose number that was */
	struct live_thread *live; /* live_table.h; NULL until it is needed */

	char name[THREAD_NAME_SIZE]; /* as it was last read */

	struct side_event side[SIDE_MAX]; /* last: what every event needs lies close together */
};

/* What thread_enter gives to a hook. */
struct hook {
	struct thread *thread; /* NULL: record nothing */
	bool nested;	       /* the guard was held: side array */
};

extern __thread struct thread *thread_self __attribute__((tls_model("initial-exec")));

struct hook thread_enter_slowly(uintptr_t frame);
void thread_leave_slowly(struct thread *thread);

/* `frame` is the hook's frame address. */
static inline struct hook thread_enter(uintptr_t frame)
{
	struct thread *thread = thread_self;

	if (__builtin_expect(epoch->mode != MODE_RECORDING || !thread || thread->guard, 0))
		return thread_enter_slowly(frame);
	thread->guard = frame;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return (struct hook){.thread = thread};
}

static inline void thread_leave(struct hook hook)
{
	if (!hook.thread || hook.nested)
		return;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	hook.thread->guard = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__builtin_expect(hook.thread->left_over != 0, 0))
		thread_leave_slowly(hook.thread);
}

/*
 * As thread_enter where the recording is paused, to write that it begins or has ended. The caller
 * has the lock `finish`. Also nested, the hook may be written to: what it interrupted is lost then.
 * Requests are left to the thread's next hook, since to answer them takes that lock.
 */
struct hook thread_enter_paused(uintptr_t frame);
void thread_leave_paused(struct hook hook);

/* Once, before any thread is entered: the key whose destructor sees threads end. */
void thread_start(void);

/*
 * In a forked child: nothing is shared with the parent any more; and, if it does not record, no
 * thread has a state any more either.
 */
void thread_detach(void);
void thread_forget(void);

/*
 * There is a new trace: only the calling thread, if it ever recorded anything, is in it, as number
 * 1, and the late stream. False if there is no memory for that.
 */
bool thread_new_trace(void);

/* After the journal was removed and another one made: blocks in use move there. All are empty. */
void thread_reopen_blocks(void);

/* Number of threads that ever recorded something. */
uint32_t thread_count(void);

/* Calls `visit` for every state in use, whose threads may be anywhere unless they were quiesced. */
void thread_each(void (*visit)(struct thread *));

/* All states, in use or not, but for the late one. */
struct thread *thread_states(void);

/* Writes a record of the thread, if there is none or its name is another one now. */
void thread_write_name(struct thread *thread);

/* The shared state of stream 0: of ended threads, and of all once the process ends. */
extern struct thread *thread_late;
/*
 * A handler forked in the midst of a hook, and this is that hook in the child: the state was its
 * parent's, and what it still writes, nobody reads.
 */
static inline bool thread_is_dropped(const struct thread *thread)
{
	return thread != thread_self && thread != thread_late;
}

/* Which thread is recording, for the late stream. */
uint32_t thread_number(void);

#endif
