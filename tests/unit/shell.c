// SPDX-License-Identifier: MIT
#include "tests/unit/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int shell(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	return system(command);
}
