// SPDX-License-Identifier: MIT
/*
 * How a table says what it sums.
 */
#ifndef ANALYZER_SUM_WORDS_H
#define ANALYZER_SUM_WORDS_H

#include "look.h"
#include "sum.h"

/*
 * "12 processes in run at the end"; "13 traces of 12 processes in run, each at its peak, 1 left
 * out". For the caller to free.
 */
char *sum_words(const struct look *look, const struct sum *sum);

#endif
