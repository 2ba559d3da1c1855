// SPDX-License-Identifier: MIT
/*
 * The files that the names of a module come from. All that reads them runs under guard.
 */
#ifndef ANALYZER_MODULE_FILES_H
#define ANALYZER_MODULE_FILES_H

#include "module_symbols.h"

/* Once. Sets debug to what was found. */
void module_files_open(struct module_symbols *m);
/* What M has answered stays; nothing more can be asked. */
void module_files_release(struct module_symbols *m);

/*
 * Reads the symbol table, once; for a module that has debug information, only when it is needed. Under
 * a guard of its own: what cannot be read of it is no harm to the debug information.
 */
void module_files_need_table(struct module_symbols *m);

/* What was read of debug information goes, if it has become much. */
void module_files_forget(struct module_symbols *m);

/* Runs STEP, which reads files, under guard. False when that ended it; then what it made is lost, and M damaged. */
bool module_files_guarded(struct module_symbols *m, void (*step)(void *), void *arg);
/* After such an end: nothing of the debug information can be used again. */
void module_files_drop_units(struct module_symbols *m);

bool module_files_is_vdso(const struct module_symbols *m);

#endif
