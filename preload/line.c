// SPDX-License-Identifier: MIT
/*
 * Text without libc's help. strerror may allocate for translations, so the few reasons that users
 * meet are spelled out here.
 */
#include "line.h"

#include <string.h>

#include "sys.h"

void line_clear(struct line *line)
{
	line->size = 0;
	line->cut = false;
	line->text[0] = '\0';
}

void line_add_bytes(struct line *line, const char *text, size_t size)
{
	size_t room = sizeof line->text - 1 - line->size;

	if (size > room) {
		size = room;
		line->cut = true;
	}
	memcpy(line->text + line->size, text, size);
	line->size += size;
	line->text[line->size] = '\0';
}

void line_add(struct line *line, const char *text)
{
	line_add_bytes(line, text, strlen(text));
}

void line_add_number(struct line *line, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	line_add_bytes(line, digits + at, sizeof digits - at);
}

void line_add_count(struct line *line, uint64_t count)
{
	if (count >= 1000) {
		line_add_count(line, count / 1000);
		line_add(line, ",");
		for (uint64_t place = 100; place > 1 && count % 1000 < place; place /= 10)
			line_add(line, "0");
		count %= 1000;
	}
	line_add_number(line, count);
}

void line_add_error(struct line *line, long negative_errno)
{
	static const struct {
		int number;
		const char *words;
	} reasons[] = {
		{EACCES, "permission denied"},	    {EEXIST, "file exists"},
		{EISDIR, "is a directory"},	    {ELOOP, "is a symbolic link"},
		{EMFILE, "too many open files"},    {ENAMETOOLONG, "file name too long"},
		{ENFILE, "too many open files"},    {ENOENT, "no such directory"},
		{ENOMEM, "out of memory"},	    {ENOSPC, "no space left on device"},
		{ENOTDIR, "not a directory"},	    {EROFS, "read-only file system"},
		{EDQUOT, "disk quota exceeded"},    {EIO, "input/output error"},
		{EFBIG, "file size limit reached"}, {EPERM, "operation not permitted"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		if (reasons[i].number == -negative_errno) {
			line_add(line, reasons[i].words);
			return;
		}
	}
	line_add(line, "error ");
	line_add_number(line, (uint64_t)-negative_errno);
}

/* Its reader may be gone, or the file at its limit: that is no reason to signal the program. */
void line_say(const struct line *line)
{
	static const char before[] = "tmtrace: ";
	const struct iovec parts[] = {
		{.iov_base = (void *)before, .iov_len = sizeof before - 1},
		{.iov_base = (void *)line->text, .iov_len = line->size},
		{.iov_base = (void *)"\n", .iov_len = 1},
	};
	uint64_t signals, ours = sys_signal_set(SIGPIPE) | sys_signal_set(SIGXFSZ);

	sys_block_signals(&signals);
	ours &= ~sys_pending_signals();
	if (sys_takes_more(2) && sys_writev(2, parts, 3) < 0 && ours)
		sys_take_signal(ours);
	sys_restore_signals(&signals);
}
