// SPDX-License-Identifier: MIT
/*
 * The traces that the operands of a sum name, files and folders, each recording once, and what
 * their processes are called so that no two are called the same.
 */
#ifndef ANALYZER_SUM_OPERANDS_H
#define ANALYZER_SUM_OPERANDS_H

#include "operand.h"
#include "trace.h"
#include "trace_head.h"

struct sum_part {
	struct operand operand;
	struct trace_head head;
	struct trace *trace; /* of standard input, which can be read but once; else NULL */
	char *process;	     /* "sh[4711]"; "sh[4711]#2" of the second that is called so */
	char *problem;	     /* why it is left out; NULL: it is not */
	bool found;	     /* in a folder: it may be left out */
	/* Once it was summed. */
	uint64_t size, count, event, time_ns;
};

struct sum_operands {
	struct sum_part *parts;
	size_t n, cap;
	char *folder; /* where all of them are, if the only operand is a folder; else NULL */
};

/* Whether OPERAND, which may be NULL, is a folder with or without @WHEN. */
bool sum_operand_is_folder(const char *operand);

/* Dies; warns of what is left out. */
void sum_operands_open(struct sum_operands *operands, char *const *texts, size_t n);
void sum_operands_release(struct sum_operands *operands);

/* Those that are not left out, *n of them, as COMPARE, as of qsort, orders them; for the caller to free. */
struct sum_part **sum_operands_in_order(const struct sum_operands *operands, size_t *n,
					int (*compare)(const void *, const void *));

/* How many different processes those are that are not left out. */
size_t sum_operands_processes(const struct sum_operands *operands);

/* Leaves a part out; takes MESSAGE over. Dies with it if the user named the part. */
void sum_part_leave_out(struct sum_part *part, char *message);

#endif
