// SPDX-License-Identifier: MIT
/*
 * Asks analyzer/symbols.h for link-time addresses of one file: ask_symbols FILE <ADDRESSES.  Each
 * answer is a line "> ADDRESS" and a line "FUNCTION FILE LINE" a frame, by tabs, innermost first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/symbols.h"

int main(int argc, char **argv)
{
	struct symbols_options options = {.no_demangle = true};
	struct symbols *symbols = symbols_new(&options);
	char line[64];

	if (argc != 2)
		return 2;
	symbols_add_module(symbols, 0, argv[1], NULL, 0, 0);
	while (fgets(line, sizeof(line), stdin)) {
		uint64_t address = strtoull(line, NULL, 16);
		size_t n;
		const struct symbol *frame = symbols_find(symbols, 0, address, &n);

		printf("> %#lx\n", address);
		for (size_t i = 0; i < n; i++)
			printf("%s\t%s\t%u\n", frame[i].function ? frame[i].function : "??",
			       frame[i].file ? frame[i].file : "??", frame[i].line);
	}
	symbols_free(symbols);
	return 0;
}
