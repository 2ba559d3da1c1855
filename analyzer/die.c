// SPDX-License-Identifier: MIT
/*
 * Messages, exits and the allocators that exit.
 */
#include "die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

#define LINE_MOST 4096

static const char *half_written;

/* Messages name what stands in traces, too. Allocates nothing: memory may be what they are about. */
static void print_safe(const char *line, size_t size)
{
	char text[4 * LINE_MOST + TERMINAL_SAFE_MOST], *at = text;
	bool utf8 = terminal_locale_utf8();

	for (size_t n; size; line += n, size -= n) {
		n = terminal_safe_next(utf8, line, size, at);
		at += strlen(at);
	}
	*at++ = '\n';
	fflush(stdout);
	fwrite(text, 1, (size_t)(at - text), stderr);
	fflush(stderr);
}

/* One write, so that lines of processes that share stderr do not mix. */
static void say(const char *format, va_list arguments)
{
	int error = errno;
	char line[LINE_MOST];
	size_t room = sizeof line, n = 0;

	n += (size_t)snprintf(line, room, "tmtrace: ");
	int length = vsnprintf(line + n, room - n, format, arguments);

	if (length > 0)
		n += (size_t)length < room - n ? (size_t)length : room - n - 1;
	if (*format && format[strlen(format) - 1] == ':') {
		length = snprintf(line + n, room - n, " %s", strerror(error));
		if (length > 0)
			n += (size_t)length < room - n ? (size_t)length : room - n - 1;
	}
	print_safe(line, n);
}

/* Any thread may; the first one ends the process, and what the others hold is no longer of use. */
static _Noreturn void leave(int status)
{
	static atomic_flag leaving = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&leaving))
		pause();
	if (half_written)
		unlink(half_written);
	exit(status);
}

void warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	leave(EXIT_FAILED);
}

void die_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	leave(EXIT_USAGE);
}

void die_removes(const char *path)
{
	half_written = path;
}

static void *checked(void *memory, size_t size)
{
	if (!memory && size)
		die("out of memory: cannot get %zu bytes", size);
	return memory;
}

void *xmalloc(size_t size)
{
	size += !size;
	return checked(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
	if (!count || !size)
		count = size = 1;
	return checked(calloc(count, size), size);
}

void *xrealloc(void *old, size_t size)
{
	size += !size;
	return checked(realloc(old, size), size);
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		die("out of memory: cannot get %zu times %zu bytes", count, size);
	return xrealloc(old, count * size);
}

char *xstrndup(const char *text, size_t size)
{
	size_t length = strnlen(text, size);
	char *copy = xmalloc(length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *xstrdup(const char *text)
{
	return xstrndup(text, SIZE_MAX - 1);
}

char *xasprintf(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		die("out of memory: cannot format a message");
	va_end(arguments);
	return text;
}

uint64_t xsum(uint64_t a, uint64_t b)
{
	uint64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		die("sizes add up to more than 2^64 - 1 bytes");
	return sum;
}

int64_t xdifference(uint64_t a, uint64_t b)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		die("sizes differ by more than 2^63 - 1 bytes");
	return difference;
}
