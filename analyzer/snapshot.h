// SPDX-License-Identifier: MIT
/*
 * A snapshot: the traces (live blocks) at one moment. tracemalloc's Snapshot.
 *
 * Each trace names its call stack by a number of the snapshot, which stands for a chain of
 * addresses (from a replay) or for a traceback that is already known (import, snapshot files).
 * Names are looked up when they are first asked for: a table of sizes by thread opens no binary.
 */
#ifndef ANALYZER_SNAPSHOT_H
#define ANALYZER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames.h"

struct symbols;
struct trace;

struct snapshot_trace {
	uint64_t address;
	uint64_t size;
	uint32_t stack; /* of the snapshot, see snapshot_traceback */
	uint32_t domain;
	uint32_t total_nframe; /* true depth, saturating at 65535; >= frames stored */
	uint32_t thread;       /* number of the thread that allocated; 0 unknown */
};

struct snapshot {
	struct snapshot_trace *traces; /* order carries no meaning */
	size_t n_traces;
	size_t n_removed;	  /* traces that snapshot_keep took out */
	uint64_t size;		  /* of all traces together, see snapshot_sum */
	uint64_t event;		  /* events before this moment */
	uint64_t time_ns;	  /* since recording began */
	uint64_t traceback_limit; /* nframe in force, 0 = all */
	const char *moment;	  /* "the end", "the peak", "12.5 s": for people; borrowed */
	const char *process;	  /* "sh[4711]", for keys; NULL: not known; borrowed */
	struct frames *frames;	  /* borrowed */
	struct snapshot_private *inner;
};

/* a + b, or 2^64 - 1 where that is less: made-up traces may be of any size. */
static inline uint64_t snapshot_sum(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

void snapshot_free(struct snapshot *snapshot);

/* The traceback of a stack number, a frames.h id; the whole of it, names looked up as needed. */
uint32_t snapshot_traceback(struct snapshot *snapshot, uint32_t stack);

/*
 * The frame that `lineno`, `filename` and `function` group by: the most recent one that is no
 * allocator's (or the most recent of all if every one is, or if allocators are shown). Looks up no
 * more names than that takes.
 */
uint32_t snapshot_first_frame(struct snapshot *snapshot, uint32_t stack);

/* How many stacks there are; every number in traces is below. */
size_t snapshot_stacks(const struct snapshot *snapshot);

/* How many of the leading frames of the traceback are hidden: those before snapshot_first_frame. */
size_t snapshot_hidden_frames(struct snapshot *snapshot, uint32_t stack);

/*
 * Calls VISIT for every frame (frames.h id) of the tracebacks of the stacks for which `stacks` is
 * true, callers that several share once. Makes no tracebacks, so that memory does not grow with the
 * square of their depth.
 */
void snapshot_each_frame(struct snapshot *snapshot, const bool *stacks,
			 void (*visit)(void *arg, uint32_t frame), void *arg);

/*
 * Says that the first frames (or the tracebacks) of the stacks for which `stacks` is true (NULL: of
 * all that have traces) will be asked for, so that names are looked up together: see expected.h.
 */
void snapshot_expect(struct snapshot *snapshot, const bool *stacks, bool tracebacks);

/* "" when not known. */
const char *snapshot_thread_name(const struct snapshot *snapshot, uint32_t thread);
const char *snapshot_domain_name(const struct snapshot *snapshot, uint32_t domain);

/* `--show-allocators`: from now on snapshot_first_frame is the most recent frame whatever it is. */
void snapshot_show_allocators(struct snapshot *snapshot, bool show);

/* Removes the traces that `keep` refuses. */
void snapshot_keep(struct snapshot *snapshot,
		   bool (*keep)(struct snapshot *, const struct snapshot_trace *, void *arg),
		   void *arg);

/*
 * For makers of snapshots: where what stands behind the stack numbers comes from. Each is asked
 * once.
 */
struct snapshot_stacks {
	size_t n;
	uint32_t (*traceback)(void *arg, uint32_t stack);
	uint32_t (*first)(void *arg, uint32_t stack,
			  bool show_allocators); /* see snapshot_first_frame */
	/* see snapshot_each_frame; may be NULL */
	void (*each_frame)(void *arg, const bool *stacks, void (*visit)(void *, uint32_t frame),
			   void *visit_arg);
	/* see snapshot_expect; may be NULL */
	void (*expect)(void *arg, const bool *stacks, bool tracebacks, bool show_allocators);
	const char *(*thread_name)(void *arg, uint32_t thread); /* may be NULL */
	const char *(*domain_name)(void *arg, uint32_t domain); /* may be NULL */
	void (*release)(void *arg);				/* may be NULL */
	void *arg;
};

/* Without traces; the caller adds them (`traces` is freed with free()). `moment` is copied. */
struct snapshot *snapshot_new(struct frames *frames, const struct snapshot_stacks *stacks,
			      const char *moment);

#endif
