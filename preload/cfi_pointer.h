// SPDX-License-Identifier: MIT
/*
 * Numbers as .eh_frame writes them: signed LEB128 and encoded pointers (DW_EH_PE_*).
 *
 * Encodings that need a base that nobody has on x86-64 (text, function) or another read (indirect)
 * set the cursor's `bad`: they occur only for personality routines, which are skipped unread.
 */
#ifndef CFI_POINTER_H
#define CFI_POINTER_H

#include "cfi.h"
#include "common/bytes.h"

enum { CFI_POINTER_OMIT = 0xff };

static inline int64_t get_signed_leb(struct get *g)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t byte = get_fixed(g, 1);

		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			if (byte & 0x40 && shift + 7 < 64)
				value |= UINT64_MAX << (shift + 7);
			return (int64_t)value;
		}
	}
	g->bad = true;
	return 0;
}

/* The plain value: the low four bits of the encoding. */
static inline uint64_t get_pointer_value(struct get *g, unsigned encoding)
{
	switch (encoding & 15) {
	case 0x0: /* absolute */
	case 0x4:
	case 0xc:
		return get_fixed(g, 8);
	case 0x1:
		return get_varint(g);
	case 0x2:
		return get_fixed(g, 2);
	case 0x3:
		return get_fixed(g, 4);
	case 0x9:
		return (uint64_t)get_signed_leb(g);
	case 0xa:
		return (uint64_t)(int16_t)get_fixed(g, 2);
	case 0xb:
		return (uint64_t)(int32_t)get_fixed(g, 4);
	default:
		g->bad = true;
		return 0;
	}
}

static inline uint64_t get_pointer(struct get *g, unsigned encoding, const uint8_t *header)
{
	uint64_t place = (uintptr_t)g->at;

	switch (encoding & 0xf0) {
	case 0x00:
		return get_pointer_value(g, encoding);
	case 0x10: /* relative to where it stands */
		return place + get_pointer_value(g, encoding);
	case 0x30: /* relative to the start of .eh_frame_hdr */
		return (uintptr_t)header + get_pointer_value(g, encoding);
	case 0x50: /* absolute, at the next multiple of 8 */
		get_bytes(g, -place & 7);
		return get_fixed(g, 8);
	default:
		g->bad = true;
		return 0;
	}
}

#endif
