// SPDX-License-Identifier: MIT
/*
 * The recording begins, and ends, when the program says so. Both take effect at once in all threads
 * and may be called in a signal handler, whatever it interrupted.
 */
#ifndef PRELOAD_TRACING_H
#define PRELOAD_TRACING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Begins to record, or goes on after a stop, with `limit` frames of each stack; with the live table
 * if `live` says so, or the environment. Nothing changes if it is recorded already. `frame` is that
 * of the exported function. 0; -ENOSYS: this process is not to be recorded; -EAGAIN: it is about to
 * end; -ENOTSUP: in a vfork child; or why there is no trace.
 */
int tracing_start(uint64_t limit, bool live, uintptr_t frame);

/* Ends the recording and forgets all blocks. The trace stays open. 0, -ENOTSUP or -ENOMEM. */
int tracing_stop(uintptr_t frame);

#endif
