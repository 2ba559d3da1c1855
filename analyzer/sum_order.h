// SPDX-License-Identifier: MIT
/*
 * In which order the traces of a sum are best read: see parents.h.
 */
#ifndef ANALYZER_SUM_ORDER_H
#define ANALYZER_SUM_ORDER_H

#include "sum_operands.h"

/* The parts that are not left out, *n of them, children behind their parents; for the caller to free. */
struct sum_part **sum_order(const struct sum_operands *operands, size_t *n);

#endif
