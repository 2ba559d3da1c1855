// SPDX-License-Identifier: MIT
/*
 * _dl_find_object names the module and its .eh_frame_hdr; the program headers, which are mapped
 * too, bound what may be read. dl_iterate_phdr would take the loader's lock inside malloc:
 * deadlock.
 */
#include "cfi_module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "readable.h"

enum { PAGE = 4096 };

struct segments {
	const Elf64_Phdr *at;
	uint64_t count;
};

/* Memory of the module that can be read; it may have holes. */
static bool holds(const struct dl_find_object *module, uintptr_t start, uint64_t size)
{
	const struct readable none = {0};
	uintptr_t from = (uintptr_t)module->dlfo_map_start, to = (uintptr_t)module->dlfo_map_end;
	uint64_t word;

	if (start < from || start > to || size < 8 || size > PAGE || size > to - start)
		return false;
	return readable_load(&none, start, 8, &word) &&
	       readable_load(&none, start + size - 8, 8, &word);
}

/*
 * Right behind the ELF header, where linkers put them; or where BOLT does, in a segment of their own
 * that lies at its file offset: there they must name themselves. Of a program whose segments the
 * kernel mapped with holes between them, _dl_find_object gives only the segment of the pc; the
 * kernel then says where they are.
 */
static bool find_segments(const struct dl_find_object *module, struct segments *segments)
{
	const Elf64_Ehdr *elf = module->dlfo_map_start;
	uint64_t mapped = (uintptr_t)module->dlfo_map_end - (uintptr_t)elf;

	if (mapped >= PAGE && memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0) {
		uintptr_t at = (uintptr_t)elf + elf->e_phoff;
		uint64_t size = elf->e_phnum * sizeof(Elf64_Phdr);

		segments->at = (const Elf64_Phdr *)at;
		segments->count = elf->e_phnum;
		if (elf->e_phentsize != sizeof(Elf64_Phdr))
			return false;
		if (elf->e_phoff <= PAGE && size <= PAGE - elf->e_phoff)
			return true;
		return holds(module, at, size) && segments->at->p_type == PT_PHDR &&
		       segments->at->p_vaddr == elf->e_phoff &&
		       module->dlfo_link_map->l_addr == (uintptr_t)elf;
	}
	segments->at = (const void *)getauxval(AT_PHDR);
	segments->count = getauxval(AT_PHNUM);
	return segments->at && !module->dlfo_link_map->l_prev;
}

/* Finds the readable segment that holds .eh_frame_hdr. */
static bool bound_section(const struct dl_find_object *module, struct cfi_section *section)
{
	uint64_t bias = module->dlfo_link_map->l_addr, header = (uintptr_t)module->dlfo_eh_frame;
	struct segments segments;

	if (!find_segments(module, &segments))
		return false;
	for (uint64_t i = 0; i < segments.count; i++) {
		const Elf64_Phdr *segment = &segments.at[i];
		uint64_t start = bias + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_R) ||
		    header - start >= segment->p_filesz)
			continue;
		section->start = (const uint8_t *)start;
		section->end = (const uint8_t *)start + segment->p_filesz;
		section->header = (const uint8_t *)header;
		return true;
	}
	return false;
}

enum cfi_place cfi_module_find(uintptr_t pc, struct cfi_scratch *scratch,
			       struct cfi_section *section, struct cfi_row *row)
{
	struct dl_find_object module;

	if (_dl_find_object((void *)pc, &module) != 0)
		return CFI_NOWHERE;
	if (!module.dlfo_eh_frame || !bound_section(&module, section))
		return CFI_BARE;
	return cfi_find(section, pc, scratch, row) ? CFI_FOUND : CFI_BARE;
}
