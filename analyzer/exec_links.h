// SPDX-License-Identifier: MIT
/*
 * What a process was before and after the program of a trace: exec ends one trace and begins another.
 */
#ifndef ANALYZER_EXEC_LINKS_H
#define ANALYZER_EXEC_LINKS_H

#include "trace.h"

struct exec_links {
	char *before, *after; /* paths of traces; NULL: none is known */
};

/*
 * Looks at the first bytes of the traces in the folder of TRACE, for those of the same process that
 * were begun next to it. A folder of very many is not searched to its end.
 */
void exec_links_find(struct exec_links *links, const struct trace *trace);
void exec_links_release(struct exec_links *links);

#endif
