// SPDX-License-Identifier: MIT
/*
 * A value sampled at equal steps of something whose end is not known beforehand.
 */
#ifndef ANALYZER_CURVE_H
#define ANALYZER_CURVE_H

#include <stddef.h>
#include <stdint.h>

#define CURVE_SAMPLES 4096

struct curve {
	uint64_t samples[CURVE_SAMPLES]; /* after step, 2 steps, ... */
	size_t n;
	uint64_t first;	     /* before all */
	uint64_t step, next; /* a sample is due when `next` is reached; a zeroed curve is empty */
};

/* VALUE after EVENTS, which counts up by one. */
static inline void curve_add(struct curve *curve, uint64_t events, uint64_t value)
{
	if (events < curve->next)
		return;
	if (!curve->step)
		curve->step = 1;
	if (curve->n == CURVE_SAMPLES) {
		for (size_t i = 0; i < CURVE_SAMPLES / 2; i++)
			curve->samples[i] = curve->samples[2 * i + 1];
		curve->n = CURVE_SAMPLES / 2;
		curve->step *= 2;
	}
	if (events == (curve->n + 1) * curve->step)
		curve->samples[curve->n++] = value;
	curve->next = (curve->n + 1) * curve->step;
}

/* The values at N equal steps up to EVENTS, the last being LAST. */
static inline void curve_get(const struct curve *curve, uint64_t events, uint64_t last,
			     uint64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t sample = events / n * (i + 1) + events % n * (i + 1) / n;

		sample = curve->step ? sample / curve->step : 0;
		values[i] = sample && sample <= curve->n ? curve->samples[sample - 1]
			    : sample			 ? last
							 : curve->first;
	}
	if (n)
		values[n - 1] = last;
}

#endif
