// SPDX-License-Identifier: MIT
/*
 * libunwind as the reference for the check mode: loaded only then, into no scope but its own.
 *
 * It works as on a remote process: it reads registers and memory through functions of ours, which
 * probe first, and learns of modules from _dl_find_object. So it takes no lock of the loader,
 * allocates nothing from malloc and depends on no stack. One walk at a time: the caller has a lock
 * and blocks signals.
 */
#ifndef PRELOAD_UNWIND_LIBUNWIND_H
#define PRELOAD_UNWIND_LIBUNWIND_H

#include "cfi.h"
#include "line.h"
#include "unwind.h"

/* Before main. False, and why in `error`, if it cannot be loaded. */
bool libunwind_load(struct line *error);

/* Forgets what it remembers of code: a library was unloaded, or a result is in doubt. */
void libunwind_forget(void);

/* Whether it finds call frame information for a look-up address. */
bool libunwind_describes(uint64_t address);

enum libunwind_end {
	LIBUNWIND_OUTERMOST, /* it says that nobody called the last frame */
	LIBUNWIND_STUCK,     /* it knows no way on from the last frame */
	LIBUNWIND_CUT,	     /* `visit` ended the walk */
	LIBUNWIND_LOST,	     /* never met the hook's caller */
};

/*
 * Walks from `registers`, those of a frame below the hook, and gives the look-up addresses from the
 * hook's caller outwards to `visit`, until that returns false.
 */
enum libunwind_end libunwind_walk(const struct cfi_registers *registers, struct unwind_start start,
				  bool (*visit)(void *arg, uint64_t address), void *arg);

#endif
