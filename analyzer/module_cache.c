// SPDX-License-Identifier: MIT
/*
 * The files that answers came from, this program and libdw among them: what another version says
 * may be another thing.  A file that was changed so shortly before it was read that a second change
 * might bear the same time is not trusted to be told from its successor.
 */
#include "module_cache.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "die.h"
#include "module_files.h"

#define SECOND 1000000000		      /* ns */
#define STEP (SECOND / 20)		      /* the clock of file times has shorter ones */
#define STEP_OF_SECONDS (2 * (int64_t)SECOND) /* of file systems that count in seconds */

static char *key_of(const struct module_symbols *m)
{
	char *key = xasprintf("%s\n%s\n%s", m->options->debuginfod ? "debuginfod" : "",
			      m->search.sysroot, m->path);

	for (size_t i = 0; i < m->search.n_dirs; i++) {
		char *longer = xasprintf("%s\n%s", key, m->search.dirs[i]);

		free(key);
		key = longer;
	}
	return key;
}

void module_cache_open(struct module_symbols *m)
{
	if (m->options->no_cache || !m->build_id_size)
		return;
	char *key = key_of(m);

	m->cache = symbol_cache_open(m->build_id, m->build_id_size, key);
	free(key);
}

static void add_tools(struct symbol_cache *cache)
{
	static const char self[] = "/proc/self/exe";
	struct file_identity identity = file_identity_of_path(self);
	void *libdw = dlsym(RTLD_DEFAULT, "dwarf_begin_elf");
	Dl_info info;

	symbol_cache_add_file(cache, self, &identity);
	if (libdw && dladdr(libdw, &info)) {
		identity = file_identity_of_path(info.dli_fname);
		symbol_cache_add_file(cache, info.dli_fname, &identity);
	}
}

/* FD is that of the opened file, -1 where none was; false when it cannot be told from another. */
static bool add_source(struct module_symbols *m, const char *path, int fd)
{
	if (!path)
		return false;
	struct file_identity named = file_identity_of_path(path), opened = named;

	if (fd >= 0)
		opened = file_identity_of_fd(fd);
	symbol_cache_add_file(m->cache, name_map_intern(&m->kept, path), &named);
	return file_identity_same(&named, &opened) &&
	       named.changed_ns + (named.changed_ns % SECOND ? STEP : STEP_OF_SECONDS) <=
		       m->opened_ns;
}

static bool add_sources(struct module_symbols *m)
{
	add_tools(m->cache);
	if (!add_source(m, m->located, m->binary.elf ? m->binary.fd : -1))
		return false;
	if (m->separate.elf && !add_source(m, m->separate.path, m->separate.fd))
		return false;
	if (m->alternate.elf && !add_source(m, m->alternate.path, m->alternate.fd))
		return false;
	for (size_t i = 0; i < m->units.n_split_paths; i++)
		if (!add_source(m, m->units.split_path[i], -1))
			return false;
	return true;
}

/* Nothing is missing that may be there another time. */
static bool is_whole(const struct module_symbols *m)
{
	return m->debug == SYMBOLS_DWARF && m->have_units && m->dwarf && !m->broken &&
	       !m->lost_alternate && !m->units.n_lost && !m->units.n_damaged;
}

bool module_cache_save(struct module_symbols *m)
{
	if (!m->cache || !m->opened)
		return false;
	/* That there is debug information is worth knowing even before it has been asked. */
	if (symbol_cache_is_filled(m->cache) && !symbol_cache_added(m->cache))
		return false;
	if (!is_whole(m) || !add_sources(m))
		return false;
	module_files_release(m); /* makes room for the copy that is written */
	return symbol_cache_save(m->cache, &m->names);
}
