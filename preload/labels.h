// SPDX-License-Identifier: MIT
/*
 * Names that the program gives: to domains, and to moments (marks).
 *
 * They are remembered for the whole life of the process, since each trace needs them anew: that of a
 * forked child, and one that is begun only later. A text is 1 to LABEL_MOST bytes.
 */
#ifndef PRELOAD_LABELS_H
#define PRELOAD_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LABEL_MOST 255

/* The domain has that name from now on. 0, -ENOMEM, -EIO, or -ENOTSUP in a vfork child. */
int labels_name_domain(uint32_t domain, const char *text, size_t size);

/*
 * The number by which the trace knows marks of that name; its record is in the trace before this
 * returns. 0, -EIO, or -ENOTSUP in a vfork child that is the first to use the name.
 */
int labels_find_mark(const char *text, size_t size, uint64_t *number);

/* There is a new trace, which has no names yet: those of domains are written at once. */
void labels_new_trace(void);

#endif
