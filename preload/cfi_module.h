// SPDX-License-Identifier: MIT
/*
 * From a pc of this process to the call frame information of its module.
 */
#ifndef CFI_MODULE_H
#define CFI_MODULE_H

#include "cfi.h"

enum cfi_place {
	CFI_NOWHERE, /* no loaded module: generated code, or no code at all */
	CFI_BARE,    /* in a module, but nothing describes this pc */
	CFI_FOUND,
};

/* Takes no lock and may be called in a signal handler; answers may change with every dlopen. */
enum cfi_place cfi_module_find(uintptr_t pc, struct cfi_scratch *scratch,
			       struct cfi_section *section, struct cfi_row *row);

#endif
