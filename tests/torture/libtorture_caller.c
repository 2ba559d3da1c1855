// SPDX-License-Identifier: MIT
/* Not linked with libtorture_target: its functions are found when they are called first. */
#include "torture.h"

int target(int n);
int indirect_target(int n);

APART static int call_deep(int depth, double a, double b)
{
	int below = depth ? call_deep(depth - 1, b, a) : target(3) + indirect_target((int)a);

	KEEP();
	return below + (int)(a * b);
}

int call_target(int n);
int call_target(int n)
{
	return call_deep(n, 1.5, 2.5);
}
