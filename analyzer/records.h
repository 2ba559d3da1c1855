// SPDX-License-Identifier: MIT
/*
 * Payloads of the small chunks into the fields of a trace. Each returns false if the payload is not
 * what its kind says; what was read before the bad place counts.
 */
#ifndef ANALYZER_RECORDS_H
#define ANALYZER_RECORDS_H

#include "trace_private.h"

bool records_read(struct trace *trace, const struct chunk_header *header, const uint8_t *payload,
		  size_t size);

/* A new module of the trace, which has only its number yet. Moves the others. */
struct trace_module *records_add_module(struct trace *trace, uint64_t id);

/* In names.c. */
bool records_names(struct trace *trace, const uint8_t *payload, size_t size);

#endif
