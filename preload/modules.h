// SPDX-License-Identifier: MIT
/*
 * The ELF files that recorded stacks lead through.
 *
 * A module is recorded when the first address inside it is met, through _dl_find_object, which
 * takes no loader lock: dl_iterate_phdr in a hook could deadlock with a thread that allocates under
 * the loader's lock. A library that goes away ends its module and begins a new generation, so that
 * another one at the same addresses is told apart. Look-ups are lock-free.
 */
#ifndef PRELOAD_MODULES_H
#define PRELOAD_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Changes whenever a known module has gone; what was cached of addresses is void then. */
extern uint32_t modules_generation;

/* Makes sure that the module which holds `address`, if any does, is recorded. Any thread. */
void modules_note(uint64_t address);

/* Threads inside dlclose: while there are any, nothing about addresses may be cached. */
extern int modules_closing;

static inline bool modules_unsettled(void)
{
	return __atomic_load_n(&modules_closing, __ATOMIC_ACQUIRE) != 0;
}

/* Around the real dlclose. */
void modules_close_begin(void);
void modules_close_end(void);

/* Finds modules that went away unseen (glibc unloads gconv modules itself). */
void modules_check(void);

/*
 * Writes the records that are not in the trace yet. Called before an event that needs one of them is
 * committed, since the block may outlive the process.
 */
void modules_flush(void);

extern uint32_t modules_n_pending;

static inline bool modules_pending(void)
{
	return __atomic_load_n(&modules_n_pending, __ATOMIC_ACQUIRE) != 0;
}

/* In a forked child: nobody is inside dlclose any more. */
void modules_forked(void);

/* There is a new trace: all modules are to be recorded anew. */
void modules_new_trace(void);

#endif
