// SPDX-License-Identifier: MIT
/*
 * The symbolizer on an ELF file of any content: loaded, asked for many addresses and for advice.
 * A module that is read afterwards answers as one that was read before.
 *
 * UNGUARDED=1 in the environment: a fault in libdw or libelf is one here, too.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/guard.h"
#include "analyzer/symbols.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

enum { FUZZED, BEFORE, AFTER };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (getenv("UNGUARDED"))
		guard_disable();
	return 0;
}

/* Mostly within one section, or in one field of the section headers; the whole file at times. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	Elf64_Ehdr header;
	Elf64_Shdr section;

	if (size < sizeof header || seed % 8 == 0)
		return LLVMFuzzerMutate(data, size, most);
	memcpy(&header, data, sizeof header);
	if (!header.e_shnum || header.e_shoff > size ||
	    (size - header.e_shoff) / sizeof section < header.e_shnum)
		return LLVMFuzzerMutate(data, size, most);
	uint8_t *at = data + header.e_shoff + seed / 16 % header.e_shnum * sizeof section;

	memcpy(&section, at, sizeof section);
	if (seed % 8 == 1 || section.sh_type == SHT_NOBITS || section.sh_offset > size ||
	    section.sh_size > size - section.sh_offset || !section.sh_size)
		LLVMFuzzerMutate(at, sizeof section, sizeof section);
	else
		LLVMFuzzerMutate(data + section.sh_offset, section.sh_size, section.sh_size);
	return size;
}

static void ask(struct symbols *symbols, uint64_t address)
{
	size_t n, length = 0;
	const struct symbol *s = symbols_find(symbols, FUZZED, address, &n);

	for (size_t i = 0; i < n; i++) {
		length += s[i].function ? strlen(s[i].function) : 0;
		length += s[i].linkage ? strlen(s[i].linkage) : 0;
		length += s[i].file ? strlen(s[i].file) : 0;
	}
	if (!n || length == SIZE_MAX)
		abort();
}

/* The functions of the vdso, as one number. */
static size_t ask_vdso(struct symbols *symbols, uint32_t module)
{
	size_t sum = 0;

	symbols_add_module(symbols, module, "[vdso]", NULL, 0, 0);
	for (uint64_t at = 0x800; at < 0x1000; at += 64) {
		size_t n;
		const struct symbol *s = symbols_find(symbols, module, at, &n);

		for (const char *c = s->function; c && *c; c++)
			sum = sum * 31 + (unsigned char)*c;
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	/* Where there are no lists of packages, which would take long to read. */
	struct symbols_options options = {.sysroot = "/proc"};
	struct symbols *symbols = symbols_new(&options);
	size_t before = ask_vdso(symbols, BEFORE);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/self/fd/%d", fd);
	symbols_add_module(symbols, FUZZED, path, NULL, 0, 0);
	for (uint64_t at = 0x300; at < 0x480; at += 3)
		ask(symbols, at);
	for (uint64_t at = 0; at < 64; at++)
		ask(symbols, at << at);
	ask(symbols, UINT64_MAX);
	symbols_module_debug(symbols, FUZZED);
	symbols_module_advice(symbols, FUZZED);
	if (ask_vdso(symbols, AFTER) != before)
		abort();
	symbols_free(symbols);
	close(fd);
	return 0;
}
