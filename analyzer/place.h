// SPDX-License-Identifier: MIT
/*
 * How places are written in tables: files relative to the folder that the reader works in, modules
 * by their file name, links to both.
 */
#ifndef ANALYZER_PLACE_H
#define ANALYZER_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "frames.h"
#include "own.h"
#include "source_dirs.h"
#include "terminal.h"
#include "trace.h"

struct place {
	const struct frames *frames;
	const struct terminal *terminal;
	const char *cwd, *host;
	const struct source_dirs *source_dirs; /* where links lead to */
	char *base;	   /* folder that paths are shown relative to, ends with '/'; NULL: none */
	bool base_matters; /* it is not the recorded working directory: the table has to say it */
	bool full_names;
};

/* Borrows everything. Until place_learn is done, paths are relative to the working directory. */
void place_init(struct place *place, const struct frames *frames, const struct terminal *terminal,
		const struct trace *trace, const struct source_dirs *source_dirs, bool full_names);
void place_release(struct place *place);

/*
 * Shows the place a frame that the table will hold. When no own file lies under the working
 * directory, the longest folder common to them becomes the base in place_learned.
 */
void place_learn(struct place *place, const struct own *own, const struct frame *frame);
void place_learned(struct place *place);

/* Safe texts, for the caller to free. */
char *place_line(const struct place *place,
		 const struct frame *frame); /* "src/parse.c:218" "libssl.so.3:0" */
char *place_file(const struct place *place,
		 const struct frame *frame);		       /* "src/parse.c" "libssl.so.3" */
char *place_path(const struct place *place, const char *path); /* of any file */
char *place_function(const struct place *place, const struct frame *frame); /* "?" when not known */
char *place_module(const struct place *place, const struct frame *frame); /* NULL when not known */

/* "file://build7/home/me/src/parse.c#218", or where --source-dir says; NULL when there is no file. */
char *place_link(const struct place *place, const struct frame *frame);

#endif
