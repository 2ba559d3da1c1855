// SPDX-License-Identifier: MIT
/*
 * _dl_find_object names the module and its .eh_frame_hdr; the program headers, mapped at the
 * module's start, bound what may be read. dl_iterate_phdr would take the loader's lock inside
 * malloc: deadlock.
 */
#include "cfi_module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

enum { PAGE = 4096 };

/* Finds the readable segment that holds .eh_frame_hdr. */
static bool bound_section(const struct dl_find_object *module, struct cfi_section *section)
{
	const Elf64_Ehdr *elf = module->dlfo_map_start;
	uint64_t mapped = (uint64_t)((char *)module->dlfo_map_end - (char *)module->dlfo_map_start);
	uint64_t bias = module->dlfo_link_map->l_addr, header = (uintptr_t)module->dlfo_eh_frame;

	if (mapped < PAGE || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf->e_phentsize != sizeof(Elf64_Phdr))
		return false;
	if (elf->e_phoff > PAGE || elf->e_phnum > (PAGE - elf->e_phoff) / sizeof(Elf64_Phdr))
		return false; /* linkers put them right behind the ELF header */
	const Elf64_Phdr *segment = (const void *)((const char *)elf + elf->e_phoff);

	for (unsigned i = 0; i < elf->e_phnum; i++) {
		uint64_t start = bias + segment[i].p_vaddr;

		if (segment[i].p_type != PT_LOAD || !(segment[i].p_flags & PF_R) ||
		    header - start >= segment[i].p_filesz)
			continue;
		section->start = (const uint8_t *)start;
		section->end = (const uint8_t *)start + segment[i].p_filesz;
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
