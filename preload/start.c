// SPDX-License-Identifier: MIT
/*
 * Constructor and destructor. The library is linked with -z initfirst, so that it starts before
 * every other constructor of the process; its destructor is among the last, and what is freed after
 * it is recorded all the same (process_finish).
 */
#include "process.h"

static void __attribute__((constructor)) start(int argc, char **argv, char **environment)
{
	(void)argc;
	(void)argv;
	process_start(environment);
}

static void __attribute__((destructor)) finish(void)
{
	process_finish(ENDED_BY_EXIT);
	process_say_where();
}
