// SPDX-License-Identifier: MIT
#include "analyzer/file_kind.h"

#include <elf.h>
#include <string.h>

#include "tests/test.h"

static const char *kind_of(const char *bytes, size_t size)
{
	return file_kind((const uint8_t *)bytes, size);
}

TEST(what_is_no_trace_is_named)
{
	CHECK_STR(kind_of("", 0), "it is empty");
	CHECK_STR(kind_of("hello\nworld\n", 12), "text");
	CHECK_STR(kind_of("gr\xc3\xbc\xc3\x9f", 6), "text");
	CHECK_STR(kind_of("\x1f\x8b\x08", 3), "gzip-compressed data");
	CHECK_STR(kind_of("\x89TMZ\n\x1a\n", 7),
		  "a trace that was copied as text, which changed its bytes");
	CHECK_STR(kind_of("\x89TMJ\r\n\x1a\n", 8),
		  "a journal: name the trace beside it, without .live");
	CHECK_STR(kind_of("{\"domain\":0}", 12), "JSON text: 'tmtrace import' reads JSON Lines");
	CHECK_STR(kind_of("\1\2\3\0\5", 5), NULL);
	CHECK_STR(kind_of("a\0b", 3), NULL);
}

TEST(elf_files_are_told_apart)
{
	Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
			     .e_type = ET_CORE};

	CHECK_STR(kind_of((char *)&header, sizeof header), "an ELF core file");
	header.e_type = ET_DYN;
	CHECK_STR(kind_of((char *)&header, sizeof header), "an ELF program or library");
	header.e_type = ET_REL;
	CHECK_STR(kind_of((char *)&header, sizeof header), "an ELF object file");
	CHECK_STR(kind_of((char *)&header, 6), "an ELF program or library");
}
