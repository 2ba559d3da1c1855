// SPDX-License-Identifier: MIT
/*
 * Payloads compressed and back: the only file of the analyzer that knows zstd.
 */
#ifndef ANALYZER_PACK_H
#define ANALYZER_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ZSTD_DCtx_s;

/*
 * Decompresses to exactly RAW_SIZE bytes; false if that is not what they are. *context is made when
 * NULL.
 */
bool unpack(struct ZSTD_DCtx_s **context, const uint8_t *packed, size_t size, uint8_t *raw,
	    size_t raw_size);
void unpack_release(struct ZSTD_DCtx_s **context);

/* Room that pack may need. */
size_t pack_bound(size_t raw_size);
/* The size when compressed, or 0 when that would not be less. */
size_t pack(const uint8_t *raw, size_t raw_size, uint8_t *packed, size_t capacity);

#endif
