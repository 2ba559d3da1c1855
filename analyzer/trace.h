// SPDX-License-Identifier: MIT
/*
 * An opened trace and all that it says of itself: process, threads, modules, names, quality.
 *
 * trace_open reads every chunk header and the small chunks; events are read when replayed
 * (replay.h). All strings are borrowed from the trace and die with it. One thread at a time.
 */
#ifndef ANALYZER_TRACE_H
#define ANALYZER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format.h"

#define MODULE_NONE UINT32_MAX /* a pc in no known module, and imported frames */

struct trace_process {
	uint64_t pid, parent_pid;
	const char *executable, *cwd, *host, *recorder; /* "" when not recorded */
	const char *const *command;			/* n_command strings */
	size_t n_command;
	uint64_t time_ns; /* since the epoch when recording began, 0 unknown */
	int64_t utc_offset;
	uint64_t nframe; /* most recent frames that count; 0 = all */
	bool kill_safe;
	const char *snapshot; /* NULL, or what moment of which recording this snapshot holds */
	uint64_t duration_ns; /* of a snapshot */
};

struct trace_range {
	uint64_t start, end;
};

struct trace_module {
	uint32_t id; /* index in trace->modules */
	const char *path;
	const uint8_t *build_id;
	size_t build_id_size;
	uint64_t bias;	      /* run-time address - address in the file */
	uint64_t from, until; /* generations in which it is loaded: [from, until) */
	const struct trace_range *ranges;
	size_t n_ranges;
	bool main_program;
};

struct trace_thread {
	uint32_t number; /* of the stream, from 1 */
	uint32_t tid;
	const char *name; /* "" when not known */
	bool recorded;	  /* a threads chunk has it; else the journal or its events tell of it */
};

/* How a recording ended, as far as one can know. */
enum ending {
	ENDING_CLOSED,	/* by itself: closing.ended_by says how */
	ENDING_RUNNING, /* not yet */
	ENDING_KILLED,	/* the process is gone, and it wrote no end */
	ENDING_UNKNOWN, /* it wrote no end, and was not one of this machine */
};

/* Found while reading and, the last group, while replaying. */
struct trace_quality {
	uint64_t lost_events; /* the recorder said so, or chunks are missing or damaged */
	uint64_t damaged_chunks;
	uint64_t skipped_bytes;		/* of the file that are no valid chunk */
	uint64_t tracebacks;		/* allocations of all domains */
	uint64_t incomplete_tracebacks; /* of those, whose stack ends early */
	uint64_t truncated_tracebacks;	/* of those, cut by nframe */
	uint64_t
		inherited_frees; /* unknown ones in a forked child: its parent's blocks, as far as is known */
	uint64_t
		earlier_frees; /* unknown ones where that is no wonder: the recording began late, or was cleared */
	uint64_t unknown_frees;	  /* frees of blocks that are not live */
	uint64_t order_conflicts; /* events that no order of the threads explains */
	/* Of a forked child: parents' traces that are not there, and events that the others lack. */
	uint64_t missing_parents, missing_inherited;
	/* By the recorder's check mode; 0 without it. */
	uint64_t checked_stacks;    /* compared with the reference */
	uint64_t stack_differences; /* of those, not as the reference has them */
	uint64_t slow_stacks;	    /* of those, walked by more than the simple rules */
};

/* Look-up addresses of one stack around the first frame that differs, innermost first. */
struct trace_difference {
	uint64_t same; /* frames that agree */
	uint64_t from; /* number of the first frame below */
	const uint64_t *walked, *reference;
	size_t n_walked, n_reference;
};

/* Of a forked child whose parent was recorded too; see trace_inherit. */
struct trace_inherited {
	const char *
		path; /* of the parent's trace, as it was found or else as recorded; NULL: no child */
	uint64_t pid; /* of the parent */
	bool found;
	const struct trace_thread
		*threads; /* of all ancestors, as trace->threads and behind those */
	size_t n_threads;
	char *warning; /* as trace->warning: what of the ancestors is missing */
};

struct trace {
	const char *path; /* as the user gave it; "-" is standard input */
	struct trace_process process;
	const struct trace_module *modules;
	size_t n_modules;
	const struct trace_thread *threads; /* sorted by number */
	size_t n_threads;
	bool complete;		/* a closing chunk is there and nothing before it is missing */
	struct closing closing; /* of the last closing chunk; zeros when none */
	enum ending ending;
	bool journal;	      /* there is one beside it, which counts */
	uint64_t duration_ns; /* of the recording: the largest time known */
	uint64_t file_size;
	uint64_t n_chunks;
	uint64_t rss_peak; /* bytes, 0 unknown */
	struct trace_quality quality;
	struct trace_inherited inherited;
	const struct trace_difference *differences; /* the first few of quality.stack_differences */
	size_t n_differences;
	char *warning; /* NULL, or one line on damage worked around, for stderr; begins with the path */
	struct trace_private *inner;
};

/*
 * Opens PATH. On failure returns NULL and sets *message to one line, without "tmtrace: ", that
 * names the path and what is wrong ("core.4711: not a tmtrace file (an ELF core file)"); the caller
 * frees it.
 */
struct trace *trace_open(const char *path, char **message);

struct parents;
/*
 * Opens the traces that a forked child refers to, so that a replay begins with what the child
 * inherited: their modules are put behind its own, and the names of their threads are there. Those
 * that are missing are told of in inherited.warning. To be called before anything is replayed. PARENTS,
 * which several traces may share, see parents.h; NULL: it is the only one.
 */
void trace_inherit(struct trace *trace, struct parents *parents);

void trace_close(struct trace *trace);

/* Whether the two are of one file, as far as is known, wherever it was loaded. */
bool trace_module_same(const struct trace_module *a, const struct trace_module *b);

/* Whether it carries names of addresses, as snapshots and symbolized traces do. */
bool trace_has_names(const struct trace *trace);

/* What messages call the trace at PATH: "-" is standard input. */
const char *trace_name(const char *path);

#endif
