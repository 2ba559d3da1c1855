// SPDX-License-Identifier: MIT
/*
 * The lines that tell what is missing of a trace, trace->warning and inherited.warning: they only
 * grow, while the trace is opened and whenever it is replayed.
 */
#ifndef ANALYZER_WARNING_H
#define ANALYZER_WARNING_H

#include "trace.h"

/* Puts TEXT, which is taken over, behind what *WARNING, of the trace at PATH, has; NULL: nothing. */
void warning_add(char **warning, const char *path, char *text);

/* Says each on stderr if it has grown since it was said last. */
void warning_tell(const struct trace *trace);
void warning_tell_inherited(const struct trace *trace);

#endif
