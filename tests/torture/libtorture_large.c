// SPDX-License-Identifier: MIT
/* See libtorture_small. */
#include <stdlib.h>

#include "torture.h"

static void *volatile sink;

void allocate_large(int n);
void allocate_large(int n)
{
	char bytes[2400];

	while (n--) {
		sink = bytes;
		sink = malloc(222);
		free(sink);
	}
	KEEP();
}
