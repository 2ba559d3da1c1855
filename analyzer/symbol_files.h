// SPDX-License-Identifier: MIT
/*
 * The files behind the modules of all traces of a command: what several processes have loaded is
 * read once. Each has a number, its names are found by link-time address and remembered.
 */
#ifndef ANALYZER_SYMBOL_FILES_H
#define ANALYZER_SYMBOL_FILES_H

#include "module_symbols.h"

struct symbol_files;

#define SYMBOL_FILE_NONE UINT32_MAX

/* OPTIONS is copied. Counted: `hold` is one more who releases. */
struct symbol_files *symbol_files_new(const struct symbols_options *options);
struct symbol_files *symbol_files_hold(struct symbol_files *files);
/* The last one caches what was found. */
void symbol_files_release(struct symbol_files *files);

const struct symbols_options *symbol_files_options(const struct symbol_files *files);

/*
 * The number of a file. Equal are those of one path and build-id; without a build-id, of one path
 * and time RECORDED_NS. Does no I/O.
 */
uint32_t symbol_files_add(struct symbol_files *files, const char *path, const uint8_t *build_id,
			  size_t build_id_size, int64_t recorded_ns);

/* Loads it when it is first asked for. */
struct module_symbols *symbol_files_get(struct symbol_files *files, uint32_t file);

/* As symbols_find, at a link-time address; SYMBOL_FILE_NONE knows nothing. */
const struct symbol *symbol_files_find(struct symbol_files *files, uint32_t file, uint64_t address,
				       size_t *n);

struct symbol_file_query {
	uint32_t file;
	uint64_t address;
};

/* As symbols_find_all. QUERIES are put in order. */
void symbol_files_find_all(struct symbol_files *files, struct symbol_file_query *queries, size_t n);

/* Loads those for which WANTED, by number, is true. */
void symbol_files_load(struct symbol_files *files, const bool *wanted);
size_t symbol_files_number(const struct symbol_files *files);

#endif
