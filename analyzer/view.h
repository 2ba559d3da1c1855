// SPDX-License-Identifier: MIT
/*
 * An operand opened: its trace, its symbols and, once taken, the filtered snapshot at its moment.
 *
 * Two operands of one file share all of it, and one replay serves both.
 */
#ifndef ANALYZER_VIEW_H
#define ANALYZER_VIEW_H

#include "frames.h"
#include "operand.h"
#include "query.h"
#include "replay.h"
#include "snapshot.h"
#include "symbols.h"
#include "trace.h"

struct view {
	struct operand operand;
	struct trace *trace;
	struct symbols *symbols;
	struct snapshot *snapshot; /* NULL until taken */
	char *process;		   /* see process_name.h */
	bool shared;		   /* trace and symbols are the other view's */
	struct parents *parents;   /* see parents.h; NULL in a view of its own */
};

/*
 * All but view_read die with the message of the stage that failed; damage worked around is a
 * warning.
 */

/* Opens the trace of OPERAND, a command's operand or NULL (see operand.h). */
void view_open(struct view *view, const struct query *query, const char *operand);
/* As view_open, for two operands. */
void view_open_two(struct view views[2], const struct query *query);

/* Takes the snapshots of N views, filtered; TOTALS, of the first, may be NULL. */
void view_take(struct view *views, size_t n, struct frames *frames, const struct query *query,
	       struct replay_totals *totals);

/*
 * Both in one for a VIEW of which the operand is set, and the trace, symbols and process may be.
 * Returns false with *message, for the caller to free, instead of dying; it is to be released either
 * way. Of a view with parents, what is missing of those is for the caller to tell.
 */
bool view_read(struct view *view, struct frames *frames, const struct query *query, char **message);

void view_release(struct view *views, size_t n);

#endif
