// SPDX-License-Identifier: MIT
/*
 * Numbers as people read them: sizes, counts, shares and times.
 *
 * Every function writes to a buffer of the caller and returns it. Sizes have IEC units and at most
 * three significant digits (`exact`: all bytes), counts have a ',' between thousands.
 */
#ifndef ANALYZER_AMOUNT_H
#define ANALYZER_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

#define AMOUNT_MAX 40

/* "0 B" "127 B" "1.2 KiB" "18.2 MiB" "161 MiB" "1.92 GiB"; exact: "19,084,083 B" */
const char *amount_size(uint64_t size, bool exact, char buffer[AMOUNT_MAX]);
/* The same with a sign, except for 0. */
const char *amount_size_change(int64_t change, bool exact, char buffer[AMOUNT_MAX]);
/* "208,911" */
const char *amount_count(uint64_t count, char buffer[AMOUNT_MAX]);
/* "+24,031" "0" */
const char *amount_count_change(int64_t change, char buffer[AMOUNT_MAX]);
/* "44.1 %"; "-" of nothing */
const char *amount_share(uint64_t part, uint64_t whole, char buffer[AMOUNT_MAX]);
/* "12.4 s" "3.10 s" "340 ms" "1,204 s" */
const char *amount_time(uint64_t ns, char buffer[AMOUNT_MAX]);

/* The size of a change, which may be the most negative number there is. */
static inline uint64_t amount_magnitude(int64_t change)
{
	return change < 0 ? -(uint64_t)change : (uint64_t)change;
}

#endif
