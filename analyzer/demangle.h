// SPDX-License-Identifier: MIT
/*
 * Linkage names become readable ones: C++ (Itanium), Rust (legacy and v0) and D.
 * The only file that knows the demangler's library.
 */
#ifndef ANALYZER_DEMANGLE_H
#define ANALYZER_DEMANGLE_H

/* NULL when NAME is not a mangled one (or too monstrous to unravel); else the caller's to free. */
char *demangle(const char *name);

#endif
