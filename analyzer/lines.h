// SPDX-License-Identifier: MIT
/*
 * The text of source lines, from files on this machine.
 *
 * Only regular files are opened. A file that is newer than the module it was compiled into (or than
 * the recording, where the module is gone) does not show what ran, and so is not shown. One that
 * --source-dir leads to may be of any age: whoever names a tree vouches for it.
 */
#ifndef ANALYZER_LINES_H
#define ANALYZER_LINES_H

#include <stddef.h>

#include "frames.h"
#include "source_dirs.h"
#include "trace.h"

struct lines;

/* SYSROOT may be NULL. Everything is borrowed. */
struct lines *lines_new(const struct frames *frames, const struct trace *trace, const char *sysroot,
			const struct source_dirs *source_dirs);
void lines_free(struct lines *lines);

#define LINE_MOST 4096u /* bytes; nobody reads on */

enum line_state { LINE_MISSING, LINE_CHANGED, LINE_TEXT };

/*
 * The line of FRAME without the blanks around it, *SIZE bytes at *TEXT, borrowed until lines_free.
 * What is longer than LINE_MOST is cut there.
 */
enum line_state lines_find(struct lines *lines, const struct frame *frame, const char **text,
			   size_t *size);

#endif
