// SPDX-License-Identifier: MIT
/*
 * Traces made in memory, event by event, for tests of what reads them.
 *
 *	struct made made;
 *
 *	made_begin(&made);
 *	made_block(&made, 1, 0, false);           thread 1, serial 0, not stamped
 *	made_alloc(&made, 0, 0x1000, 24, 2, (uint64_t[]){0x10, 0x20});
 *	struct trace *trace = made_open(&made);   flushes the block
 */
#ifndef TESTS_UNIT_MADE_TRACE_H
#define TESTS_UNIT_MADE_TRACE_H

#include "analyzer/chunk_writer.h"
#include "analyzer/trace.h"
#include "common/event.h"

struct made {
	struct chunk_writer writer;
	FILE *out;
	char *bytes;
	size_t size;
	uint64_t *words;
	size_t n, cap;
	uint32_t thread, serial;
	bool open, stamped, now_stamped; /* at the begin of the block, at its end */
	uint64_t time_ns;		 /* of the headers to come */
};

void made_begin(struct made *made);
void made_begin_as(struct made *made, uint64_t identity);
/* The process was forked from that of the trace PARENT at PATH: POSITION is N numbers of the field. */
void made_forked(struct made *made, uint64_t parent, const char *path, const uint64_t *position,
		 size_t n);
/* Ends the block before and begins one. */
void made_block(struct made *made, uint32_t thread, uint32_t serial, bool stamped);
/*
 * The same as made_block(..., thread, serial, ...) ends a block, but it becomes a raw block with
 * SPARE words.
 */
void made_raw_block(struct made *made, size_t spare);
void made_flush(struct made *made);
/* Events; stamps are written when the block is stamped (or the event is CLOCK_ON). */
void made_alloc(struct made *made, uint64_t stamp, uint64_t address, uint64_t size,
		uint32_t n_frames, const uint64_t *frames);
void made_delta(struct made *made, const struct raw_event *event);
void made_event(struct made *made, enum event_kind kind, uint64_t stamp, uint64_t value);
/* A chunk of another kind, from put cursors over a buffer of the caller. */
void made_chunk(struct made *made, unsigned kind, const void *payload, size_t size);
void made_closing(struct made *made, uint64_t duration_ns);

/* The bytes so far; borrowed until the next call. */
const char *made_bytes(struct made *made, size_t *size);
/* Opens the bytes so far as "made.tmz". Fails the test when that fails. */
struct trace *made_open(struct made *made);
struct trace *made_open_bytes(const void *bytes, size_t size, char **message);
void made_release(struct made *made);
/* Releases it when its bytes have been written into the file NAME (see test_path). */
void made_end(struct made *made, const char *name);

#endif
