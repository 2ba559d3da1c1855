// SPDX-License-Identifier: MIT
/*
 * What the replay, not the commands, needs of a trace: its chunks, stacks and recorded names.
 */
#ifndef ANALYZER_TRACE_PRIVATE_H
#define ANALYZER_TRACE_PRIVATE_H

#include "arena.h"
#include "intern.h"
#include "journal_file.h"
#include "module_map.h"
#include "perf_map.h"
#include "reader.h"
#include "stacks.h"
#include "trace.h"

struct trace_mark {
	uint32_t number;
	const char *name;
	size_t name_size;
};

struct trace_domain {
	uint32_t number;
	const char *name;
};

/* One source-level frame of a names chunk, the function as in the symbol table or demangled; NULL
 * where not recorded. */
struct trace_level {
	const char *file, *function, *module;
	uint32_t line;
};

/* What a names chunk says of a look-up address, innermost first. */
struct trace_name {
	uint64_t address;
	uint32_t module; /* index in trace->modules, MODULE_NONE */
	uint32_t n_levels;
	const struct trace_level *levels;
};

/* What a forked child knows of its parent. */
struct trace_parent {
	uint64_t identity;	 /* of the parent's trace; 0: there is none */
	const char *path;	 /* "" not recorded */
	const uint8_t *position; /* PROCESS_FORKED_AT; NULL not recorded */
	size_t position_size;
};

/* Where the numbers of a trace stand among those of the one that it is replayed for. */
struct trace_origin {
	uint32_t generation, generations; /* its first one, and how many behind that differ */
	uint32_t thread;		  /* what its thread numbers are counted from */
};

/* As all that is replayed together numbers them; thread 0 is unknown everywhere. */
static inline uint32_t origin_thread(const struct trace_origin *origin, uint32_t number)
{
	return number ? origin->thread + number : 0;
}

static inline uint32_t origin_generation(const struct trace_origin *origin, uint64_t generation)
{
	return origin->generation +
	       (generation < origin->generations ? (uint32_t)generation : origin->generations);
}

struct trace_private {
	struct arena arena;
	struct reader reader;
	struct journal_file journal; /* its words are with the chunks of the reader */
	struct module_map map;
	struct stacks stacks; /* of all replays of this trace */
	struct trace_mark *marks;
	size_t n_marks, cap_marks;
	struct trace_domain *domains; /* names, in the order in which they were given */
	size_t n_domains, cap_domains;
	struct trace_name *names;
	size_t n_names, cap_names;
	struct intern name_set;
	struct perf_map perf_map;
	/* The public arrays while they grow. */
	struct trace_module *modules;
	uint64_t *module_ids; /* as recorded, by index */
	struct trace_thread *threads;
	struct trace_difference *differences;
	size_t cap_modules, cap_threads;
	uint64_t stamp_start;	     /* PROCESS_STAMP_START */
	uint64_t module_main;	     /* PROCESS_MODULE_MAIN, UINT64_MAX not recorded */
	bool closed;		     /* there is a closing chunk */
	bool unsafe;		     /* the recorder says that a kill may cost events */
	bool unknown_loss;	     /* a losses chunk has a number that nobody knows */
	uint64_t lost_to_damage;     /* of the lost events, those that recover left out */
	uint64_t lost_recording;     /* of the lost events, those the recorder lost */
	unsigned n_warnings;	     /* texts in trace->warning */
	size_t told, told_inherited; /* bytes of both warnings that were said, see warning.h */
	uint64_t identity;	     /* of the file header; 0 not known */
	const char *boot_id;	     /* PROCESS_BOOT_ID, "" not recorded */
	uint64_t start_ticks;	     /* PROCESS_START_TICKS */
	struct trace_parent parent;
	struct trace_origin origin;
	struct stacks *stacks_of_all; /* those of the trace that it is replayed for */
	struct ancestor *ancestors;   /* the parent first */
	size_t n_ancestors;
	struct parents *parents;	     /* as trace_inherit was given them */
	size_t n_own_modules;		     /* behind them come inherited ones */
	size_t n_inherited_domains;	     /* behind them come its own */
	unsigned clock;			     /* enum process_clock, 0 unknown */
	uint64_t clock_stamp, clock_time_ns; /* of one later moment, for the speed of the clock */
};

/* NULL when no names chunk has it, of the trace or of one that it inherited from. */
const struct trace_name *trace_name_find(const struct trace *trace, uint32_t module,
					 uint64_t address);
bool trace_name_has_line(const struct trace_name *name);
/* As perf_map_find, of the trace and those that it inherited from. */
const char *trace_generated_find(const struct trace *trace, uint64_t address, size_t *size);

/* With nothing in it. */
struct trace *trace_new(const char *path);

/*
 * As trace_open, of a path that a trace names: a regular file that must be the trace of IDENTITY.
 * *message stays NULL where there is nothing at all.
 */
struct trace *trace_open_named(const char *path, uint64_t identity, char **message);

/*
 * Opens what SOURCE holds, which is taken over, under the name PATH. As trace_open, but without a
 * journal, or with the one that JOURNAL, which stays the caller's, holds.
 */
struct trace *trace_open_source(struct source *source, const char *path, char **message);
struct trace *trace_open_sources(struct source *source, const struct source *journal,
				 const char *path, char **message);

#endif
