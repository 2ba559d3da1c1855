// SPDX-License-Identifier: MIT
/*
 * What the hooks record where the live table is kept: the event as ever, and then the change of the
 * table. For hooks that are live and not nested.
 */
#ifndef PRELOAD_RECORD_LIVE_H
#define PRELOAD_RECORD_LIVE_H

#include "thread.h"

/* An ALLOC or a TRACK. False: the event could not be recorded. */
bool record_live_alloc(struct hook hook, struct side_event event, struct unwind_start start);

/* An event that has no stack, FREE and UNDO among them; an UNDO of a FREE has a size. */
bool record_live(struct hook hook, struct side_event event);

#endif
