// SPDX-License-Identifier: MIT
/*
 * Everything readable of a trace and its journal as one clean trace.
 */
#ifndef ANALYZER_RECOVER_H
#define ANALYZER_RECOVER_H

#include <stdio.h>

#include "trace.h"

/*
 * Writes TRACE to OUT: whole chunks as they are, blocks of the journal as chunks, a losses chunk
 * for what is missing, and a closing chunk. It replays as TRACE does and has nothing to complain
 * about. Chunks that turn out to be no events are added to trace->warning. False if nothing at all
 * is readable; nothing of use has been written then. Errors of OUT stick to it.
 */
bool recover(struct trace *trace, FILE *out);

#endif
