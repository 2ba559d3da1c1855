// SPDX-License-Identifier: MIT
/*
 * Which system calls fail, and how many there were.
 */
#ifndef TESTS_FAULTS_FAULT_PLAN_H
#define TESTS_FAULTS_FAULT_PLAN_H

#include <stdint.h>

#define FAULT_KINDS 512
#define FAULT_NEVER 510 /* rt_sigprocmask that restores the mask of before */
#define FAULT_PROBE 511 /* rt_sigprocmask that asks whether memory is readable */
#define FAULT_ANY                                                                                  \
	(-2) /* those of every kind that are drawn: `from` is a seed, `to` how many of 1000 */

/* Results that are no -errno. */
enum {
	FAULT_HALF = 1,	  /* done in part */
	FAULT_NOTHING = 2 /* 0: nothing was read or written */
};

struct fault_plan {
	int64_t kind;	   /* number of the system call, FAULT_PROBE or FAULT_ANY; -1: none fails */
	uint64_t from, to; /* which of them, the first is 1 */
	int64_t result;	   /* -errno, or one of those above */
	uint64_t injected; /* how many failed */
	uint64_t counts[FAULT_KINDS]; /* how many of each kind there were */
};

#endif
