// SPDX-License-Identifier: MIT
/*
 * A block of raw events to columns and back.
 *
 * Both sides run one model of the program (model.h) that guesses the next event from those before;
 * what holds takes one byte in all, which compresses to less, and only what does not is stored.
 * Lossless: decode gives back the very events. Nothing is kept between calls, so every chunk stands
 * alone. No function allocates; all are total: a damaged payload is refused or gives other events.
 */
#ifndef COMMON_CODEC_H
#define COMMON_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODEC_NONE UINT32_MAX
#define CODEC_PARTS 20

/* What one block was found to hold while encoding it. */
struct codec_summary {
	uint32_t events;
	uint32_t allocations, frees; /* events of kind ALLOC and FREE */
	uint32_t others;	     /* of the other kinds that are about blocks */
	uint64_t allocated_bytes;
	uint64_t first_stamp, last_stamp;
	/* Sizes of parts of the payload that differ in kind, for a compressor to adapt to each. */
	size_t parts[CODEC_PARTS];
};

/*
 * Bytes of memory that codec_encode needs for `n_words` raw words. Only a small part of it is
 * touched: about as much as the words take.
 */
size_t codec_encode_size(size_t n_words);

/*
 * Encodes whole events. `stamped`: the stream was stamped before the first of them. `memory` is
 * aligned to 8 bytes and of any content. Returns the payload, which lies in it, or NULL if the words
 * are no valid events or more than TMZ_BLOCK_WORDS_MAX.
 */
const uint8_t *codec_encode(const uint64_t *words, size_t n_words, bool stamped, void *memory,
			    size_t *size, struct codec_summary *summary);

#define CODEC_COUNTS 6

/* The sizes of a chunk, as its payload gives them in this order. */
struct codec_counts {
	uint32_t words, events;
	uint32_t segments; /* of the model, at most at once */
	uint32_t domains;  /* events TRACK and UNTRACK */
	uint32_t deltas, frames;
};

/* A stack delta. Allocations that share one had the same frames popped and pushed. */
struct codec_delta {
	const uint64_t *frames; /* outer before inner */
	uint32_t pushed;
	int32_t popped; /* kept frames = depth of the stack before - popped */
	uint32_t size;	/* of the last allocation with it; the model's own */
	uint8_t flags;	/* of those allocations */
};

struct codec_event {
	uint64_t address; /* or value */
	uint64_t size;	  /* ALLOC, TRACK */
	uint64_t stamp;	  /* 0 when not stamped */
	/*
	 * ALLOC, TRACK: number of the delta. FREE: number of the allocation, counted from 0 in this
	 * chunk, that this block is of, CODEC_NONE if it is of none: encoders link every free that
	 * they can. This is what the stream knows alone; other threads, UNDO and CLEAR may have
	 * changed it. Else CODEC_NONE.
	 */
	uint32_t link;
	uint8_t kind, flags; /* event.h */
};

/* A decoded chunk. */
struct codec_chunk {
	struct codec_counts counts;
	struct codec_event *events;
	struct codec_delta *deltas; /* numbered in the order of their first use */
	uint64_t *domains;	    /* of the events TRACK and UNTRACK, in their order */
};

/* Reads the counts; false if the payload is damaged or names more than TMZ_BLOCK_WORDS_MAX. */
bool codec_counts(const uint8_t *payload, size_t size, struct codec_counts *counts);

/* Bytes of memory that codec_decode needs. */
size_t codec_decode_size(const struct codec_counts *counts);

/*
 * Decodes into `memory`, aligned to 8 bytes and of any content; the chunk lies in it. False if the
 * payload is damaged.
 */
bool codec_decode(const uint8_t *payload, size_t size, bool stamped, void *memory,
		  struct codec_chunk *chunk);

/* Writes the raw words of a decoded chunk, counts.words of them. */
void codec_words(const struct codec_chunk *chunk, bool stamped, uint64_t *words);

#endif
