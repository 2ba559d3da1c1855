// SPDX-License-Identifier: MIT
/*
 * A payload as one zstd frame. The memory for that is mapped when it is first needed, and grows. The
 * caller has the lock `writer` and much stack, see stack_switch.h.
 */
#ifndef PRELOAD_COMPRESS_H
#define PRELOAD_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

/* The most that a frame of `size` bytes takes. */
size_t compress_bound(size_t size);

/*
 * Compresses `size` bytes. `parts`, if not NULL, are the sizes of their CODEC_PARTS parts, of which
 * each gets codes of its own. The size of the frame; 0 if there is no memory.
 */
size_t compress_payload(uint8_t *frame, size_t room, const uint8_t *payload, size_t size,
			const size_t *parts);

/* In a forked child: the parent may have been compressing in another thread. */
void compress_forked(void);

#endif
