// SPDX-License-Identifier: MIT
/*
 * The parts of JSON that need care when written: strings, times, places.
 */
#ifndef ANALYZER_JSON_WRITE_H
#define ANALYZER_JSON_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "frames.h"

/* In quotes; bytes that are not UTF-8 as Python's surrogateescape has them: \udcNN. */
void json_string(const char *text, size_t size, FILE *out);
/* Seconds, exact to the nanosecond. */
void json_seconds(uint64_t ns, FILE *out);
/* [["file",line],...], most recent frame first. */
void json_traceback(const struct frames *frames, uint32_t traceback, FILE *out);

#endif
