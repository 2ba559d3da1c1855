// SPDX-License-Identifier: MIT
/*
 * First bytes of the files that people mistake for a trace.
 */
#include "file_kind.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "utf8.h"

static const struct {
	const char *bytes;
	size_t size;
	const char *kind;
} beginnings[] = {
	{"\x1f\x8b", 2, "gzip-compressed data"},
	{"\x28\xb5\x2f\xfd", 4, "zstd-compressed data"},
	{"\xfd"
	 "7zXZ",
	 5, "xz-compressed data"},
	{"BZh", 3, "bzip2-compressed data"},
	{"PK\3\4", 4, "a zip archive"},
	{"!<arch>\n", 8, "an archive of object files"},
	{"#!", 2, "a script"},
	{"\x89TMJ", 4, "a journal: name the trace beside it, without .live"},
	{"\x89TMZ", 4, "a trace that was copied as text, which changed its bytes"},
	{"{\"", 2, "JSON text: 'tmtrace import' reads JSON Lines"},
};

static const char *elf_kind(const uint8_t *bytes, size_t size)
{
	unsigned type = size >= 18 ? bytes[16] | (unsigned)bytes[17] << 8 : ET_NONE;

	if (size >= 18 && bytes[EI_DATA] == ELFDATA2MSB)
		type = bytes[17] | (unsigned)bytes[16] << 8;
	if (type == ET_CORE)
		return "an ELF core file";
	return type == ET_REL ? "an ELF object file" : "an ELF program or library";
}

/* No control characters but those of text; a character that is cut off at the end is forgiven. */
static bool is_text(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint32_t code;
		size_t n = utf8_decode((const char *)bytes + i, size - i, &code);

		if (!n)
			return size - i < 4 && i > 0;
		if (code < ' ' && !strchr("\t\n\r\f\x1b", (int)code))
			return false;
		if (code == 0)
			return false;
		i += n;
	}
	return size > 0;
}

const char *file_kind(const uint8_t *bytes, size_t size)
{
	if (!size)
		return "it is empty";
	if (size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0)
		return elf_kind(bytes, size);
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
		if (size >= beginnings[i].size &&
		    memcmp(bytes, beginnings[i].bytes, beginnings[i].size) == 0)
			return beginnings[i].kind;
	return is_text(bytes, size) ? "text" : NULL;
}
