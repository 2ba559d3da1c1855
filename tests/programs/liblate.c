// SPDX-License-Identifier: MIT
/* Allocates in its destructor, which runs after those of the program: see before_after.cc. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *volatile late_sink;

__attribute__((destructor(101))) static void late(void)
{
	enum { LINE = __LINE__ + 3 };
	char text[] = "leaks 1011 00 library destructor\n";

	late_sink = malloc(1011);
	text[11] += LINE / 10;
	text[12] += LINE % 10;
	free(malloc(9));
	if (write(1, text, sizeof text - 1) < 0)
		abort();
}
