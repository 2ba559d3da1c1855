// SPDX-License-Identifier: MIT
/*
 * Random numbers for tests, always the same ones for the same STATE.
 */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdint.h>

#include "common/hash.h"

/* One from 0 to N - 1. */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
	return hash_mix(*state += 0x9e3779b97f4a7c15u) % n;
}

#endif
