// SPDX-License-Identifier: MIT
/*
 * Clocks in nanoseconds.
 */
#ifndef ANALYZER_NOW_H
#define ANALYZER_NOW_H

#include <stdint.h>
#include <time.h>

static inline uint64_t now_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

#endif
