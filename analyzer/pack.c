// SPDX-License-Identifier: MIT
/*
 * One zstd frame a payload.
 */
#include "pack.h"

#include <zstd.h>

#include "die.h"

#define LEVEL 1 /* columns compress well at any level */

bool unpack(struct ZSTD_DCtx_s **context, const uint8_t *packed, size_t size, uint8_t *raw,
	    size_t raw_size)
{
	if (!*context && !(*context = ZSTD_createDCtx()))
		die("out of memory: cannot decompress");
	return ZSTD_decompressDCtx(*context, raw, raw_size, packed, size) == raw_size;
}

void unpack_release(struct ZSTD_DCtx_s **context)
{
	ZSTD_freeDCtx(*context);
	*context = NULL;
}

size_t pack_bound(size_t raw_size)
{
	return ZSTD_compressBound(raw_size);
}

size_t pack(const uint8_t *raw, size_t raw_size, uint8_t *packed, size_t capacity)
{
	size_t size = ZSTD_compress(packed, capacity, raw, raw_size, LEVEL);

	return ZSTD_isError(size) || size >= raw_size ? 0 : size;
}
