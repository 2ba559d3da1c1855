// SPDX-License-Identifier: MIT
/*
 * A block of raw events to columns and back.
 *
 * Split by field, events compress several times better than as they stand. Lossless: decode gives
 * back the very words. Encode and decode keep nothing between calls, so every chunk stands alone.
 */
#ifndef COMMON_CODEC_H
#define COMMON_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one block was found to hold while encoding it. */
struct codec_summary {
	uint32_t events;
	uint64_t first_stamp, last_stamp;
};

/* Bytes that codec_encode may need for `n_words` raw words. */
size_t codec_bound(size_t n_words);

/*
 * Encodes whole events. `stamped`: the stream was stamped before the first of them. Returns the
 * size, or 0 if the words are no valid events or `capacity` is below codec_bound(n_words).
 */
size_t codec_encode(const uint64_t *words, size_t n_words, bool stamped, uint8_t *out,
		    size_t capacity, struct codec_summary *summary);

/*
 * The number of words that codec_decode will write, for the caller to make room for them; 0 if the
 * payload is damaged or names more than TMZ_BLOCK_WORDS_MAX.
 */
size_t codec_words(const uint8_t *payload, size_t size);

/* Writes exactly codec_words() words, valid events all; false if the payload is damaged. */
bool codec_decode(const uint8_t *payload, size_t size, bool stamped, uint64_t *words);

#endif
