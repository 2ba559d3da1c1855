// SPDX-License-Identifier: MIT
/*
 * Names and lines: a run-time address in a module becomes the source-level frames it stands for.
 *
 * Lazy (a module is opened when its first address is asked for, a unit's tables are built when its
 * first address is) and memoized by file and address in it, for all modules and traces that have it.
 * Nothing is fetched from a network unless asked.  The file on disk is believed only when its build-id
 * is the recorded one; where none was recorded, when it is not newer than the recording.  One thread
 * at a time.
 */
#ifndef ANALYZER_SYMBOLS_H
#define ANALYZER_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols;

struct symbols_options {
	bool no_inlines;	       /* fold inlined functions into the one that is in the code */
	bool no_demangle;	       /* names as in the symbol table */
	bool no_cache;		       /* neither read nor written */
	bool debuginfod;	       /* ask servers for what is not on this machine */
	const char *const *debug_dirs; /* looked in before /usr/lib/debug; borrowed */
	size_t n_debug_dirs;
	const char *sysroot; /* before module paths and /usr/lib/debug; NULL for none; borrowed */
};

/* What a module's names come from, or why there are none. */
enum symbols_debug {
	SYMBOLS_UNKNOWN,  /* no such module */
	SYMBOLS_NONE,	  /* the file is right, but has neither DWARF nor symbols */
	SYMBOLS_SYMTAB,	  /* functions from a symbol table, no lines */
	SYMBOLS_DWARF,	  /* functions, inlines and lines */
	SYMBOLS_MISMATCH, /* the file on disk is not the one that ran */
	SYMBOLS_MISSING,  /* no file, or none that can be read */
	SYMBOLS_DAMAGED,  /* reading it failed: names may be known up to there, not behind it */
};

/* One source-level frame; the strings are borrowed from the service. */
struct symbol {
	const char *function; /* demangled; NULL when unknown */
	const char *linkage;  /* as the symbol table has it; NULL when unknown */
	const char *file; /* joined with its directories as DWARF has them; NULL: no line info */
	unsigned line;	  /* 0 when there is none */
	bool inlined;	  /* this function was inlined into that of the next frame */
};

/* OPTIONS is copied, what it points to is not.  Never fails. */
struct symbols *symbols_new(const struct symbols_options *options);
/*
 * As symbols_new with the options of OTHER, for the modules of another trace: what the two have in
 * common is read once.
 */
struct symbols *symbols_share(struct symbols *other);
/* The last of those that share caches what was found, see symbol_cache.h. */
void symbols_free(struct symbols *s);
const struct symbols_options *symbols_options(const struct symbols *s);

/*
 * When the modules that are added from now on were recorded: what is newer need not be what ran.
 * 0, as in the beginning: not known.
 */
void symbols_set_recorded(struct symbols *s, uint64_t time_ns);

/*
 * Makes module ID (a dense small number; adding it again changes nothing) known.  PATH may be
 * "[vdso]" or "".  BIAS is load address - link address.  BUILD_ID_SIZE is 0 when none was recorded.
 * Does no I/O; everything is copied.
 */
void symbols_add_module(struct symbols *s, uint32_t id, const char *path, const uint8_t *build_id,
			size_t build_id_size, uint64_t bias);

/*
 * The frames at the look-up ADDRESS (a run-time address: already return address - 1), the innermost
 * inlined function first; *N is at least 1 and the result never NULL: what is not known is NULL or 0
 * in the symbol.  May load the module.  The result lives as long as S.
 */
const struct symbol *symbols_find(struct symbols *s, uint32_t module, uint64_t address, size_t *n);

struct symbols_query {
	uint32_t module;
	uint64_t address;
};

/*
 * symbols_find for all of QUERIES, on all cores, in an order that takes the least memory; what they
 * are told is remembered. Queries may be equal, and there may be none.
 */
void symbols_find_all(struct symbols *s, const struct symbols_query *queries, size_t n);

/* Loads every module, on all cores. */
void symbols_load_all(struct symbols *s);

/* Both may load the module. */
enum symbols_debug symbols_module_debug(struct symbols *s, uint32_t module);

/* One line for people: what was looked for, what to install; NULL when there is nothing to say. */
const char *symbols_module_advice(struct symbols *s, uint32_t module);

#endif
