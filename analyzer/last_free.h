// SPDX-License-Identifier: MIT
/*
 * What each thread removed last, which an undo brings back.
 */
#ifndef ANALYZER_LAST_FREE_H
#define ANALYZER_LAST_FREE_H

#include "arena.h"
#include "heap.h"
#include "intern.h"

struct last_free {
	uint32_t thread;
	bool counted;	   /* as a free, not an untrack */
	bool there;	   /* the thread removed something and did not undo it */
	bool known;	   /* a block was live there */
	uint64_t *unknown; /* if not: which count has it */
	struct heap_block block;
};

struct last_frees {
	struct arena arena;
	struct last_free **of; /* by slot of threads */
	size_t n, cap;
	struct intern threads;
};

void last_frees_init(struct last_frees *last);
void last_frees_release(struct last_frees *last);

/* Nothing can be undone any more. */
void last_frees_forget(struct last_frees *last);

/* That of THREAD, which never moves. */
struct last_free *last_frees_get(struct last_frees *last, uint32_t thread);

#endif
