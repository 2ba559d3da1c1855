// SPDX-License-Identifier: MIT
/*
 * The files by number, each loaded when it is first asked for, and what they have answered.
 */
#include "symbol_files.h"

#include <stdlib.h>
#include <string.h>

#include "cache_folder.h"
#include "common/hash.h"
#include "die.h"
#include "intern.h"
#include "module_cache.h"
#include "module_jobs.h"

struct file {
	struct module_symbols *symbols;
	bool loaded;
	/* As recorded; what is loaded may know a build-id that was not. */
	uint64_t hash;
	size_t build_id_size;
};

/* What has been asked before. */
struct answer {
	uint64_t address;
	struct symbol *frames; /* NULL in a free slot */
	uint32_t file;
	uint32_t n;
};

struct symbol_files {
	struct symbols_options options;
	unsigned users;
	struct file *files;
	size_t n, cap;
	struct intern set;
	struct answer *answers;
	size_t n_answers, cap_answers;
};

struct symbol_files *symbol_files_new(const struct symbols_options *options)
{
	struct symbol_files *files = xcalloc(1, sizeof *files);

	files->options = *options;
	files->users = 1;
	intern_init(&files->set);
	return files;
}

struct symbol_files *symbol_files_hold(struct symbol_files *files)
{
	files->users++;
	return files;
}

void symbol_files_release(struct symbol_files *files)
{
	bool cached = false;

	if (--files->users)
		return;
	for (size_t i = 0; i < files->n; i++) {
		struct file *file = &files->files[i];

		cached = (file->loaded && module_cache_save(file->symbols)) || cached;
		module_symbols_free(file->symbols);
	}
	if (cached)
		cache_folder_trim(CACHE_FOLDER_MOST);
	for (size_t i = 0; i < files->cap_answers; i++)
		free(files->answers[i].frames);
	intern_release(&files->set);
	free(files->files);
	free(files->answers);
	free(files);
}

const struct symbols_options *symbol_files_options(const struct symbol_files *files)
{
	return &files->options;
}

size_t symbol_files_number(const struct symbol_files *files)
{
	return files->n;
}

static uint64_t file_hash(const char *path, const uint8_t *build_id, size_t build_id_size)
{
	return hash_mix(
		(uint64_t)hash_checksum(path, strlen(path)) << 32 |
		hash_checksum(build_id_size ? build_id : (const uint8_t *)"", build_id_size));
}

static uint64_t file_hash_of(const void *arg, uint32_t number)
{
	return ((const struct symbol_files *)arg)->files[number].hash;
}

uint32_t symbol_files_add(struct symbol_files *files, const char *path, const uint8_t *build_id,
			  size_t build_id_size, int64_t recorded_ns)
{
	struct intern *set = &files->set;
	uint64_t hash = file_hash(path, build_id, build_id_size);
	size_t slot = intern_start(set, hash);
	uint32_t number;

	for (; (number = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot)) {
		const struct file *file = &files->files[number];
		const struct module_symbols *known = file->symbols;

		if (strcmp(known->path, path) == 0 && file->build_id_size == build_id_size &&
		    (build_id_size ? memcmp(known->build_id, build_id, build_id_size) == 0
				   : known->recorded_ns == recorded_ns))
			return number;
	}
	if (files->n == files->cap) {
		files->cap = files->cap * 2 + 32;
		files->files = xreallocarray(files->files, files->cap, sizeof *files->files);
	}
	number = (uint32_t)files->n++;
	files->files[number] = (struct file){
		.symbols = module_symbols_new(&files->options, path, build_id, build_id_size),
		.hash = hash,
		.build_id_size = build_id_size,
	};
	files->files[number].symbols->recorded_ns = recorded_ns;
	intern_add(set, slot, number, file_hash_of, files);
	return number;
}

struct module_symbols *symbol_files_get(struct symbol_files *files, uint32_t number)
{
	struct file *file = &files->files[number];

	if (!file->loaded) {
		file->loaded = true;
		module_symbols_load(file->symbols);
	}
	return file->symbols;
}

static size_t look_up(struct symbol_files *files, uint32_t file, uint64_t address,
		      struct symbol **frames)
{
	if (file != SYMBOL_FILE_NONE)
		return module_symbols_find(symbol_files_get(files, file), address, frames);
	*frames = xcalloc(1, sizeof **frames);
	return 1;
}

static struct answer *answer_slot(const struct symbol_files *files, uint32_t file, uint64_t address)
{
	uint64_t hash = (address ^ (uint64_t)file << 48) * 0x9e3779b97f4a7c15u;
	size_t i = (hash ^ hash >> 29) & (files->cap_answers - 1);

	while (files->answers[i].frames &&
	       (files->answers[i].address != address || files->answers[i].file != file))
		i = (i + 1) & (files->cap_answers - 1);
	return &files->answers[i];
}

/* Makes room for N more. */
static void room_for_answers(struct symbol_files *files, size_t n)
{
	struct answer *old = files->answers;
	size_t cap = files->cap_answers;

	if (2 * (files->n_answers + n) <= cap)
		return;
	for (files->cap_answers = 1024; files->cap_answers < 2 * (files->n_answers + n);)
		files->cap_answers *= 2;
	files->answers = xcalloc(files->cap_answers, sizeof *files->answers);
	for (size_t i = 0; i < cap; i++)
		if (old[i].frames)
			*answer_slot(files, old[i].file, old[i].address) = old[i];
	free(old);
}

const struct symbol *symbol_files_find(struct symbol_files *files, uint32_t file, uint64_t address,
				       size_t *n)
{
	room_for_answers(files, 1);
	struct answer *answer = answer_slot(files, file, address);

	if (!answer->frames) {
		answer->address = address;
		answer->file = file;
		answer->n = (uint32_t)look_up(files, file, address, &answer->frames);
		files->n_answers++;
	}
	*n = answer->n;
	return answer->frames;
}

static int by_file(const void *a, const void *b)
{
	const struct symbol_file_query *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

/* Those that have not been answered, in order and each once. */
static size_t keep_new(const struct symbol_files *files, struct symbol_file_query *queries,
		       size_t n)
{
	size_t n_new = 0, kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!files->n_answers ||
		    !answer_slot(files, queries[i].file, queries[i].address)->frames)
			queries[n_new++] = queries[i];
	qsort(queries, n_new, sizeof *queries, by_file);
	for (size_t i = 0; i < n_new; i++)
		if (!kept || by_file(&queries[kept - 1], &queries[i]) != 0)
			queries[kept++] = queries[i];
	return kept;
}

static struct module_job start_job(struct file *file, struct module_answer *answers)
{
	struct module_job job = {
		.symbols = file->symbols, .load = !file->loaded, .answer = answers};

	file->loaded = true;
	return job;
}

void symbol_files_find_all(struct symbol_files *files, struct symbol_file_query *queries, size_t n)
{
	n = keep_new(files, queries, n);
	struct module_answer *answers = xcalloc(n, sizeof *answers);
	struct module_job *jobs = xcalloc(files->n, sizeof *jobs);
	size_t n_jobs = 0;

	for (size_t i = 0; i < n; i++) {
		if (!i || queries[i].file != queries[i - 1].file)
			jobs[n_jobs++] = start_job(&files->files[queries[i].file], &answers[i]);
		jobs[n_jobs - 1].n++;
		answers[i].address = queries[i].address;
	}
	module_jobs_run(jobs, n_jobs);
	room_for_answers(files, n);
	for (size_t i = 0; i < n; i++)
		*answer_slot(files, queries[i].file, queries[i].address) = (struct answer){
			.address = queries[i].address,
			.frames = answers[i].frames,
			.file = queries[i].file,
			.n = answers[i].n,
		};
	files->n_answers += n;
	free(jobs);
	free(answers);
}

void symbol_files_load(struct symbol_files *files, const bool *wanted)
{
	struct module_job *jobs = xcalloc(files->n, sizeof *jobs);
	size_t n = 0;

	for (size_t i = 0; i < files->n; i++)
		if (wanted[i] && !files->files[i].loaded)
			jobs[n++] = start_job(&files->files[i], NULL);
	module_jobs_run(jobs, n);
	free(jobs);
}
