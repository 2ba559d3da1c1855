// SPDX-License-Identifier: MIT
/*
 * A thread's block into the trace, and the late block into the file itself.
 */
#ifndef PRELOAD_FLUSH_H
#define PRELOAD_FLUSH_H

#include "thread.h"

/* The most words that may precede an event: clock-on, modules, time, thread, depth. */
#define PROLOGUE_WORDS 16

/* A block begins: nothing of the one before is known to its reader. */
void flush_begin_block(struct thread *thread);

/* Writes the block of `thread` to the trace and begins the next one. */
void flush_block(struct thread *thread);

/* Nothing more may come of the thread: also the name that it got last, if no event came after that. */
void flush_last(struct thread *thread);

/* The part of flush_make_room that is seldom needed; `need` has the prologue in it. */
bool flush_make_more_room(struct thread *thread, size_t need);

/*
 * Makes room for `need` words and a prologue; false, and one event counted as lost, if there is no
 * memory. The block may be a new one afterwards (`fresh`). A vfork child has the memory of its
 * parent but not its descriptors: there the block grows instead. An event larger than a block can be
 * goes into memory of its own, and so do those that follow until that is full.
 */
static inline bool flush_make_room(struct thread *thread, size_t need)
{
	if (__builtin_expect(need + PROLOGUE_WORDS <= block_room(&thread->block), 1))
		return true;
	return flush_make_more_room(thread, need + PROLOGUE_WORDS);
}

/*
 * The late stream, from now on, goes into a raw block at `memory`, `n_words` large, which is a part
 * of the trace: so it needs no flush, which nobody could do after the last hook.
 */
void flush_late_map(void *memory, uint32_t n_words);
void flush_late(void);

/*
 * The same in private memory, where a part of the trace cannot be mapped; `at` is where it is in the
 * file. Then each event has to be followed by flush_late_copy, which writes what is new there.
 */
void flush_late_map_copied(void *memory, uint32_t n_words, uint64_t at);
void flush_late_copy(void);

#endif
