// SPDX-License-Identifier: MIT
/*
 * compare_cfi STEP FILE...: the frame rules of whole files, ours and elfutils'.
 */
#include "tests/unit/compared_cfi.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int passed = 0, failed = 0, skipped = 0;

	for (int i = 2; i < argc; i++) {
		struct cfi_tally tally;

		if (!compare_cfi(argv[i], (unsigned)atoi(argv[1]), &tally)) {
			printf("skip %s: cannot be read\n", argv[i]);
			skipped++;
			continue;
		}
		printf("%s: %lu rows, %lu gaps, compared at %lu addresses, %lu differ\n", argv[i],
		       tally.rows, tally.gaps, tally.addresses, tally.different);
		fflush(stdout);
		passed += !tally.different;
		failed += !!tally.different;
	}
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed > 0;
}
