// SPDX-License-Identifier: MIT
/*
 * The only file of the library that knows zstd, which is linked in statically and hidden.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include "compress.h"

#include <stdbool.h>
#include <zstd.h>

#include "common/codec.h"
#include "memory.h"

#define LEVEL 1
#define WINDOW_LOG 16  /* columns are seldom longer, and the context takes half the memory */
#define SMALL_PART 256 /* bytes below which codes of its own cost a part more than they save */
#define BLOCK_HEADER_SIZE 3

static struct {
	ZSTD_CCtx *zstd;
	void *memory;
	size_t size;
} context;

size_t compress_bound(size_t size)
{
	return ZSTD_compressBound(size) + CODEC_PARTS * BLOCK_HEADER_SIZE;
}

/* Parameters for chunks of at most `size` bytes; a context for larger ones replaces a smaller one. */
static bool make_context(size_t size)
{
	ZSTD_compressionParameters parameters = ZSTD_getCParams(LEVEL, size, 0);

	if (parameters.windowLog > WINDOW_LOG)
		parameters.windowLog = WINDOW_LOG;
	size_t need = ZSTD_estimateCCtxSize_usingCParams(parameters);

	if (context.zstd && context.size >= need)
		return true;
	void *old = context.memory;
	size_t old_size = context.size;

	context.zstd = NULL;
	context.memory = NULL; /* first: another thread may fork between any two steps */
	memory_unmap(old, old_size);
	context.memory = memory_map(need);
	context.size = context.memory ? need : 0;
	if (context.memory)
		context.zstd = ZSTD_initStaticCCtx(context.memory, need);
	return context.zstd != NULL;
}

/* One frame, but no zstd block in it holds bytes of two parts, so each gets codes of its own. */
static bool compress_parts(ZSTD_inBuffer *in, ZSTD_outBuffer *out, size_t size, const size_t *parts)
{
	size_t part = 0, left = 0;

	ZSTD_CCtx_reset(context.zstd, ZSTD_reset_session_and_parameters);
	ZSTD_CCtx_setParameter(context.zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(context.zstd, ZSTD_c_windowLog, WINDOW_LOG);
	ZSTD_CCtx_setParameter(context.zstd, ZSTD_c_stableInBuffer, 1);
	ZSTD_CCtx_setParameter(context.zstd, ZSTD_c_stableOutBuffer, 1);
	ZSTD_CCtx_setPledgedSrcSize(context.zstd, size);
	while (left == 0 && in->size < size) {
		size_t begin = in->size;

		while (in->size < size && in->size - begin < SMALL_PART)
			in->size += parts ? parts[part++] : size;
		left = ZSTD_compressStream2(context.zstd, out, in,
					    in->size < size ? ZSTD_e_flush : ZSTD_e_end);
	}
	return left == 0;
}

size_t compress_payload(uint8_t *frame, size_t room, const uint8_t *payload, size_t size,
			const size_t *parts)
{
	ZSTD_inBuffer in = {.src = payload};
	ZSTD_outBuffer out = {.dst = frame, .size = room};

	if (!make_context(size))
		return 0;
	return compress_parts(&in, &out, size, parts) ? out.pos : 0;
}

void compress_forked(void)
{
	context.zstd = NULL;
	if (context.memory)
		context.zstd = ZSTD_initStaticCCtx(context.memory, context.size);
}
