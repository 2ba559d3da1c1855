// SPDX-License-Identifier: MIT
/*
 * Where debug information is when it is not in the program: separate files by build-id and by
 * .gnu_debuglink, and the files that dwz moved common parts to.  Only directories of this machine
 * are looked at; nothing here, and nothing it calls, knows a network.
 */
#ifndef ANALYZER_DEBUG_FILE_H
#define ANALYZER_DEBUG_FILE_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_file.h"

#define DEBUG_FILE_DIR "/usr/lib/debug" /* below the sysroot */

struct debug_search {
	const char *const
		*dirs; /* of the user, looked at first; as they are, without the sysroot */
	size_t n_dirs;
	const char *sysroot; /* before /usr/lib/debug and paths in files; "" for none */
};

/* Opens DIR/.build-id/xx/yyyy.debug; false, with F zeroed, when none of them has that build-id. */
bool debug_file_by_build_id(const struct debug_search *s, const uint8_t *id, size_t size,
			    struct elf_file *f);
/*
 * Opens the file that BINARY (found at PATH, sysroot included) names as its debug file: beside it,
 * in .debug/, below the debug directories. Its build-id, or else its checksum, must be right.
 */
bool debug_file_by_link(const struct debug_search *s, const struct elf_file *binary,
			const char *path, struct elf_file *f);
/* Opens the dwz file that DWARF, read from the file at PATH, needs; false when it needs none. */
bool debug_file_alternate(const struct debug_search *s, Dwarf *dwarf, const char *path,
			  struct elf_file *f);
/* The name of that file, and its build-id, borrowed; NULL when none is needed. */
const char *debug_file_alternate_name(Dwarf *dwarf, const uint8_t **id, size_t *size);

/* Opens PATH, which is taken over, if it has the build-id ID; else false, with F zeroed. */
bool debug_file_open(struct elf_file *f, char *path, const uint8_t *id, size_t size);

/* "DIR/.build-id/xx/yyyy.debug"; the caller's to free. NULL for a short ID. */
char *debug_file_build_id_path(const char *dir, const uint8_t *id, size_t size);
/* The same of the system's directory, below SYSROOT (NULL: none). */
char *debug_file_system_path(const char *sysroot, const uint8_t *id, size_t size);

#endif
