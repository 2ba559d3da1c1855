// SPDX-License-Identifier: MIT
/*
 * Two runs that differ in one call site: `two_runs extra` also keeps 1000 blocks of 64 bytes made
 * at the line that it prints, else 0.
 */
#include <stdio.h>
#include <stdlib.h>

static void *volatile sink;

int main(int argc, char **argv)
{
	int line = 0;

	(void)argv;
	for (int i = 0; i < 5000; i++)
		sink = malloc(100);
	for (int i = 0; i < 5000; i++)
		free(malloc((size_t)i));
	for (int i = 0; argc > 1 && i < 1000; i++)
		sink = malloc(64), line = __LINE__;
	for (int i = 0; i < 300; i++)
		sink = calloc(7, 100);
	printf("%d\n", line);
	return 0;
}
