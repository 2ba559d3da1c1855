// SPDX-License-Identifier: MIT
/*
 * The places are those of gdb and elfutils, in their order.  A file that is found but is not the
 * right one (its build-id or checksum differs) is passed over and the search goes on.
 */
#include "debug_file.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

char *debug_file_build_id_path(const char *dir, const uint8_t *id, size_t size)
{
	size_t n = strlen(dir) + strlen("/.build-id/xx/.debug") + 2 * size + 1;
	char *path, *end;

	if (size < 2)
		return NULL;
	path = xmalloc(n);
	end = path + sprintf(path, "%s/.build-id/%02x/", dir, id[0]);
	for (size_t i = 1; i < size; i++)
		end += sprintf(end, "%02x", id[i]);
	strcpy(end, ".debug");
	return path;
}

static bool has_debug(const struct elf_file *f)
{
	return elf_file_has_section(f, "debug_info") || elf_file_has_section(f, "symtab");
}

bool debug_file_open(struct elf_file *f, char *path, const uint8_t *id, size_t size)
{
	bool ok = path && elf_file_open(f, path);

	free(path);
	if (!ok)
		return false;
	if (elf_file_has_build_id(f, id, size) && has_debug(f))
		return true;
	elf_file_release(f);
	return false;
}

char *debug_file_system_path(const char *sysroot, const uint8_t *id, size_t size)
{
	char *dir = xasprintf("%s" DEBUG_FILE_DIR, sysroot ? sysroot : "");
	char *path = debug_file_build_id_path(dir, id, size);

	free(dir);
	return path;
}

bool debug_file_by_build_id(const struct debug_search *s, const uint8_t *id, size_t size,
			    struct elf_file *f)
{
	*f = (struct elf_file){0};
	if (size < 2)
		return false;
	for (size_t i = 0; i < s->n_dirs; i++)
		if (debug_file_open(f, debug_file_build_id_path(s->dirs[i], id, size), id, size))
			return true;
	return debug_file_open(f, debug_file_system_path(s->sysroot, id, size), id, size);
}

struct link {
	const char *name;
	uint32_t crc;
	const uint8_t *id;
	size_t id_size;
};

/* Takes PATH over. */
static bool open_link(struct elf_file *f, const struct link *link, char *path)
{
	const uint8_t *id;
	size_t size;

	if (elf_file_open(f, path)) {
		size = elf_file_build_id(f, &id);
		/* A build-id says more than the checksum, which dwz and objcopy invalidate. */
		if (has_debug(f) &&
		    (size && link->id_size ? elf_file_has_build_id(f, link->id, link->id_size)
					   : elf_file_crc(f) == link->crc)) {
			free(path);
			return true;
		}
		elf_file_release(f);
	}
	free(path);
	return false;
}

/* DIR is that of the binary, without a slash at the end; INNER the same without the sysroot. */
static bool search_link(const struct debug_search *s, const struct link *l, const char *dir,
			const char *inner, struct elf_file *f)
{
	if (open_link(f, l, xasprintf("%s/%s", dir, l->name)) ||
	    open_link(f, l, xasprintf("%s/.debug/%s", dir, l->name)))
		return true;
	for (size_t i = 0; i < s->n_dirs; i++)
		if (open_link(f, l, xasprintf("%s%s/%s", s->dirs[i], inner, l->name)) ||
		    open_link(f, l, xasprintf("%s/%s", s->dirs[i], l->name)))
			return true;
	return open_link(f, l, xasprintf("%s" DEBUG_FILE_DIR "%s/%s", s->sysroot, inner, l->name));
}

static const char *without_sysroot(const struct debug_search *s, const char *path)
{
	size_t n = strlen(s->sysroot);

	return n && !strncmp(path, s->sysroot, n) ? path + n : path;
}

/* The path is tried as the loader knew it and as the file system does: /lib may be /usr/lib. */
bool debug_file_by_link(const struct debug_search *s, const struct elf_file *binary,
			const char *path, struct elf_file *f)
{
	struct link link = {.name = elf_file_debuglink(binary, &link.crc)};
	char *names[2] = {xstrdup(path), NULL};
	bool ok = false;

	*f = (struct elf_file){0};
	link.id_size = elf_file_build_id(binary, &link.id);
	if (link.name)
		names[1] = realpath(path, NULL);
	for (int i = 0; i < 2 && names[i] && link.name && !ok; i++) {
		char *slash = strrchr(names[i], '/');

		if (!slash || (i == 1 && !strncmp(names[0], names[1], strlen(names[1]))))
			continue;
		*slash = 0;
		ok = search_link(s, &link, names[i], without_sysroot(s, names[i]), f);
	}
	free(names[0]);
	free(names[1]);
	return ok;
}

bool debug_file_alternate(const struct debug_search *s, Dwarf *dwarf, const char *path,
			  struct elf_file *f)
{
	const char *name;
	const void *id;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &id);
	char *real, *slash;
	bool ok;

	*f = (struct elf_file){0};
	if (size <= 0)
		return false;
	if (name[0] == '/')
		return debug_file_open(f, xasprintf("%s%s", s->sysroot, name), id, (size_t)size) ||
		       debug_file_by_build_id(s, id, (size_t)size, f);
	/* A relative name starts at the file itself, not at a link to it. */
	real = realpath(path, NULL);
	slash = real ? strrchr(real, '/') : NULL;
	ok = slash && debug_file_open(f, xasprintf("%.*s/%s", (int)(slash - real), real, name), id,
				      (size_t)size);
	free(real);
	return ok || debug_file_by_build_id(s, id, (size_t)size, f);
}

const char *debug_file_alternate_name(Dwarf *dwarf, const uint8_t **id, size_t *size)
{
	const char *name;
	const void *bytes;
	ssize_t n = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &bytes);

	*id = n > 0 ? bytes : NULL;
	*size = n > 0 ? (size_t)n : 0;
	return n > 0 ? name : NULL;
}
