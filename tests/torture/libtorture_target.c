// SPDX-License-Identifier: MIT
/* What libtorture_caller calls through stubs that are not bound yet; one function has a resolver. */
#include <stdlib.h>

#include "torture.h"

static void *volatile sink;

int target(int n);
int target(int n)
{
	sink = malloc(333);
	free(sink);
	KEEP();
	return n;
}

static int chosen_target(int n)
{
	sink = malloc(334);
	free(sink);
	KEEP();
	return n + 1;
}

__attribute__((used)) static int (*choose_target(void))(int)
{
	sink = malloc(335);
	free(sink);
	return chosen_target;
}

int indirect_target(int n) __attribute__((ifunc("choose_target")));
