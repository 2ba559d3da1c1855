// SPDX-License-Identifier: MIT
/*
 * Opening ELF files through libelf.  Files are mapped, not read: of a debug file of a gigabyte only
 * the pages of the touched units are ever looked at.
 */
#include "elf_file.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "regular_file.h"

#define DEBUGDATA_MAX (64u << 20) /* compressed; real ones are below one megabyte */

static bool is_program(Elf *elf)
{
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64)
		return false;
	/* What dwz makes of common parts is of the third type. */
	return gelf_getehdr(elf, &header) &&
	       (header.e_type == ET_EXEC || header.e_type == ET_DYN || header.e_type == ET_REL);
}

bool elf_file_open(struct elf_file *f, const char *path)
{
	struct stat st;
	int fd = regular_file_open(path, &st);

	*f = (struct elf_file){0};
	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	*f = (struct elf_file){
		.elf = elf_begin(fd, ELF_C_READ_MMAP, NULL),
		.fd = fd,
		.size = (uint64_t)st.st_size,
		.mapped = true,
	};
	if (is_program(f->elf)) {
		f->path = xstrdup(path);
		return true;
	}
	elf_end(f->elf);
	close(fd);
	*f = (struct elf_file){0};
	return false;
}

const char *elf_file_why_not(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "it is a directory";
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	if (access(path, R_OK) < 0)
		return strerror(errno);
	return "it is no 64-bit program, or damaged";
}

/* libdw wants at least one section that it knows. */
bool elf_file_open_empty(struct elf_file *f)
{
	static const char names[] = "\0.debug_line\0.shstrtab";
	const struct {
		Elf64_Ehdr header;
		Elf64_Shdr section[3];
		char names[sizeof names];
	} file = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				       EV_CURRENT},
			   .e_type = ET_DYN,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_shoff = sizeof file.header,
			   .e_ehsize = sizeof file.header,
			   .e_shentsize = sizeof *file.section,
			   .e_shnum = 3,
			   .e_shstrndx = 2},
		.section = {{0},
			    {.sh_name = 1,
			     .sh_type = SHT_PROGBITS,
			     .sh_offset = sizeof file.header + sizeof file.section,
			     .sh_size = 1},
			    {.sh_name = 13,
			     .sh_type = SHT_STRTAB,
			     .sh_offset = sizeof file.header + sizeof file.section,
			     .sh_size = sizeof names}},
		.names = "\0.debug_line\0.shstrtab",
	};

	*f = (struct elf_file){.fd = -1, .memory = xmalloc(sizeof file)};
	memcpy(f->memory, &file, sizeof file);
	elf_version(EV_CURRENT);
	f->elf = elf_memory(f->memory, sizeof file);
	if (f->elf)
		return true;
	elf_file_release(f);
	return false;
}

bool elf_file_open_vdso(struct elf_file *f)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	size_t size;

	*f = (struct elf_file){.fd = -1};
	if (!header)
		return false;
	/* The section headers are the last thing in it. */
	size = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
	f->memory = xmalloc(size);
	memcpy(f->memory, header, size);
	elf_version(EV_CURRENT);
	f->elf = elf_memory(f->memory, size);
	if (is_program(f->elf))
		return true;
	elf_file_release(f);
	return false;
}

static Elf_Scn *find_section(const struct elf_file *f, const char *name, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(f->elf, &names) < 0)
		return NULL;
	while ((section = elf_nextscn(f->elf, section))) {
		const char *found = gelf_getshdr(section, header)
					    ? elf_strptr(f->elf, names, header->sh_name)
					    : NULL;
		if (!found || found[0] != '.')
			continue;
		if (!strcmp(found + 1, name) || (found[1] == 'z' && !strcmp(found + 2, name)))
			return section;
	}
	return NULL;
}

bool elf_file_open_debugdata(struct elf_file *f, const struct elf_file *outer)
{
	GElf_Shdr header;
	Elf_Scn *section = find_section(outer, "gnu_debugdata", &header);
	Elf_Data *packed = section ? elf_rawdata(section, NULL) : NULL;
	int fd;

	*f = (struct elf_file){0};
	if (!packed || !packed->d_buf || packed->d_size > DEBUGDATA_MAX)
		return false;
	fd = memfd_create("debugdata", MFD_CLOEXEC);
	if (fd < 0)
		return false;
	f->fd = fd;
	if (write(fd, packed->d_buf, packed->d_size) == (ssize_t)packed->d_size)
		f->elf = dwelf_elf_begin(fd); /* unpacks xz */
	if (is_program(f->elf))
		return true;
	elf_end(f->elf);
	close(fd);
	*f = (struct elf_file){0};
	return false;
}

void elf_file_release(struct elf_file *f)
{
	if (f->elf) {
		elf_end(f->elf);
		if (f->fd >= 0)
			close(f->fd);
	}
	free(f->memory);
	free(f->path);
	*f = (struct elf_file){0};
}

bool elf_file_is_short(const struct elf_file *f)
{
	const Elf64_Ehdr *header = elf64_getehdr(f->elf);
	Elf_Scn *section = NULL;
	GElf_Shdr s;

	if (!header || f->fd < 0)
		return false;
	if (header->e_shoff > f->size ||
	    f->size - header->e_shoff < (uint64_t)header->e_shnum * sizeof(Elf64_Shdr))
		return true;
	while ((section = elf_nextscn(f->elf, section)))
		if (gelf_getshdr(section, &s) && s.sh_type != SHT_NOBITS &&
		    (s.sh_offset > f->size || s.sh_size > f->size - s.sh_offset))
			return true;
	return false;
}

size_t elf_file_build_id(const struct elf_file *f, const uint8_t **id)
{
	const void *bytes;
	ssize_t size = dwelf_elf_gnu_build_id(f->elf, &bytes);

	*id = size > 0 ? bytes : NULL;
	return size > 0 ? (size_t)size : 0;
}

bool elf_file_has_build_id(const struct elf_file *f, const uint8_t *id, size_t size)
{
	const uint8_t *own;

	return elf_file_build_id(f, &own) == size && (size == 0 || !memcmp(own, id, size));
}

bool elf_file_has_section(const struct elf_file *f, const char *name)
{
	GElf_Shdr header;

	return find_section(f, name, &header) && header.sh_type != SHT_NOBITS && header.sh_size;
}

size_t elf_file_section_size(const struct elf_file *f, const char *name)
{
	GElf_Shdr header;
	GElf_Chdr packed;
	Elf_Scn *section = find_section(f, name, &header);

	if (section && gelf_getchdr(section, &packed))
		return packed.ch_size;
	return section ? header.sh_size : 0;
}

void elf_file_hide_unused(const struct elf_file *f)
{
	static const char *const unused[] = {"debug_loclists", "debug_loc", "debug_macro",
					     "debug_macinfo"};
	GElf_Shdr header;

	for (size_t i = 0; i < sizeof(unused) / sizeof(*unused); i++) {
		Elf_Scn *section = find_section(f, unused[i], &header);

		if (!section)
			continue;
		header.sh_type = SHT_NOBITS; /* in libelf's copy of the headers */
		gelf_update_shdr(section, &header);
	}
}

bool elf_file_opens_again(const struct elf_file *f)
{
	GElf_Shdr header;
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(f->elf, &names) < 0)
		return false;
	while ((section = elf_nextscn(f->elf, section))) {
		const char *name = gelf_getshdr(section, &header)
					   ? elf_strptr(f->elf, names, header.sh_name)
					   : NULL;
		if (name && !strncmp(name, ".zdebug", 7))
			return false;
	}
	return true;
}

/*
 * Maps the file over the mapping that libelf made of it. Should that be no mapping but memory, it
 * has the same bytes, so that nothing is lost.
 */
void elf_file_forget(const struct elf_file *f)
{
	size_t size, page = (size_t)sysconf(_SC_PAGESIZE);
	char *bytes = f->mapped ? elf_rawfile(f->elf, &size) : NULL;

	if (bytes && (uintptr_t)bytes % page == 0 && size >= page)
		mmap(bytes, size / page * page, PROT_READ, MAP_PRIVATE | MAP_FIXED, f->fd, 0);
}

const char *elf_file_debuglink(const struct elf_file *f, uint32_t *crc)
{
	const char *name = dwelf_elf_gnu_debuglink(f->elf, crc);

	/* A file name, not a way out of the directories that are searched. */
	return name && *name && !strchr(name, '/') ? name : NULL;
}

/* The checksum of gdb, gzip and zip, bits reflected. */
static uint32_t crc_add(uint32_t crc, const uint8_t *bytes, size_t n)
{
	uint32_t table[256];

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	crc = ~crc;
	for (size_t i = 0; i < n; i++)
		crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
	return ~crc;
}

uint32_t elf_file_crc(const struct elf_file *f)
{
	size_t size = 1 << 20;
	uint8_t *bytes = xmalloc(size);
	uint32_t crc = 0;
	off_t at = 0;
	ssize_t got;

	while ((got = pread(f->fd, bytes, size, at)) > 0) {
		crc = crc_add(crc, bytes, (size_t)got);
		at += got;
	}
	free(bytes);
	return crc;
}
