// SPDX-License-Identifier: MIT
/*
 * Moments from text. Numbers are read exactly: a time is decimal text, never a double.
 */
#include "moment.h"

#include <string.h>

#define NS_PER_SECOND 1000000000u

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits up to their end; false when there are none or the number is over 64 bits. */
static bool read_number(const char **at, uint64_t *number)
{
	const char *begin = *at;

	*number = 0;
	for (; is_digit(**at); ++*at)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(**at - '0'), number))
			return false;
	return *at != begin;
}

/* "12", "12.5" and "12.000000001", then "s" and nothing else. What is below 1 ns is dropped. */
static bool read_time(const char *text, uint64_t *ns)
{
	uint64_t seconds, fraction = 0, unit = NS_PER_SECOND;

	if (!read_number(&text, &seconds))
		return false;
	if (*text == '.') {
		if (!is_digit(*++text))
			return false;
		for (; is_digit(*text); text++) {
			unit /= 10;
			fraction += unit * (uint64_t)(*text - '0');
		}
	}
	return strcmp(text, "s") == 0 && !__builtin_mul_overflow(seconds, NS_PER_SECOND, ns) &&
	       !__builtin_add_overflow(*ns, fraction, ns);
}

static bool read_mark(const char *name, struct moment *moment)
{
	const char *hash = strrchr(name, '#');
	uint64_t nth = 0;

	moment->kind = MOMENT_MARK;
	moment->mark = name;
	moment->mark_size = strlen(name);
	if (hash) {
		const char *at = hash + 1;

		if (read_number(&at, &nth) && !*at && nth && nth <= UINT32_MAX) {
			moment->mark_size = (size_t)(hash - name);
			moment->mark_nth = (unsigned)nth;
		}
	}
	return moment->mark_size > 0;
}

static bool read_event(const char *text, uint64_t *event)
{
	return read_number(&text, event) && !*text;
}

bool moment_parse(const char *text, struct moment *moment)
{
	*moment = (struct moment){.kind = MOMENT_END, .text = text};
	if (strcmp(text, "end") == 0)
		return true;
	if (strcmp(text, "start") == 0) {
		moment->kind = MOMENT_START;
		return true;
	}
	if (strcmp(text, "peak") == 0) {
		moment->kind = MOMENT_PEAK;
		return true;
	}
	if (strncmp(text, "event:", 6) == 0) {
		moment->kind = MOMENT_EVENT;
		return read_event(text + 6, &moment->event);
	}
	if (strncmp(text, "mark:", 5) == 0)
		return read_mark(text + 5, moment);
	moment->kind = MOMENT_TIME;
	return read_time(text, &moment->time_ns);
}
