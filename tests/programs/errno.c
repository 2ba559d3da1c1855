// SPDX-License-Identifier: MIT
/* errno after each function is what the bare allocator leaves: prints it, for comparison. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int count;
static void *volatile sink;

#define SHOW(call)                                                                                 \
	do {                                                                                       \
		errno = 4321;                                                                      \
		call;                                                                              \
		int now = errno;                                                                   \
		if (first)                                                                         \
			printf("%s: %d\n", #call, now);                                            \
		else if (now != 4321 && now != ENOMEM)                                             \
			printf("%s: %d later\n", #call, now);                                      \
		count++;                                                                           \
	} while (0)

int main(void)
{
	volatile size_t huge = (size_t)PTRDIFF_MAX + 1, zero = 0;
	void *p = NULL;

	for (int round = 0; round < 100000;
	     round++) { /* enough for blocks to fill and be written */
		int first = round == 0;
		SHOW(sink = malloc(100));
		SHOW(free(sink));
		SHOW(free(NULL));
		SHOW(sink = calloc(3, 3));
		SHOW(sink = realloc(sink, 300000));
		SHOW(sink = reallocarray(sink, 3, 3));
		SHOW(sink = realloc(sink, zero));
		SHOW(sink = malloc(zero));
		SHOW(free(sink));
		SHOW(sink = memalign(64, 64));
		SHOW(free(sink));
		SHOW(sink = aligned_alloc(64, 64));
		SHOW(free(sink));
		SHOW((void)!posix_memalign(&p, 64, 64));
		SHOW(free(p));
		SHOW((void)!posix_memalign(&p, 5, 64));
		SHOW((void)!posix_memalign(&p, 64, huge));
		SHOW(sink = valloc(10));
		SHOW(free(sink));
		SHOW(sink = pvalloc(10));
		SHOW(free(sink));
		SHOW(sink = malloc(huge));
		SHOW(sink = calloc(huge, huge));
		SHOW(sink = realloc(NULL, huge));
		SHOW(sink = reallocarray(NULL, huge, 3));
		SHOW(sink = aligned_alloc(64, huge));
	}
	printf("%d calls\n", count);
	return 0;
}
