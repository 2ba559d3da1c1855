// SPDX-License-Identifier: MIT
/*
 * Parents that are replayed for several children, each from where it forked the one before: the events
 * of a parent are replayed once, however many children it has.
 *
 * Kept are those that the last child came from, one after the other, with what lives in them. Children
 * are best asked for in the order in which they were forked, each right before its own; another order
 * only takes longer.
 */
#ifndef ANALYZER_PARENTS_H
#define ANALYZER_PARENTS_H

#include "live.h"

struct parents;

struct parents *parents_new(void);
void parents_free(struct parents *parents);

/*
 * Does for LIVE, which is of TRACE, what inherit does. False, and nothing has changed: of this one the
 * parent has to be replayed alone, as it is not whole.
 */
bool parents_give(struct parents *parents, struct live *live, struct trace *trace);

#endif
