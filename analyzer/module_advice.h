// SPDX-License-Identifier: MIT
/* What to tell the user of a module that has no lines, or not all that it could have. */
#ifndef ANALYZER_MODULE_ADVICE_H
#define ANALYZER_MODULE_ADVICE_H

#include "module_symbols.h"

/* One line, the caller's to free; NULL when there is nothing to say. Reads M's files. */
char *module_advice(const struct module_symbols *m);

#endif
