// SPDX-License-Identifier: MIT
/*
 * The names and lines of one module.
 *
 * What one module needs is all in here, so two threads may work on two modules at once; one module
 * is for one thread at a time.
 */
#ifndef ANALYZER_MODULE_SYMBOLS_H
#define ANALYZER_MODULE_SYMBOLS_H

#include "debug_file.h"
#include "elf_file.h"
#include "guard.h"
#include "name_map.h"
#include "symbol_cache.h"
#include "symbol_table.h"
#include "symbols.h"
#include "units.h"

#define KEPT_BITS 9

/* Where a text was found and the copy of it. */
struct kept_text {
	const char *from, *to;
};

struct module_symbols {
	const struct symbols_options *options; /* borrowed */
	int64_t recorded_ns; /* since the epoch, for the caller to fill in; 0: not known */
	struct debug_search search;
	char *path;    /* as recorded */
	char *located; /* the same below the sysroot */
	uint8_t *build_id;
	size_t build_id_size;
	enum symbols_debug debug; /* once loaded */
	bool opened, have_units, have_table, have_advice;
	int64_t opened_ns; /* since the epoch, when the first file was */
	bool broken;  /* something of what is below could not be read to its end, and is lost */
	char *damage; /* says so */
	char *advice;
	struct guard guard;
	char *real_path; /* of the file that units are of; NULL: none */
	char *lost_alternate;
	uint8_t *alternate_id;
	size_t alternate_id_size;
	char *fetched, *fetched_alternate; /* from a server; NULL: nothing was */
	const char *fetch_problem;	   /* why the last of them was not; NULL: not asked */
	/* The program, its separate debug file, what dwz took out of that, .gnu_debugdata. */
	struct elf_file binary, separate, alternate, packed;
	Dwarf *dwarf, *alternate_dwarf;
	struct units units;
	size_t units_most; /* bytes of tables to be kept at once; 0: any number */
	struct symbol_table table;
	struct name_map names; /* linkage name -> demangled, or NULL when it is not mangled */
	struct name_map kept;  /* all text of answers */
	struct kept_text last[1 << KEPT_BITS];
	struct symbol_cache *cache; /* NULL: none */
};

/* Does no I/O; the path and the build-id are copied. BUILD_ID_SIZE is 0 when none was recorded. */
struct module_symbols *module_symbols_new(const struct symbols_options *options, const char *path,
					  const uint8_t *build_id, size_t build_id_size);
void module_symbols_free(struct module_symbols *m);

/*
 * To be called once, before the functions below. Opens the cache, and the files if there is nothing
 * in that; else the first address that is not in it opens them.
 */
void module_symbols_load(struct module_symbols *m);

/*
 * The frames at a link-time ADDRESS as symbols_find tells them, at least one; the array is the
 * caller's to free, its strings live as long as M.
 */
size_t module_symbols_find(struct module_symbols *m, uint64_t address, struct symbol **frames);

struct module_answer {
	uint64_t address; /* link-time */
	struct symbol *frames;
	uint32_t n;
	uint32_t unit; /* scratch */
};

/*
 * Fills in the frames of N different addresses, unit after unit, so that what was read of one can
 * be forgotten before the next.
 */
void module_symbols_find_all(struct module_symbols *m, struct module_answer *answers, size_t n);

/* The size of the file: about how much work the module is, before it is loaded. */
uint64_t module_symbols_weight(const struct module_symbols *m);

/* As symbols_module_advice. */
const char *module_symbols_advice(struct module_symbols *m);

#endif
