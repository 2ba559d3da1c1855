// SPDX-License-Identifier: MIT
/*
 * Names addresses as the tmtrace command does, from the same code: "/PATH" on standard input begins
 * a module, "0x..." is a link-time address in it. All are asked for at once; the answers are printed
 * as eu-addr2line -i -f does, or not at all with "-q".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/symbols.h"

static struct symbols_query *queries;
static size_t n_queries;

static void read_queries(struct symbols *symbols)
{
	char line[4096];
	uint32_t n_modules = 0;
	size_t cap = 0;

	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] == '/') {
			symbols_add_module(symbols, n_modules++, line, NULL, 0, 0);
			continue;
		}
		if (n_queries == cap) {
			cap = cap ? 2 * cap : 1024;
			queries = xreallocarray(queries, cap, sizeof *queries);
		}
		queries[n_queries++] =
			(struct symbols_query){n_modules - 1, strtoull(line, NULL, 16)};
	}
}

static void print(const struct symbol *frame)
{
	printf("%s\n%s:%u\n", frame->function ? frame->function : "??",
	       frame->file ? frame->file : "??", frame->line);
}

int main(int argc, char **argv)
{
	struct symbols_options options = {0};
	struct symbols *symbols = symbols_new(&options);
	bool quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
	size_t named = 0;

	read_queries(symbols);
	symbols_find_all(symbols, queries, n_queries);
	for (size_t i = 0; i < n_queries; i++) {
		size_t n;
		const struct symbol *frames =
			symbols_find(symbols, queries[i].module, queries[i].address, &n);

		named += frames->file != NULL;
		if (!quiet)
			printf("%#llx\n", (unsigned long long)queries[i].address);
		for (size_t j = 0; j < n && !quiet; j++)
			print(&frames[j]);
	}
	fprintf(stderr, "%zu of %zu addresses have a line\n", named, n_queries);
	symbols_free(symbols);
	free(queries);
	return 0;
}
