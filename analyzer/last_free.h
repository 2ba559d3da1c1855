// SPDX-License-Identifier: MIT
/*
 * What each thread removed last, which an undo brings back.
 */
#ifndef ANALYZER_LAST_FREE_H
#define ANALYZER_LAST_FREE_H

#include "arena.h"
#include "heap.h"
#include "intern.h"
#include "ranges.h"

struct last_free {
	uint32_t thread;
	bool counted;	   /* as a free: no untrack, nothing unmapped */
	bool there;	   /* the thread removed something and did not undo it */
	bool known;	   /* a block was live there */
	uint64_t *unknown; /* if not: which count has it */
	struct heap_block block;
	struct range *pieces; /* or parts of mappings */
	size_t n_pieces, cap;
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

/* The thread removes something, of which nothing is known yet. */
void last_free_note(struct last_free *last, bool counted);
void last_free_add(struct last_free *last, const struct range *piece);

#endif
