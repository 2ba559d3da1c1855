// SPDX-License-Identifier: MIT
/*
 * A sorted array of functions.  Symbols may nest and overlap, and hand-written assembler leaves
 * some without a size: the innermost one with a size that reaches the address wins, and only where
 * none does, the label before it in the same section.
 */
#include "symbol_table.h"

#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>

#include "die.h"
#include "guard.h"

#define SYMBOLS_MAX (1u << 27) /* so that an index fits beside a rank of five bits */

struct entry {
	uint64_t start, end; /* equal for a label */
	uint64_t reach;	     /* the greatest end so far: a search backwards may stop below it */
	const char *name;
	uint64_t section_end;
	uint32_t order; /* which of several names of one function: the lowest */
};

static bool is_code(Elf *elf, const GElf_Sym *symbol, GElf_Shdr *section)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return false;
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE || !symbol->st_name)
		return false;
	return gelf_getshdr(elf_getscn(elf, symbol->st_shndx), section) &&
	       section->sh_flags & SHF_EXECINSTR;
}

/*
 * Which of several names of one function to show.  The public one is often the weak one (puts, not
 * _IO_puts; malloc, not __libc_malloc), so underscores say more than the binding. After that, the
 * first in the table.
 */
static uint32_t rank(const GElf_Sym *symbol, const char *name)
{
	uint32_t local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL;
	uint32_t label = GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE;
	uint32_t underscores = name[0] != '_' ? 0 : name[1] != '_' ? 1 : 2;

	return label << 3 | local << 2 | underscores;
}

static void add_section(struct symbol_table *t, Elf *elf, Elf_Scn *table, const GElf_Shdr *header)
{
	Elf_Data *symbols = elf_getdata(table, NULL);
	size_t n = symbols ? symbols->d_size / sizeof(Elf64_Sym) : 0;

	for (size_t i = 1; i < n && i < SYMBOLS_MAX; i++) {
		GElf_Sym symbol;
		GElf_Shdr section;
		const char *name;

		guard_tick();
		if (!gelf_getsym(symbols, (int)i, &symbol) || !is_code(elf, &symbol, &section))
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!name || !*name || symbol.st_value + symbol.st_size < symbol.st_value)
			continue;
		if (t->n == t->cap) {
			t->cap = t->cap ? 2 * t->cap : 256;
			t->entry = xreallocarray(t->entry, t->cap, sizeof(*t->entry));
		}
		t->entry[t->n++] = (struct entry){
			.start = symbol.st_value,
			.end = symbol.st_value + symbol.st_size,
			.name = name,
			.section_end = section.sh_addr + section.sh_size,
			.order = rank(&symbol, name) << 27 | (uint32_t)i,
		};
	}
}

static Elf_Scn *find_table(Elf *elf, unsigned type, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, header) && header->sh_type == type)
			break;
	return section;
}

void symbol_table_add(struct symbol_table *t, const struct elf_file *file)
{
	GElf_Shdr header;
	Elf_Scn *table = find_table(file->elf, SHT_SYMTAB, &header);

	if (!table)
		table = find_table(file->elf, SHT_DYNSYM, &header);
	if (table)
		add_section(t, file->elf, table, &header);
}

static int by_start(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* The search goes backwards. */
	return (x->order < y->order) - (x->order > y->order);
}

void symbol_table_sort(struct symbol_table *t)
{
	uint64_t reach = 0;

	if (!t->n)
		return;
	qsort(t->entry, t->n, sizeof(*t->entry), by_start);
	for (size_t i = 0; i < t->n; i++) {
		if (t->entry[i].end > reach)
			reach = t->entry[i].end;
		t->entry[i].reach = reach;
	}
}

const char *symbol_table_find(const struct symbol_table *t, uint64_t address)
{
	const struct entry *label = NULL;
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->entry[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i-- > 0;) {
		const struct entry *e = &t->entry[i];

		guard_tick();
		if (address < e->end)
			return e->name;
		if (e->start == e->end && address < e->section_end && !label)
			label = e;
		if (e->reach <= address)
			break;
	}
	return label ? label->name : NULL;
}

void symbol_table_release(struct symbol_table *t)
{
	free(t->entry);
	*t = (struct symbol_table){0};
}
