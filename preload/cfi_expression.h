// SPDX-License-Identifier: MIT
/*
 * DWARF expressions as call frame information uses them.
 */
#ifndef CFI_EXPRESSION_H
#define CFI_EXPRESSION_H

#include "cfi.h"

/*
 * Evaluates the expression at `place` (its length first), with *value at first on the stack if
 * `pushed`. The result goes to *value. CFI_STEPPED, CFI_UNKNOWN or CFI_UNREADABLE.
 */
enum cfi_end cfi_evaluate(const struct cfi_section *section, int32_t place, bool pushed,
			  const struct cfi_registers *registers, struct cfi_memory *memory,
			  uint64_t *value);

#endif
