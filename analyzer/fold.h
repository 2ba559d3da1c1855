// SPDX-License-Identifier: MIT
/*
 * A trace and its journal become one: each event counts once, wherever the program was killed.
 */
#ifndef ANALYZER_FOLD_H
#define ANALYZER_FOLD_H

#include "trace_private.h"

/*
 * Once the records are read. Blocks that are no chunks of the file become further chunks of the
 * reader. What the kill tore and the journal still has is `covered`. Of a program that is still
 * running, events after the moment at which the journal was copied do not count, so that all
 * threads are seen at one moment. Sets trace->ending and trace->journal.
 */
void fold_journal(struct trace *trace);

#endif
