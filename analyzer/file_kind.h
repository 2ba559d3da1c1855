// SPDX-License-Identifier: MIT
/*
 * What a file that is no trace looks like, so that a message can name it.
 */
#ifndef ANALYZER_FILE_KIND_H
#define ANALYZER_FILE_KIND_H

#include <stddef.h>
#include <stdint.h>

/* From the first bytes of the file: "an ELF core file", "text"; NULL when nothing is recognised. */
const char *file_kind(const uint8_t *bytes, size_t size);

#endif
