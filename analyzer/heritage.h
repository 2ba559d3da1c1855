// SPDX-License-Identifier: MIT
/*
 * What is known of the ancestors of a trace, once they are open, becomes a part of what is known of
 * the trace itself.
 */
#ifndef ANALYZER_HERITAGE_H
#define ANALYZER_HERITAGE_H

#include "trace_private.h"

/* Their modules behind its own, each once; and the generations of all in one count. */
void heritage_modules(struct trace *trace);
/* Fills in inherited.threads. */
void heritage_threads(struct trace *trace);
/* Their names of domains in front of its own, which count more. */
void heritage_domains(struct trace *trace);

#endif
