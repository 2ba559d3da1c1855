// SPDX-License-Identifier: MIT
/*
 * One opened ELF file, read-only: identity and sections.  Hides libelf's set-up, the kernel's vdso
 * (which is no file) and .gnu_debugdata (a compressed file inside a file).
 */
#ifndef ANALYZER_ELF_FILE_H
#define ANALYZER_ELF_FILE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_file {
	Elf *elf; /* NULL when not open */
	int fd;	  /* only meaningful while elf is not NULL */
	void *memory;
	uint64_t size;
	char *path;  /* as it was opened; NULL for what is no file */
	bool mapped; /* not unpacked, and not the vdso */
};

/* False, with F zeroed, unless PATH is a regular file that holds a 64-bit ELF program, library or debug file. */
bool elf_file_open(struct elf_file *f, const char *path);
/* Why it was false, in a few words. */
const char *elf_file_why_not(const char *path);
/* One with sections, but nothing in them: a stand-in for what libdw is not to look for. */
bool elf_file_open_empty(struct elf_file *f);
/* The vdso of this very process. */
bool elf_file_open_vdso(struct elf_file *f);
/* The symbol table that Fedora-like systems leave compressed inside a stripped OUTER. */
bool elf_file_open_debugdata(struct elf_file *f, const struct elf_file *outer);
void elf_file_release(struct elf_file *f);

/* The length of the build-id; 0 when there is none. Borrowed from F. */
size_t elf_file_build_id(const struct elf_file *f, const uint8_t **id);
bool elf_file_has_build_id(const struct elf_file *f, const uint8_t *id, size_t size);

/* Whether the file ends before its sections do: it was cut off. */
bool elf_file_is_short(const struct elf_file *f);

/* Whether there is a section NAME (without the dot) or its old compressed form (".z...") with data. */
bool elf_file_has_section(const struct elf_file *f, const char *name);

/* The size of it, unpacked; 0 without. */
size_t elf_file_section_size(const struct elf_file *f, const char *name);

/*
 * For what reads DWARF of F through libdw, which unpacks every section that it knows when it is
 * opened: hides those nothing here asks for. To be called before each time.
 */
void elf_file_hide_unused(const struct elf_file *f);
/* Whether there can be a second time: what is compressed in the old way is unpacked but once. */
bool elf_file_opens_again(const struct elf_file *f);
/* Takes the pages of the file out of this process's memory; they come back when they are read. */
void elf_file_forget(const struct elf_file *f);

/* The file that .gnu_debuglink names, with the checksum it must have; NULL without. Borrowed. */
const char *elf_file_debuglink(const struct elf_file *f, uint32_t *crc);
/* Reads the whole file. */
uint32_t elf_file_crc(const struct elf_file *f);

#endif
