// SPDX-License-Identifier: MIT
/*
 * The few parts of an ELF file that matter here, read by hand: libelf belongs to the symbols.
 *
 * Nothing the file says is believed: every read is bounded, every walk has an end. What cannot be
 * made sense of is no obstacle.
 */
#include "elf_check.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "die.h"

#define SEGMENTS_MOST 256
#define DYNAMIC_MOST 4096
#define CHAIN_MOST 65536
#define NAME_MOST 256
#define SCRIPTS_MOST 4 /* as the kernel allows */

struct program {
	int fd;
	Elf64_Phdr segments[SEGMENTS_MOST];
	size_t n_segments;
	Elf64_Dyn dynamic[DYNAMIC_MOST];
	size_t n_dynamic;
	bool interpreter;
	Elf64_Addr strings, symbols, gnu_hash, hash; /* 0: not there */
};

static bool read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

/* Reads what will be at a virtual address. */
static bool read_memory(const struct program *program, void *buffer, size_t size, uint64_t address)
{
	for (size_t i = 0; i < program->n_segments; i++) {
		const Elf64_Phdr *segment = &program->segments[i];
		uint64_t inside = address - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    inside < segment->p_filesz && size <= segment->p_filesz - inside)
			return read_at(program->fd, buffer, size, segment->p_offset + inside);
	}
	return false;
}

/* A string of the dynamic string table; "" when it is too long or not there. */
static void read_name(const struct program *program, uint64_t offset, char name[NAME_MOST])
{
	size_t n = 0;

	while (n < NAME_MOST && read_memory(program, name + n, 1, program->strings + offset + n) &&
	       name[n])
		n++;
	if (n == NAME_MOST)
		n = 0;
	name[n] = '\0';
}

/* Whether symbol number INDEX is a definition of NAME. */
static bool is_definition(const struct program *program, uint32_t index, const char *name)
{
	Elf64_Sym symbol;
	char text[NAME_MOST];

	if (!read_memory(program, &symbol, sizeof symbol,
			 program->symbols + (uint64_t)index * sizeof symbol))
		return false;
	if (symbol.st_shndx == SHN_UNDEF)
		return false;
	read_name(program, symbol.st_name, text);
	return strcmp(text, name) == 0;
}

static bool gnu_hash_find(const struct program *program, const char *name)
{
	uint32_t head[4], hash = 5381, index, link; /* buckets, first symbol, bloom words, shift */

	for (const char *at = name; *at; at++)
		hash = hash * 33 + (unsigned char)*at;
	if (!read_memory(program, head, sizeof head, program->gnu_hash) || !head[0])
		return false;
	uint64_t buckets = program->gnu_hash + sizeof head + (uint64_t)head[2] * 8;
	uint64_t chains = buckets + (uint64_t)head[0] * 4;

	if (!read_memory(program, &index, 4, buckets + hash % head[0] * 4) || index < head[1])
		return false;
	for (unsigned step = 0; step < CHAIN_MOST; step++, index++) {
		if (!read_memory(program, &link, 4, chains + (uint64_t)(index - head[1]) * 4))
			return false;
		if ((link | 1) == (hash | 1) && is_definition(program, index, name))
			return true;
		if (link & 1)
			return false;
	}
	return false;
}

static bool sysv_hash_find(const struct program *program, const char *name)
{
	uint32_t head[2], hash = 0, index; /* buckets, chains */

	for (const char *at = name; *at; at++) {
		hash = (hash << 4) + (unsigned char)*at;
		hash = (hash ^ (hash >> 28 << 4)) & 0x0fffffff;
	}
	if (!read_memory(program, head, sizeof head, program->hash) || !head[0])
		return false;
	uint64_t buckets = program->hash + sizeof head, chains = buckets + (uint64_t)head[0] * 4;

	if (!read_memory(program, &index, 4, buckets + hash % head[0] * 4))
		return false;
	for (unsigned step = 0; index && step < CHAIN_MOST; step++) {
		if (is_definition(program, index, name))
			return true;
		if (!read_memory(program, &index, 4, chains + (uint64_t)index * 4))
			return false;
	}
	return false;
}

static bool exports(const struct program *program, const char *name)
{
	if (!program->strings || !program->symbols)
		return false;
	return program->gnu_hash ? gnu_hash_find(program, name)
				 : program->hash && sysv_hash_find(program, name);
}

/* Whether a DT_NEEDED or DT_SONAME entry begins so. */
static bool has_library(const struct program *program, int64_t tag, const char *begin)
{
	char name[NAME_MOST];

	for (size_t i = 0; program->strings && i < program->n_dynamic; i++) {
		if (program->dynamic[i].d_tag != tag)
			continue;
		read_name(program, program->dynamic[i].d_un.d_val, name);
		if (strncmp(name, begin, strlen(begin)) == 0)
			return true;
	}
	return false;
}

static void dynamic_load(struct program *program, const Elf64_Phdr *segment)
{
	size_t n = segment->p_filesz / sizeof(Elf64_Dyn);

	if (n > DYNAMIC_MOST)
		n = DYNAMIC_MOST;
	if (!read_at(program->fd, program->dynamic, n * sizeof(Elf64_Dyn), segment->p_offset))
		return;
	while (program->n_dynamic < n && program->dynamic[program->n_dynamic].d_tag != DT_NULL) {
		const Elf64_Dyn *entry = &program->dynamic[program->n_dynamic++];

		if (entry->d_tag == DT_STRTAB)
			program->strings = entry->d_un.d_ptr;
		else if (entry->d_tag == DT_SYMTAB)
			program->symbols = entry->d_un.d_ptr;
		else if (entry->d_tag == DT_GNU_HASH)
			program->gnu_hash = entry->d_un.d_ptr;
		else if (entry->d_tag == DT_HASH)
			program->hash = entry->d_un.d_ptr;
	}
}

static bool segments_load(struct program *program, const Elf64_Ehdr *header)
{
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum > SEGMENTS_MOST ||
	    !read_at(program->fd, program->segments, header->e_phnum * sizeof(Elf64_Phdr),
		     header->e_phoff))
		return false;
	program->n_segments = header->e_phnum;
	for (size_t i = 0; i < program->n_segments; i++) {
		if (program->segments[i].p_type == PT_INTERP)
			program->interpreter = true;
		else if (program->segments[i].p_type == PT_DYNAMIC)
			dynamic_load(program, &program->segments[i]);
	}
	return true;
}

static const char *obstacle(int fd, const Elf64_Ehdr *header)
{
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64)
		return "is not an x86-64 program: libtmtrace.so is, nothing would be recorded";
	struct program *program = xcalloc(1, sizeof *program);
	const char *words = NULL;

	program->fd = fd;
	if (!segments_load(program, header))
		words = NULL;
	else if (!program->interpreter && !has_library(program, DT_SONAME, "ld-linux"))
		words = "is statically linked: LD_PRELOAD cannot reach it, nothing would be "
			"recorded";
	else if (exports(program, "__asan_init") || has_library(program, DT_NEEDED, "libasan.so") ||
		 has_library(program, DT_NEEDED, "libclang_rt.asan"))
		words = "is built with AddressSanitizer, which has its own malloc: nothing would "
			"be recorded";
	else if (exports(program, "malloc"))
		words = "exports its own malloc: LD_PRELOAD cannot replace it, nothing would be "
			"recorded";
	free(program);
	return words;
}

static const char *privileged(int fd)
{
	struct stat state;

	if (fstat(fd, &state) < 0 || !S_ISREG(state.st_mode))
		return NULL;
	if (state.st_mode & S_ISUID)
		return "is set-user-ID: LD_PRELOAD is ignored there, nothing would be recorded";
	if ((state.st_mode & S_ISGID) && (state.st_mode & S_IXGRP))
		return "is set-group-ID: LD_PRELOAD is ignored there, nothing would be recorded";
	if (fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return "has file capabilities: LD_PRELOAD is ignored there, nothing would be "
		       "recorded";
	return NULL;
}

/* The program that a line "#! PROGRAM ARGUMENT" names; NULL when there is none. For the caller to free. */
static char *interpreter_of(const char *text)
{
	if (strncmp(text, "#!", 2) != 0)
		return NULL;
	text += 2;
	text += strspn(text, " \t");
	size_t n = strcspn(text, " \t\n");

	return n ? xstrndup(text, n) : NULL;
}

char *elf_check(const char *path)
{
	char *file = xstrdup(path), *result = NULL;

	for (unsigned depth = 0; file && depth <= SCRIPTS_MOST; depth++) {
		char text[NAME_MOST] = "", *next = NULL;
		Elf64_Ehdr header;
		const char *words = NULL;
		int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

		if (fd >= 0 && read_at(fd, &header, sizeof header, 0) &&
		    memcmp(header.e_ident, ELFMAG, SELFMAG) == 0) {
			words = privileged(fd);
			words = words ? words : obstacle(fd, &header);
		} else if (fd >= 0 && pread(fd, text, sizeof text - 1, 0) > 0) {
			next = interpreter_of(text);
		}
		if (fd >= 0)
			close(fd);
		if (words)
			result = depth ? xasprintf("is run by %s, which %s", file, words)
				       : xstrdup(words);
		free(file);
		file = next;
	}
	free(file);
	return result;
}
