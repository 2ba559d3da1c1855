// SPDX-License-Identifier: MIT
/*
 * Of which process a trace is, from the first bytes of the file alone.
 */
#ifndef ANALYZER_TRACE_HEAD_H
#define ANALYZER_TRACE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

struct trace_head {
	char *boot_id; /* "": which process it is cannot be told */
	uint64_t pid, start_ticks;
	uint64_t time_ns; /* since the epoch when recording began */
	bool snapshot;	  /* not the recording itself */
	uint64_t device, inode;
	char *process; /* see process_name.h */
	/* Of a forked child, for the order of those of one parent. */
	uint64_t identity, parent; /* of the files; 0: not known, none */
	uint64_t forked_threads,
		forked_events; /* that the parent had begun, that are recorded of some */
};

/* Returns 0, or -1 with *message as trace_open. PATH is not "-". */
int trace_head_read(struct trace_head *head, const char *path, char **message);

struct trace;
/* The same of a trace that is open, without device and inode. */
void trace_head_of(struct trace_head *head, const struct trace *trace);
void trace_head_release(struct trace_head *head);

/*
 * The order of processes, and of one process that of its programs, as exec replaced one by the
 * next: 0 when the two are of one recording, which a snapshot or another copy may be, too. What
 * cannot be told is as many processes as files.
 */
int trace_head_compare(const struct trace_head *a, const struct trace_head *b);
bool trace_head_same_process(const struct trace_head *a, const struct trace_head *b);

/* The order of parents, and of the children of one, as far as is known, that of their forks. */
int trace_head_compare_forks(const struct trace_head *a, const struct trace_head *b);

#endif
