// SPDX-License-Identifier: MIT
/*
 * The life of the recording: start, forked child, end.
 */
#ifndef PRELOAD_PROCESS_H
#define PRELOAD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/format.h"
#include "epoch.h"

struct recording {
	bool started;	  /* TMTRACE_START or not, this process may be recorded */
	bool wanted;	  /* it is recorded; forked children inherit this */
	bool has_trace;	  /* that is in this process; one that is not recorded yet has none */
	bool closed;	  /* the end of the trace is written: the process is about to end */
	bool live;	  /* the live table is kept, in this recording or the last */
	bool live_always; /* TMTRACE_LIVE: in every one */
	uint64_t limit;	  /* of frames, 0 = all: of the last start, or TMTRACE_NFRAME */
};

extern struct recording recording;

/*
 * Before main: reads the environment, creates the trace, begins to record. Exits with status 2 if a
 * TMTRACE_ variable has no valid value.
 */
void process_start(char **environment);

/* The mode is MODE_WIPED: a forked child resets itself here at its first event. */
void process_wiped(void);

/* Begins a trace with that limit of frames, if there is none. The lock `finish` is held. 0 or -errno. */
int process_open_trace(uint64_t limit);

/* The mode of threads that record. */
static inline int process_recording_mode(void)
{
	return recording.live ? MODE_LIVE : MODE_RECORDING;
}

/* Whether what happens now is recorded. Also in a forked child that did not notice yet. */
bool process_is_recording(void);

/*
 * The process is about to end or to exec: every block is written and the trace closed. What still
 * happens goes to the late stream. Nothing in a forked child without events or in a vfork child.
 */
void process_finish(enum ended_by how);

/* The exec failed after all. */
void process_resume(void);

/* The one line to stderr where the trace is, if it is wanted. */
void process_say_where(void);

/* Where a block got no room in the journal, the trace no longer says that it is safe from SIGKILL. */
void process_tell_kept(void);

/* True in a vfork child, which shares the memory but is another process. */
bool process_is_vfork_child(void);

#endif
