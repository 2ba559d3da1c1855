// SPDX-License-Identifier: MIT
/*
 * The library with the work behind one stage cut off, so that a benchmark sees what each costs.
 *
 * Nothing of this is in the product: the linker puts these functions in place of the product's own
 * (--wrap, see bench.mk, which says what is replaced for which stage). The stages, each with all
 * before it: `interpose` (the hooks, their guard, the real call), `unwind` (the stack of every
 * allocation), `record` (raw events in the block), `encode` (columns), `compress` (zstd), and the
 * product itself, which also writes. The traces of such a library are good for nothing.
 */
#include <string.h>

#include "common/codec.h"
#include "common/format.h"
#include "preload/modules.h"
#include "preload/record.h"
#include "preload/trace_file.h"
#include "preload/writer.h"

void __wrap_record_alloc(struct hook hook, const void *address, size_t size, unsigned flags,
			 struct unwind_start start);
void __wrap_record_free(struct hook hook, const void *address, unsigned flags);
void __wrap_record_undo(struct hook hook);
void __wrap_record_track(struct hook hook, uint32_t domain, const void *address, size_t size,
			 unsigned flags, struct unwind_start start);
void __wrap_record_unmap(struct hook hook, const void *address, size_t size, unsigned flags);
void __wrap_record_undo_unmap(struct hook hook);
size_t __wrap_codec_encode(const uint64_t *words, size_t n_words, bool stamped, uint8_t *out,
			   size_t capacity, struct codec_summary *summary);
size_t __wrap_ZSTD_compressCCtx(void *context, void *to, size_t room, const void *from, size_t size,
				int level);
size_t __wrap_ZSTD_compress2(void *context, void *to, size_t room, const void *from, size_t size);
extern const struct sink __wrap_trace_file_sink, __real_trace_file_sink;

void __wrap_record_alloc(struct hook hook, const void *address, size_t size, unsigned flags,
			 struct unwind_start start)
{
	(void)address, (void)size, (void)flags;
	if (STAGE_UNWINDS && !hook.nested)
		unwind(hook.thread->unwinder, start, modules_generation);
}

void __wrap_record_free(struct hook hook, const void *address, unsigned flags)
{
	(void)hook, (void)address, (void)flags;
}

void __wrap_record_undo(struct hook hook)
{
	(void)hook;
}

void __wrap_record_track(struct hook hook, uint32_t domain, const void *address, size_t size,
			 unsigned flags, struct unwind_start start)
{
	(void)domain;
	__wrap_record_alloc(hook, address, size, flags, start);
}

void __wrap_record_unmap(struct hook hook, const void *address, size_t size, unsigned flags)
{
	(void)hook, (void)address, (void)size, (void)flags;
}

void __wrap_record_undo_unmap(struct hook hook)
{
	(void)hook;
}

/* As if a block were encoded in 8 bytes. */
size_t __wrap_codec_encode(const uint64_t *words, size_t n_words, bool stamped, uint8_t *out,
			   size_t capacity, struct codec_summary *summary)
{
	(void)words, (void)n_words, (void)stamped, (void)capacity;
	memset(out, 0, 8);
	*summary = (struct codec_summary){.events = 1};
	return 8;
}

/* As if it were compressed to 8 bytes. */
size_t __wrap_ZSTD_compressCCtx(void *context, void *to, size_t room, const void *from, size_t size,
				int level)
{
	(void)context, (void)room, (void)from, (void)size, (void)level;
	memset(to, 0, 8);
	return 8;
}

size_t __wrap_ZSTD_compress2(void *context, void *to, size_t room, const void *from, size_t size)
{
	return __wrap_ZSTD_compressCCtx(context, to, room, from, size, 0);
}

/* All but events: the end of a process maps the raw block that it has appended. */
static int put_no_events(void *arg, const void *bytes, size_t size, uint64_t offset)
{
	struct chunk_header header;

	if (size >= TMZ_CHUNK_HEADER_SIZE && chunk_header_get(bytes, &header) &&
	    header.kind == CHUNK_EVENTS)
		return 0;
	return __real_trace_file_sink.put(arg, bytes, size, offset);
}

const struct sink __wrap_trace_file_sink = {.put = put_no_events};
