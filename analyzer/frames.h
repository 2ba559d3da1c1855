// SPDX-License-Identifier: MIT
/*
 * Frames and tracebacks: what tracemalloc calls Frame and Traceback, interned.
 *
 * One `struct frames` serves all snapshots of a command, so that two of them are compared by
 * numbers. Strings, frames and tracebacks get dense ids from 0; equal ones have equal ids. A frame
 * is (file, line), as in tracemalloc; function and module ride along for display and for keys of
 * our own, so frames that differ only there are different here and equal in frame_same().
 */
#ifndef ANALYZER_FRAMES_H
#define ANALYZER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frames;

struct frame {
	/* String id; never none: "MODULE" with line 0 where there is no line info, or "<unknown>". */
	uint32_t file;
	uint32_t line;
	uint32_t function; /* string id, STRING_NONE when not known */
	uint32_t module;   /* string id of the module's path, STRING_NONE when not known */
	bool has_line;	   /* file is a source file */
	bool allocator;	   /* operator new, strdup, std::allocator ...: no frame for lineno */
	bool inlined;	   /* into the next, less recent frame */
};

#define STRING_NONE UINT32_MAX

struct frames *frames_new(void);
void frames_free(struct frames *frames);

uint32_t frames_string(struct frames *frames, const char *text, size_t size);
/* NUL-terminated, borrowed until frames_free; size may be NULL. */
const char *frames_text(const struct frames *frames, uint32_t string, size_t *size);
/* How many strings there are: all ids are below. */
size_t frames_strings(const struct frames *frames);
/* By code point, as Python does; a byte that is not UTF-8 counts as U+DC00 and the byte. */
int frames_text_compare(const struct frames *frames, uint32_t a, uint32_t b);

uint32_t frames_frame(struct frames *frames, const struct frame *frame);
const struct frame *frames_get(const struct frames *frames, uint32_t frame);
/* "<unknown>:0" */
uint32_t frames_unknown(struct frames *frames);
/* The first frame made that is the same Frame, (file, line): equal Frames have equal places. */
uint32_t frames_place(const struct frames *frames, uint32_t frame);
/* tracemalloc's order of two frames: file by bytes, then line. 0 = the same Frame. */
int frames_compare(const struct frames *frames, uint32_t a, uint32_t b);

/* A traceback: `n` >= 1 frame ids, MOST RECENT FIRST. */
uint32_t frames_traceback(struct frames *frames, const uint32_t *ids, size_t n);
/* The traceback of the places: tracebacks that are equal to tracemalloc have equal ones. */
uint32_t frames_traceback_place(struct frames *frames, uint32_t traceback);
/* Borrowed until frames_free. */
const uint32_t *frames_traceback_get(const struct frames *frames, uint32_t traceback, size_t *n);
/* tracemalloc's order: lexicographic from the OLDEST frame, a proper prefix first. */
int frames_traceback_compare(const struct frames *frames, uint32_t a, uint32_t b);

#endif
