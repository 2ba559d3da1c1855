// SPDX-License-Identifier: MIT
/*
 * Compiled without call frame information, once with a frame pointer and once without.
 */
#include "torture.h"

APART static void middle(void (*function)(void))
{
	volatile char bytes[40];

	bytes[0] = 1;
	function();
	bytes[1] = bytes[0];
	KEEP();
}

void BARE_NAME(void (*function)(void))
{
	middle(function);
	KEEP();
}
