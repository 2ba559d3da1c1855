// SPDX-License-Identifier: MIT
/*
 * tracemalloc's text of a size: three figures of which no more than four are shown, in a unit that
 * changes late (10239 B, then 10.0 KiB).
 */
#include <math.h>
#include <stdio.h>

#include "statistic.h"

const char *size_text(double size, bool sign, char buffer[SIZE_TEXT_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	unsigned unit = 0;

	while (unit < 4 && !(unit && fabs(size) < 100) && !(fabs(size) < 10240)) {
		size /= 1024;
		unit++;
	}
	int decimals = unit && fabs(size) < 100;

	snprintf(buffer, SIZE_TEXT_MAX, sign ? "%+.*f %s" : "%.*f %s", decimals, size, units[unit]);
	return buffer;
}
