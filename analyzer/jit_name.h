// SPDX-License-Identifier: MIT
/*
 * What the names in perf maps tell: the function, and where its source is.
 *
 * V8 (node): "JS:*name file:///path/x.js:12:34", CPython: "py::name:/path/x.py"; what others write
 * is the name of a function.
 */
#ifndef ANALYZER_JIT_NAME_H
#define ANALYZER_JIT_NAME_H

#include <stddef.h>
#include <stdint.h>

#define JIT_MODULE "[jit]" /* what stands for the module of code that a perf map names */

struct jit_name {
	char *function; /* never NULL; "(anonymous)" where V8 gives none */
	char *file;	/* NULL: not known */
	uint32_t line;	/* on which the function begins, 0 not known */
};

/* Longer texts are cut. The result is for jit_name_release. */
#define JIT_NAME_MAX 16384
struct jit_name jit_name_split(const char *text, size_t size);
void jit_name_release(struct jit_name *name);

#endif
