// SPDX-License-Identifier: MIT
/*
 * One line for each trace: its name, then the texts.
 */
#include "warning.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "trace_private.h"

void warning_add(char **warning, const char *path, char *text)
{
	char *before = *warning;

	if (before)
		*warning = xasprintf("%s; %s", before, text);
	else
		*warning = xasprintf("%s: %s", trace_name(path), text);
	free(before);
	free(text);
}

static void tell(const char *warning, size_t *told)
{
	size_t size = warning ? strlen(warning) : 0;

	if (size > *told)
		warn("%s", warning);
	*told = size;
}

void warning_tell(const struct trace *trace)
{
	tell(trace->warning, &trace->inner->told);
}

void warning_tell_inherited(const struct trace *trace)
{
	tell(trace->inherited.warning, &trace->inner->told_inherited);
}
