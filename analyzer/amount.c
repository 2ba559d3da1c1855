// SPDX-License-Identifier: MIT
/*
 * Numbers as people read them. Nothing here depends on the locale.
 */
#include "amount.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS 1000000u
#define NS_PER_S 1000000000u

const char *amount_count(uint64_t count, char buffer[AMOUNT_MAX])
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
	char *at = buffer;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return buffer;
}

/* Moves up a unit before a number would need four digits. Below 10 one decimal is enough for a column of sizes,
 * but from GiB on a second one still tells something. */
const char *amount_size(uint64_t size, bool exact, char buffer[AMOUNT_MAX])
{
	static const char units[][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)size;
	unsigned unit = 0;

	if (exact) {
		amount_count(size, buffer);
		return strcat(buffer, " B");
	}
	for (; unit + 1 < sizeof units / sizeof *units && value >= (unit ? 999.5 : 1023.5); unit++)
		value /= 1024;
	int decimals = !unit || value >= 99.95 ? 0 : value >= 9.995 || unit < 3 ? 1 : 2;

	snprintf(buffer, AMOUNT_MAX, "%.*f %s", decimals, value, units[unit]);
	return buffer;
}

static const char *with_sign(int64_t change, const char *text, char buffer[AMOUNT_MAX])
{
	snprintf(buffer, AMOUNT_MAX, "%s%s", change < 0 ? "-" : change > 0 ? "+" : "", text);
	return buffer;
}

const char *amount_size_change(int64_t change, bool exact, char buffer[AMOUNT_MAX])
{
	char text[AMOUNT_MAX];

	return with_sign(change, amount_size(amount_magnitude(change), exact, text), buffer);
}

const char *amount_count_change(int64_t change, char buffer[AMOUNT_MAX])
{
	char text[AMOUNT_MAX];

	return with_sign(change, amount_count(amount_magnitude(change), text), buffer);
}

const char *amount_share(uint64_t part, uint64_t whole, char buffer[AMOUNT_MAX])
{
	if (!whole)
		return strcpy(buffer, "-");
	snprintf(buffer, AMOUNT_MAX, "%.1f %%", 100.0 * (double)part / (double)whole);
	return buffer;
}

const char *amount_time(uint64_t ns, char buffer[AMOUNT_MAX])
{
	bool small = ns < NS_PER_S - NS_PER_MS / 2;
	double value = (double)ns / (small ? NS_PER_MS : NS_PER_S);
	int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;

	if (value >= 999.5) {
		amount_count((uint64_t)(value + 0.5), buffer);
		return strcat(buffer, " s");
	}
	snprintf(buffer, AMOUNT_MAX, "%.*f %s", ns ? decimals : 0, value, small && ns ? "ms" : "s");
	return buffer;
}
