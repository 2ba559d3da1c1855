// SPDX-License-Identifier: MIT
/* Unloaded and followed by libtorture_large at the same address: same code places, other frames. */
#include <stdlib.h>

#include "torture.h"

static void *volatile sink;

void allocate_small(int n);
void allocate_small(int n)
{
	char bytes[24];

	while (n--) {
		sink = bytes;
		sink = malloc(111);
		free(sink);
	}
	KEEP();
}
