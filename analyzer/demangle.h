// SPDX-License-Identifier: MIT
/*
 * Linkage names become readable ones: C++ (Itanium), Rust (legacy and v0) and D.
 * The only file that knows the demangler's library.
 */
#ifndef ANALYZER_DEMANGLE_H
#define ANALYZER_DEMANGLE_H

#include "name_map.h"

/* NULL when NAME is not a mangled one (or too monstrous to unravel); else the caller's to free. */
char *demangle(const char *name);

/*
 * The readable form of NAME, which may be NULL, or NAME itself when it has none. KEPT remembers it
 * and owns it.
 */
const char *demangle_kept(struct name_map *kept, const char *name);

#endif
