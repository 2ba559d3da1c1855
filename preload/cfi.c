// SPDX-License-Identifier: MIT
/*
 * Finding the FDE of a pc: binary search in the table of .eh_frame_hdr, or, where the table is
 * absent or of an encoding that no linker writes, a scan of .eh_frame.
 */
#include "cfi.h"

#include "cfi_pointer.h"
#include "cfi_program.h"

enum {
	TABLE_ENCODING = 0x3b /* signed 4 bytes from the header's start: what every linker writes */
};
enum { TABLE_ENTRY = 8 };

/* A cursor from `address` to the section's end; empty if the address is outside. */
static struct get section_at(const struct cfi_section *section, uint64_t address)
{
	uint64_t start = (uintptr_t)section->start,
		 size = (uint64_t)(section->end - section->start);

	if (address - start >= size)
		return (struct get){.bad = true};
	return get_from((const uint8_t *)address, size - (address - start));
}

/* Cuts the next record off; an empty one ends .eh_frame. */
static struct get record_next(struct get *g)
{
	uint64_t length = get_fixed(g, 4);
	const uint8_t *bytes = get_bytes(g, length);

	/* 0xffffffff would announce a 64-bit length; no assembler writes one, libgcc reads none. */
	return bytes ? get_from(bytes, length) : (struct get){.bad = true};
}

static void cie_augment(struct cfi_entry *entry, struct get *g, const uint8_t *letters,
			const struct cfi_section *section)
{
	uint64_t size = get_varint(g);
	const uint8_t *bytes = get_bytes(g, size);
	struct get data = bytes ? get_from(bytes, size) : (struct get){.bad = true};

	for (entry->augmented = true; *letters && !data.bad; letters++) {
		if (*letters == 'R') {
			entry->encoding = (uint8_t)get_fixed(&data, 1);
		} else if (*letters == 'S') {
			entry->signal = true;
		} else if (*letters == 'L') {
			get_fixed(&data, 1);
		} else if (*letters == 'P') {
			/* Only its size matters, so the base and the indirection do not. */
			unsigned encoding = (unsigned)get_fixed(&data, 1);

			get_pointer(&data, (encoding & 0x70) == 0x50 ? 0x50 : encoding & 15,
				    section->header);
		} else {
			break; /* unknown letters come last, and their bytes are counted */
		}
	}
	g->bad |= data.bad;
}

static bool cie_read(struct cfi_entry *entry, const struct cfi_section *section, uint64_t address)
{
	struct get rest = section_at(section, address);
	struct get g = record_next(&rest);
	bool is_cie = get_fixed(&g, 4) == 0;
	unsigned version = (unsigned)get_fixed(&g, 1);
	const uint8_t *letters = g.at;

	while (get_fixed(&g, 1))
		;
	if (!is_cie || g.bad || (version != 1 && version != 3 && version != 4))
		return false;
	if (version == 4 && get_fixed(&g, 2) != 8)
		return false; /* address size 8, no segments */
	entry->code_factor = get_varint(&g);
	entry->data_factor = get_signed_leb(&g);
	if ((version == 1 ? get_fixed(&g, 1) : get_varint(&g)) != CFI_RIP)
		return false;
	if (*letters == 'z')
		cie_augment(entry, &g, letters + 1, section);
	else if (*letters)
		return false;
	entry->initial = g;
	return !g.bad;
}

/* Opens the record that `g` is at. False for a CIE too. */
static bool fde_read(struct cfi_entry *entry, const struct cfi_section *section, struct get g)
{
	uint64_t place = (uintptr_t)g.at, back = get_fixed(&g, 4);

	*entry = (struct cfi_entry){0};
	if (!back || g.bad || !cie_read(entry, section, place - back))
		return false;
	entry->begin = get_pointer(&g, entry->encoding, section->header);
	entry->size = get_pointer_value(&g, entry->encoding);
	if (entry->augmented)
		get_bytes(&g, get_varint(&g));
	entry->program = g;
	return !g.bad;
}

static bool fde_covers(const struct cfi_entry *entry, uint64_t pc)
{
	return pc - entry->begin < entry->size;
}

/*
 * The FDE of a table entry. Linkers keep FDEs of functions that became empty, and may name such a
 * one in place of that behind it, of a function at the same address.
 */
static bool table_read(struct cfi_entry *entry, const struct cfi_section *section,
		       const uint8_t *at, uint64_t pc)
{
	struct cfi_entry behind;
	int32_t place;

	memcpy(&place, at + sizeof(place), sizeof(place));
	struct get rest =
		section_at(section, (uintptr_t)section->header + (uint64_t)(int64_t)place);

	if (!fde_read(entry, section, record_next(&rest)))
		return false;
	if (!entry->size && fde_read(&behind, section, record_next(&rest)) &&
	    fde_covers(&behind, pc))
		*entry = behind;
	return true;
}

/*
 * From the FDE that `.eh_frame_hdr` names for the last function starting at or before pc that is
 * not empty.
 */
static bool table_find(struct cfi_entry *entry, const struct cfi_section *section, struct get table,
		       uint64_t count, uint64_t pc)
{
	int64_t wanted = (int64_t)(pc - (uintptr_t)section->header);
	const uint8_t *first = table.at;
	int32_t start;

	if (count > get_left(&table) / TABLE_ENTRY)
		count = get_left(&table) / TABLE_ENTRY;
	if (!count)
		return false;
	while (count > 1) {
		const uint8_t *middle = first + count / 2 * TABLE_ENTRY;

		memcpy(&start, middle, sizeof(start));
		if (start <= wanted) {
			first = middle;
			count -= count / 2;
		} else {
			count /= 2;
		}
	}
	bool found = table_read(entry, section, first, pc);

	while (found && !entry->size && first > table.at) {
		first -= TABLE_ENTRY;
		found = table_read(entry, section, first, pc);
	}
	return found && fde_covers(entry, pc);
}

static bool scan_find(struct cfi_entry *entry, const struct cfi_section *section, struct get frames,
		      uint64_t pc)
{
	while (!frames.bad) {
		struct get g = record_next(&frames);

		if (!get_left(&g))
			return false;
		if (fde_read(entry, section, g) && fde_covers(entry, pc))
			return true;
	}
	return false;
}

static bool entry_find(struct cfi_entry *entry, const struct cfi_section *section, uint64_t pc)
{
	struct get g = section_at(section, (uintptr_t)section->header);
	unsigned version = (unsigned)get_fixed(&g, 1);
	unsigned frames_encoding = (unsigned)get_fixed(&g, 1),
		 count_encoding = (unsigned)get_fixed(&g, 1);
	unsigned table_encoding = (unsigned)get_fixed(&g, 1);
	uint64_t frames = get_pointer(&g, frames_encoding, section->header);

	if (g.bad || version != 1)
		return false;
	if (count_encoding != CFI_POINTER_OMIT && table_encoding == TABLE_ENCODING) {
		uint64_t count = get_pointer(&g, count_encoding, section->header);

		return !g.bad && table_find(entry, section, g, count, pc);
	}
	return scan_find(entry, section, section_at(section, frames), pc);
}

bool cfi_find(const struct cfi_section *section, uintptr_t pc, struct cfi_scratch *scratch,
	      struct cfi_row *row)
{
	struct cfi_entry entry;

	if (section->end - section->start > INT32_MAX)
		return false;
	return entry_find(&entry, section, pc) && cfi_run(section, &entry, pc, scratch, row);
}
