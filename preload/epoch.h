// SPDX-License-Identifier: MIT
/*
 * The epoch page: what a forked child must find wiped.
 *
 * The kernel zeroes it in every child that gets a copy of the memory (MADV_WIPEONFORK: fork, _Fork,
 * raw clone) and leaves it alone where memory is shared (threads, vfork). Every event compares
 * `mode`, so a child notices at its first event, before it touches anything of its parent's.
 */
#ifndef PRELOAD_EPOCH_H
#define PRELOAD_EPOCH_H

#include "lock.h"

enum mode {
	MODE_WIPED = 0, /* not started, or a forked child that has not noticed yet */
	MODE_RECORDING, /* each thread into its own block */
	MODE_LATE,	/* the process is ending: everything into the late block */
	MODE_OFF,	/* nothing is recorded, ever */
	MODE_PAUSED,	/* nothing is recorded until the program asks for it */
	MODE_LIVE,	/* as RECORDING, and every hook keeps the live table: live_table.h */
};

struct epoch_page {
	int mode;
	int starting;	     /* held while a process starts or a child resets itself */
	struct lock finish;  /* start, stop and the end of the process; taken before all others */
	struct lock late;    /* the late stream; taken before modules, modules before writer */
	struct lock writer;  /* trace file, encoder */
	struct lock modules; /* table of known modules */
	struct lock threads; /* list of thread states */
	struct lock labels;  /* what the program gave names to; taken before writer */
	struct lock check;   /* the check mode; taken after late, before writer */
	struct lock live;    /* the parts of the live table that need one; taken after late */
	int live_counted;    /* see live_forked */
};

static inline bool mode_is_recording(int mode)
{
	return mode == MODE_RECORDING || mode == MODE_LIVE;
}

/* Events go somewhere: into the blocks of threads, or into the late one. */
static inline bool mode_takes_events(int mode)
{
	return mode_is_recording(mode) || mode == MODE_LATE;
}

extern struct epoch_page *epoch;

#endif
