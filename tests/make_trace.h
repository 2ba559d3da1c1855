// SPDX-License-Identifier: MIT
/*
 * What the two halves of make_trace share: the description read so far, and the file it becomes.
 */
#ifndef TESTS_MAKE_TRACE_H
#define TESTS_MAKE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/bytes.h"
#include "common/event.h"
#include "common/format.h"
#include "common/journal.h"

#define TOKENS_MOST 256
#define FRAMES_MOST 512
#define STREAMS_MOST 64

struct frame {
	char *name;
	uint64_t address;
};

struct stream {
	uint64_t *words;
	size_t n_words;
	bool stamped, stamped_at_start;
	uint32_t serial, events;
	uint64_t first_stamp, last_stamp;
	uint64_t stack[TOKENS_MOST]; /* outermost first */
	size_t depth;
};

/* Payloads of the small chunks, filled as the description is read. */
struct payload {
	uint8_t *bytes;
	struct put put;
	uint32_t count;
};

struct make {
	FILE *out;
	const char *path;
	unsigned line;
	char *tokens[TOKENS_MOST];
	size_t n;
	struct frame frames[FRAMES_MOST];
	size_t n_frames;
	struct stream streams[STREAMS_MOST];
	uint32_t thread; /* whose stream the events go to */
	uint64_t stamp, time_ns;
	struct closing closing;
	bool started, no_closing;
	bool kill;			/* events that are no chunk yet go to the journal */
	const char *live;		/* path of the journal */
	long torn;			/* bytes of the first of those as a chunk */
	uint64_t lost[LOSS_REASON_END]; /* in the journal */
	long chunks[4096];		/* offsets */
	size_t n_chunks;
	long cut;
	long flip; /* chunk + 1 */
	struct file_header header;
	struct payload process, modules, threads, marks, domains, resources, losses, names_strings,
		names_frames, perf_map;
};

extern struct make t;

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t number(const char *text);
/* Where the next bytes of a payload go. */
struct put *payload(struct payload *p);
/* An event of the present thread; its stack is the tokens from FIRST_TOKEN on. */
void event(enum event_kind kind, unsigned flags, const uint64_t *fields, size_t n_fields,
	   size_t first_token);
/* All events so far as chunks. */
void streams_write(void);
/* What is left, the closing chunk, the header, and the damage that was asked for. */
void finish(void);

#endif
