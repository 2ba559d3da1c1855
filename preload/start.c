// SPDX-License-Identifier: MIT
/*
 * Constructor and destructor. The library is linked with -z initfirst, so that it starts before
 * every other constructor of the process; its destructor is among the last, and what is freed after
 * it is recorded all the same (process_finish).
 */
#include "process.h"
#include "real.h"

static void __attribute__((constructor)) start(int argc, char **argv, char **environment)
{
	(void)argc;
	(void)argv;
	process_start(environment);
}

/*
 * gcc's AddressSanitizer ends a program where a library precedes its runtime, as every preloaded
 * one does. It works behind this one as well, and asks for options by this name before any code of
 * the library has run. A program that has a definition of its own goes first.
 */
EXPORT const char *__asan_default_options(void);

EXPORT const char *__asan_default_options(void)
{
	return "verify_asan_link_order=0";
}

static void __attribute__((destructor)) finish(void)
{
	process_finish(ENDED_BY_EXIT);
	process_say_where();
}
