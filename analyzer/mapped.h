// SPDX-License-Identifier: MIT
/*
 * What the program itself maps: domain 1 of a replay.
 *
 * Mappings are ranges of addresses of which any part may go: the rest keeps its traceback. What has
 * access is a trace, a block of the heap like any other, so that snapshots and the peak need not
 * know of ranges; what has none is only address space, and kept here alone.
 */
#ifndef ANALYZER_MAPPED_H
#define ANALYZER_MAPPED_H

#include "last_free.h"
#include "ranges.h"
#include "stream.h"

struct live;

#define MAPPED_RECENT 64u

struct mapped {
	struct ranges
		ranges[2]; /* with access and without, so that a change of it meets no other */
	uint64_t reserved; /* bytes that have no access */
	uint64_t n_tracks; /* events that mapped something */
	/* The last unmaps, for what comes so late that it was unmapped before; and the largest stamp. */
	struct range recent[MAPPED_RECENT];
	uint64_t n_recent, last_unmap;
};

void mapped_release(struct mapped *mapped);
void mapped_clear(struct mapped *mapped);
/* What comes next is later than all there is, whatever its stamps. */
void mapped_settle(struct mapped *mapped);

/*
 * The head of STREAM, a TRACK of domain 1, or an UNMAP. LAST is what its thread removed last. An
 * event that is late, because its stream had to wait, takes nothing away that is newer than it, and
 * adds nothing that was unmapped since.
 */
void mapped_track(struct live *live, struct stream *stream, const struct last_free *last);
void mapped_unmap(struct live *live, const struct stream *stream, struct last_free *last);

/* Ends what begins at ADDRESS, as an UNTRACK. */
void mapped_untrack(struct live *live, uint64_t address, struct last_free *last);

/* What LAST had of mappings is there again, as far as nothing else is. */
void mapped_restore(struct live *live, const struct last_free *last);

#endif
