// SPDX-License-Identifier: MIT
/*
 * Maps the file as the loader would, at some other address: what linkers write there is relative.
 */
#include "compared_cfi.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "preload/cfi.h"
#include "preload/cfi_pointer.h"

enum { PAGE = 4096, TOLD_MAX = 5 };

/* One file, as mapped and as elfutils reads it. */
struct library {
	int file;
	Elf *elf;
	Dwarf_CFI *cfi;
	uint8_t *image;
	size_t image_size;
	uintptr_t bias; /* of addresses in the image to those in the file */
	struct cfi_section section;
};

static bool same_expression(const struct cfi_section *section, const struct cfi_rule *rule,
			    const Dwarf_Op *op)
{
	struct get g = get_from(section->start + rule->value, 64);

	get_varint(&g);
	return get_fixed(&g, 1) == op->atom;
}

static bool same_cfa(const struct cfi_section *section, const struct cfi_row *row,
		     Dwarf_Frame *frame)
{
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_frame_cfa(frame, &ops, &count) != 0)
		return false;
	if (row->cfa.how == CFI_EXPRESSION)
		return count > 1 && same_expression(section, &row->cfa, ops);
	if (count != 1)
		return false;
	if (ops->atom == DW_OP_bregx)
		return ops->number == row->cfa.reg && (int64_t)ops->number2 == row->cfa.value;
	return ops->atom == DW_OP_breg0 + row->cfa.reg && (int64_t)ops->number == row->cfa.value;
}

/* How elfutils states a stored or computed value: DW_OP_call_frame_cfa [plus offset] [stack_value].
 */
static bool same_offset(const struct cfi_rule *rule, const Dwarf_Op *ops, size_t count)
{
	bool value = count && ops[count - 1].atom == DW_OP_stack_value;
	int64_t offset = count > 1 && ops[1].atom == DW_OP_plus_uconst ? (int64_t)ops[1].number : 0;

	return count && ops[0].atom == DW_OP_call_frame_cfa && offset == rule->value &&
	       value == (rule->how == CFI_VAL_OFFSET);
}

static struct cfi_rule with_default(const struct cfi_row *row, int reg)
{
	struct cfi_rule rule = row->reg[reg];

	if (rule.how != CFI_UNSPECIFIED)
		return rule;
	if (reg == CFI_RSP)
		return (struct cfi_rule){.how = CFI_VAL_OFFSET};
	if (reg == CFI_RBX || reg == CFI_RBP || (reg >= CFI_R12 && reg <= CFI_R15))
		return (struct cfi_rule){.how = CFI_SAME};
	return (struct cfi_rule){.how = CFI_UNDEFINED};
}

static bool same_register(const struct cfi_section *section, const struct cfi_row *row,
			  Dwarf_Frame *frame, int reg)
{
	struct cfi_rule rule = with_default(row, reg);
	Dwarf_Op memory[3], *ops;
	size_t count;

	/* elfutils 0.188 takes rax for rbx in its table of preserved registers. */
	if ((reg == CFI_RAX || reg == CFI_RBX) && row->reg[reg].how == CFI_UNSPECIFIED)
		return true;
	if (dwarf_frame_register(frame, reg, memory, &ops, &count) != 0)
		return false;
	switch (rule.how) {
	case CFI_UNDEFINED:
		return count == 0 && ops == memory;
	case CFI_SAME:
		return count == 0 && !ops;
	case CFI_REGISTER:
		return count == 1 && ops->atom == DW_OP_regx && ops->number == rule.reg;
	case CFI_OFFSET:
	case CFI_VAL_OFFSET:
		return same_offset(&rule, ops, count);
	default:
		return count > 1 && same_expression(section, &rule, ops + 1) &&
		       (ops[count - 1].atom == DW_OP_stack_value) ==
			       (rule.how == CFI_VAL_EXPRESSION);
	}
}

static size_t page_up(size_t size)
{
	return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* The readable segments; and the section is the one that holds the header. */
static bool map_segments(struct library *library, size_t n, uint64_t header)
{
	GElf_Phdr segment;
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < n && gelf_getphdr(library->elf, (int)i, &segment); i++) {
		if (segment.p_type != PT_LOAD)
			continue;
		low = segment.p_vaddr < low ? segment.p_vaddr & ~(uint64_t)(PAGE - 1) : low;
		high = segment.p_vaddr + segment.p_memsz > high ? segment.p_vaddr + segment.p_memsz
								: high;
	}
	if (low >= high)
		return false;
	library->image_size = page_up(high - low);
	library->image = mmap(NULL, library->image_size, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	library->bias = (uintptr_t)library->image - low;
	for (size_t i = 0; i < n && gelf_getphdr(library->elf, (int)i, &segment); i++) {
		uint64_t skew = segment.p_vaddr % PAGE;
		uint8_t *start = (uint8_t *)library->bias + segment.p_vaddr;

		if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_R) || !segment.p_filesz)
			continue;
		mmap(start - skew, segment.p_filesz + skew, PROT_READ, MAP_PRIVATE | MAP_FIXED,
		     library->file, (off_t)(segment.p_offset - skew));
		if (header - segment.p_vaddr < segment.p_filesz)
			library->section = (struct cfi_section){
				.start = start,
				.end = start + segment.p_filesz,
				.header = (uint8_t *)library->bias + header,
			};
	}
	return library->section.header;
}

static void library_close(struct library *library)
{
	if (library->cfi)
		dwarf_cfi_end(library->cfi);
	elf_end(library->elf);
	if (library->image)
		munmap(library->image, library->image_size);
	if (library->file >= 0)
		close(library->file);
}

static bool library_open(struct library *library, const char *path)
{
	GElf_Phdr segment;
	size_t n = 0;

	*library = (struct library){.file = open(path, O_RDONLY | O_CLOEXEC)};
	elf_version(EV_CURRENT);
	library->elf = library->file < 0 ? NULL : elf_begin(library->file, ELF_C_READ_MMAP, NULL);
	library->cfi = library->elf ? dwarf_getcfi_elf(library->elf) : NULL;
	if (library->cfi && elf_getphdrnum(library->elf, &n) == 0)
		for (size_t i = 0; i < n && gelf_getphdr(library->elf, (int)i, &segment); i++)
			if (segment.p_type == PT_GNU_EH_FRAME)
				return map_segments(library, n, segment.p_vaddr);
	return false;
}

/* Ours at `address` is `frame`, or nothing if that is NULL. */
static bool same_row(const struct library *library, uint64_t address, Dwarf_Frame *frame)
{
	static struct cfi_scratch scratch;
	struct cfi_row row;
	bool signal, same;

	if (!cfi_find(&library->section, library->bias + address, &scratch, &row) || !frame)
		return !frame &&
		       !cfi_find(&library->section, library->bias + address, &scratch, &row);
	dwarf_frame_info(frame, NULL, NULL, &signal);
	same = signal == row.signal && same_cfa(&library->section, &row, frame);
	for (int reg = 0; reg < CFI_REGISTERS; reg++)
		same &= same_register(&library->section, &row, frame, reg);
	return same;
}

static void compare_at(const struct library *library, uint64_t address, Dwarf_Frame *frame,
		       struct cfi_tally *tally)
{
	tally->addresses++;
	if (!same_row(library, address, frame) && tally->different++ < TOLD_MAX)
		printf("    differs at %#lx\n", (unsigned long)address);
}

static void compare_range(const struct library *library, uint64_t from, uint64_t to, unsigned step,
			  Dwarf_Frame *frame, struct cfi_tally *tally)
{
	for (uint64_t address = from; address < to - 1; address += step)
		compare_at(library, address, frame, tally);
	compare_at(library, to - 1, frame, tally);
}

/* What holds at `address`, which is before `next`; returns where that ends. */
static uint64_t compare_next(const struct library *library, uint64_t address, uint64_t next,
			     unsigned step, struct cfi_tally *tally)
{
	Dwarf_Addr to = 0;
	Dwarf_Frame *frame = NULL;

	if (dwarf_cfi_addrframe(library->cfi, address, &frame) == 0) {
		dwarf_frame_info(frame, NULL, &to, NULL);
		tally->rows++;
	} else {
		to = next;
		tally->gaps++;
	}
	if (to <= address || to > next)
		to = next;
	compare_range(library, address, to, step, frame, tally);
	free(frame);
	return to;
}

/* From one function of .eh_frame_hdr's table to the next. */
bool compare_cfi(const char *path, unsigned step, struct cfi_tally *tally)
{
	struct library library;
	uint32_t count;
	int32_t starts[2];

	*tally = (struct cfi_tally){0};
	if (!library_open(&library, path)) {
		library_close(&library);
		return false;
	}
	const uint8_t *header = library.section.header;

	memcpy(&count, header + 8, sizeof(count));
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&starts[0], header + 12 + 8 * i, 4);
		memcpy(&starts[1], header + (i + 1 < count ? 20 : 12) + 8 * i, 4);
		uint64_t base = (uintptr_t)header - library.bias;
		uint64_t address = base + (uint64_t)(int64_t)starts[0];
		uint64_t next =
			i + 1 < count ? base + (uint64_t)(int64_t)starts[1] : address + PAGE;

		while (address < next)
			address = compare_next(&library, address, next, step, tally);
	}
	library_close(&library);
	return true;
}
