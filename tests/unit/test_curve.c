// SPDX-License-Identifier: MIT
#include "analyzer/curve.h"

#include <stdlib.h>

#include "tests/test.h"

/* Samples the identity up to N and asks for 60 values. */
static void sample(uint64_t n, uint64_t values[60])
{
	struct curve *curve = calloc(1, sizeof *curve);

	for (uint64_t i = 1; i <= n; i++)
		curve_add(curve, i, i);
	curve_get(curve, n, n, values, 60);
	free(curve);
}

TEST(a_curve_has_its_values_at_equal_steps)
{
	uint64_t values[60];

	for (uint64_t n = 60; n < 300000; n = n * 3 + 7) {
		sample(n, values);
		CHECK_EQ(values[59], n);
		for (unsigned i = 0; i < 60; i++) {
			uint64_t wanted = n * (i + 1) / 60, off = n / 1024 + 1;

			CHECK(values[i] + off >= wanted && values[i] <= wanted + off);
		}
	}
}

TEST(a_curve_of_nothing_is_zero)
{
	uint64_t values[60];

	sample(0, values);
	CHECK_EQ(values[0], 0);
	CHECK_EQ(values[59], 0);
}
