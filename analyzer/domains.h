// SPDX-License-Identifier: MIT
/*
 * Which allocators the traces of a snapshot are from.
 */
#ifndef ANALYZER_DOMAINS_H
#define ANALYZER_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

struct domain_sums {
	uint32_t domain;
	uint64_t size, count;
};

/* "heap", "mmap"; "" where the number is all there is to say. */
const char *domain_name(uint32_t domain);

/* By domain, ascending; only those that have traces. For the caller to free. */
struct domain_sums *domains_sum(const struct snapshot *snapshot, size_t *n);

/*
 * "heap: 3.2 MiB in 40 blocks, mmap: 1.0 MiB in 4 blocks", and how many bytes are reserved; for the
 * caller to free. NULL where there is nothing but the heap.
 */
char *domains_words(const struct snapshot *snapshot, uint64_t reserved, bool exact);

/* Bytes of one domain. */
uint64_t domain_size(const struct snapshot *snapshot, uint32_t domain);

#endif
