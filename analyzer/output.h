// SPDX-License-Identifier: MIT
/*
 * Where results go: standard output, or a file that appears only when it is complete.
 */
#ifndef ANALYZER_OUTPUT_H
#define ANALYZER_OUTPUT_H

#include <stdio.h>

struct output {
	FILE *file;
	char *path;	 /* NULL: standard output */
	char *temporary; /* beside PATH, becomes it at the end; NULL: written to directly */
};

/*
 * PATH NULL or "-": standard output. A regular file is replaced when closed, anything else (a pipe,
 * /dev/full) is written to directly. Dies with status 1.
 */
FILE *output_open(struct output *output, const char *path);
/* The same for a trace, which others are not to read: a new file has mode 0600 whatever the umask. */
FILE *output_open_trace(struct output *output, const char *path);
/* Everything is on its way to disk, or the program dies with status 1 and PATH is as it was. */
void output_close(struct output *output);

/*
 * Dies with status 2 when OUTPUT is the trace at PATH, "-" being standard input, or its journal:
 * they may be all there is. WHAT is what is done to the trace: "recover".
 */
void output_check_trace(const char *output, const char *path, const char *what);

#endif
