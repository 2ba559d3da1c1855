// SPDX-License-Identifier: MIT
/*
 * The call frame information of a whole ELF file, as cfi.h finds it and as elfutils does.
 */
#ifndef TESTS_COMPARED_CFI_H
#define TESTS_COMPARED_CFI_H

#include <stdbool.h>

struct cfi_tally {
	unsigned long rows,
		gaps;		 /* ranges of one rule; between them, code that nothing describes */
	unsigned long addresses; /* at which they were compared */
	unsigned long different;
};

/*
 * Compares the first and the last address of every row and of every gap between functions, and every
 * `step`th in between; prints the first few that differ. False if the file cannot be opened.
 */
bool compare_cfi(const char *path, unsigned step, struct cfi_tally *tally);

#endif
