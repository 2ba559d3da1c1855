// SPDX-License-Identifier: MIT
/* Loaded, unloaded and followed by libreload_b at the same address: see reload.c. */
#include <stdlib.h>

void *volatile reload_sink;

void allocate_in_a(int n);
void allocate_in_a(int n)
{
	while (n--)
		reload_sink = malloc(111);
}
