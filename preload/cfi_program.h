// SPDX-License-Identifier: MIT
/*
 * One FDE with its CIE, opened by cfi.c, and the interpreter of its two CFA programs.
 */
#ifndef CFI_PROGRAM_H
#define CFI_PROGRAM_H

#include "cfi.h"
#include "common/bytes.h"

struct cfi_entry {
	uint64_t begin, size;	     /* the code that the FDE describes */
	struct get initial, program; /* the instructions of the CIE, and of the FDE */
	uint64_t code_factor;
	int64_t data_factor;
	uint8_t encoding; /* of code addresses */
	bool augmented;	  /* the FDE has augmentation data, its length first */
	bool signal;
};

/* Runs both programs up to `pc`. False if they cannot be read. */
bool cfi_run(const struct cfi_section *section, const struct cfi_entry *entry, uint64_t pc,
	     struct cfi_scratch *scratch, struct cfi_row *row);

#endif
