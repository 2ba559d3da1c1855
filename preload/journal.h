// SPDX-License-Identifier: MIT
/*
 * The journal's file, PATH.live beside the trace: slots of memory that outlive the process.
 *
 * common/journal.h says what is in it. Here is how it comes and goes: no descriptor stays open, and
 * no page is handed out that the disk has no room for, since a store into it would be SIGBUS. Where
 * that cannot be promised there is no journal, and blocks are private memory.
 */
#ifndef PRELOAD_JOURNAL_H
#define PRELOAD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/control.h"
#include "common/journal.h"

/*
 * Creates the journal of the trace at path `trace`. 0 or -errno: -EEXIST if something has its name,
 * -EOPNOTSUPP on a file system where a reserved page may still find no room when it is written.
 */
int journal_create(const char *trace, uint64_t identity);

/* Whether a journal can be asked for slots. */
bool journal_is_open(void);

/*
 * Maps slot `index`, its first `reserved` bytes with room on the disk, in place of what is mapped at
 * `at`, or anywhere if that is NULL. NULL if it cannot be. Not by two threads at once.
 */
struct journal_slot *journal_map(uint32_t index, struct journal_slot *at, size_t reserved);

/* Makes sure of room for the bytes [from, to) of a mapped slot. Also in a vfork child. */
bool journal_reserve(struct journal_slot *slot, uint32_t index, size_t from, size_t to);

/* Says in the journal how many events were lost that the trace does not tell of. */
void journal_tell_lost(const uint64_t lost[LOSS_REASON_END]);

/*
 * Removes the file; what is mapped of it stays, its control area retired. Then blocks may be opened
 * anew in another. A file that cannot be removed stays open.
 */
void journal_remove(void);

/* The control area in its header, or NULL where it cannot be asked for slots either. */
struct control *journal_control(void);

/* A forked child forgets its parent's. */
void journal_forked(void);

#endif
