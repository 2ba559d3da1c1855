// SPDX-License-Identifier: MIT
/*
 * The side array of a thread: events that met its guard, until the hook that holds it writes them.
 */
#ifndef PRELOAD_SIDE_H
#define PRELOAD_SIDE_H

#include "thread.h"

/* False: it does not fit any more and is only counted, in n_side. */
bool side_add(struct thread *thread, struct side_event event);

/*
 * Whether entry `i` of `n` is the call of the hook itself once more, whose result is `result`.
 *
 * An allocator may do its work through the interposed names (posix_memalign through memalign): the
 * inner call is then the outer one once more. It is when no later entry takes the address back.
 */
bool side_is_echo(const struct thread *thread, int i, int n, uint64_t result);

#endif
