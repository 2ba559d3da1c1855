// SPDX-License-Identifier: MIT
/*
 * All that decides how frames look in tables: terminal, names, own code, source text.
 */
#ifndef ANALYZER_LOOK_H
#define ANALYZER_LOOK_H

#include "own.h"
#include "place.h"
#include "query.h"
#include "lines.h"
#include "table.h"
#include "view.h"

struct look {
	const struct query *query;
	const struct frames *frames;
	const struct view *view;
	struct terminal terminal;
	struct place place;
	struct own own;
	struct lines *lines;
};

/* Borrows everything. The base of paths is the caller's to learn: look.place. */
void look_init(struct look *look, const struct query *query, const struct frames *frames,
	       const struct view *view, FILE *out);
void look_release(struct look *look);

/* Fills a cell with the frame's file and line, or file only; own code is underlined, links are made. */
void look_line(const struct look *look, const struct frame *frame, bool file_only,
	       struct cell *cell);
/* Fills a cell with the source text, or with what there is in its place. */
void look_source(const struct look *look, const struct frame *frame, struct cell *cell);

/* Prints the frames of a traceback, most recent first, `>` before the first of one's own code. */
void look_traceback(const struct look *look, uint32_t traceback, FILE *out);

/* "app.tmz", safe; "standard input". For the caller to free, as all that follow. */
char *look_trace_name(const struct look *look, const struct view *view);
/* "at the peak"; "(the peak of app.tmz)" of a snapshot file. */
char *look_moment(const struct look *look, const struct view *view);
/* "12.4 s" of the moment of a view; NULL when it says nothing that the moment's words do not. */
char *look_moment_time(const struct view *view);
/* ", only files *.c or domain 3, without domain 1"; "" without filters. */
char *look_filter_words(const struct look *look);
/* ", paths under /home/me/src" when that matters, else "". */
char *look_base_words(const struct look *look);
/* "1 block" "208,911 blocks" */
char *look_blocks(uint64_t count);

#endif
