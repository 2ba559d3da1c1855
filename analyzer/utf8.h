// SPDX-License-Identifier: MIT
/*
 * UTF-8, strictly as Python decodes it: no surrogates, no overlong forms, nothing over U+10FFFF.
 */
#ifndef ANALYZER_UTF8_H
#define ANALYZER_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the code point that TEXT begins with, stored in *CODE; 0 when its first byte is not valid. */
size_t utf8_decode(const char *text, size_t size, uint32_t *code);

#endif
