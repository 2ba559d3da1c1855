// SPDX-License-Identifier: MIT
/* Function names by address from the ELF symbol table, for code that has no DWARF. */
#ifndef ANALYZER_SYMBOL_TABLE_H
#define ANALYZER_SYMBOL_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "elf_file.h"

struct symbol_table {
	struct entry *entry; /* sorted by address */
	size_t n, cap;
};

/* Adds the functions in FILE's .symtab, or .dynsym without one; names stay borrowed from FILE. */
void symbol_table_add(struct symbol_table *t, const struct elf_file *file);
/* To be called after the last add and before the first find. */
void symbol_table_sort(struct symbol_table *t);
/* The name of the function around a link-time ADDRESS; NULL when there is none. */
const char *symbol_table_find(const struct symbol_table *t, uint64_t address);
void symbol_table_release(struct symbol_table *t);

#endif
