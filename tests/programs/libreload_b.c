// SPDX-License-Identifier: MIT
/* Loaded at the address that libreload_a had: see reload.c. */
#include <stdlib.h>

void *volatile reload_sink;

void allocate_in_b(int n);
void allocate_in_b(int n)
{
	while (n--)
		reload_sink = malloc(222);
}
