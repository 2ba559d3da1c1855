// SPDX-License-Identifier: MIT
/*
 * Runs the unit tests: `./unit [-v] [FILTER]`, those whose file or name contains FILTER. Prints the
 * checks that failed, the tests they failed in, and last one line with the counts.
 *
 * Its surprise: the order is that of file and name, not of linking, so that runs can be compared.
 */
#include "tests/test.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct test *tests;
static const struct test *running;
static atomic_int failed_checks; /* of the running test; checks may stand in threads */
static const char *skipped;
static char directory[64];

static int test_compare(const struct test *a, const struct test *b)
{
	int order = strcmp(a->file, b->file);

	return order ? order : strcmp(a->name, b->name);
}

void test_register(struct test *test)
{
	struct test **at = &tests;

	while (*at && test_compare(*at, test) < 0)
		at = &(*at)->next;
	test->next = *at;
	*at = test;
}

static bool report(bool ok, const char *file, int line, const char *text)
{
	if (!ok) {
		fflush(stdout);
		fprintf(stderr, "%s:%d: in %s: not so: %s", file, line, running->name, text);
		atomic_fetch_add(&failed_checks, 1);
	}
	return ok;
}

bool test_check(bool ok, const char *file, int line, const char *text)
{
	if (!report(ok, file, line, text))
		fputc('\n', stderr);
	return ok;
}

bool test_check_eq(long long a, long long b, const char *file, int line, const char *text)
{
	if (!report(a == b, file, line, text))
		fprintf(stderr, "\n    %lld (%#llx)\n    %lld (%#llx)\n", a, (unsigned long long)a,
			b, (unsigned long long)b);
	return a == b;
}

bool test_check_str(const char *a, const char *b, const char *file, int line, const char *text)
{
	bool ok = a && b ? strcmp(a, b) == 0 : a == b;

	if (!report(ok, file, line, text))
		fprintf(stderr, "\n    \"%s\"\n    \"%s\"\n", a ? a : "(NULL)", b ? b : "(NULL)");
	return ok;
}

bool test_check_mem(const void *a, const void *b, size_t size, const char *file, int line,
		    const char *text)
{
	const unsigned char *x = a, *y = b;
	size_t at = 0;

	while (at < size && x[at] == y[at])
		at++;
	if (!report(at == size, file, line, text))
		fprintf(stderr, "\n    byte %zu of %zu: %#x, %#x\n", at, size, x[at], y[at]);
	return at == size;
}

void test_skip(const char *why)
{
	skipped = why;
}

const char *test_path(const char *name)
{
	static char path[sizeof directory + 256];

	if (!*directory) {
		strcpy(directory, "/tmp/tmtrace-unit-XXXXXX");
		if (!mkdtemp(directory)) {
			perror(directory);
			exit(1);
		}
	}
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

static void directory_remove(void)
{
	DIR *dir = *directory ? opendir(directory) : NULL;

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			unlink(test_path(entry->d_name));
	if (dir)
		closedir(dir);
	if (*directory)
		rmdir(directory);
	*directory = '\0';
}

static void test_run(const struct test *test, bool verbose, unsigned counts[3])
{
	running = test;
	skipped = NULL;
	failed_checks = 0;
	test->run();
	directory_remove();
	if (failed_checks)
		printf("not ok %s: %s\n", test->file, test->name);
	else if (skipped)
		printf("skip %s: %s: %s\n", test->file, test->name, skipped);
	else if (verbose)
		printf("ok %s: %s\n", test->file, test->name);
	counts[failed_checks ? 1 : skipped ? 2 : 0]++;
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	const char *filter = argc > 1 + verbose ? argv[1 + verbose] : "";
	unsigned counts[3] = {0};

	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("XDG_CACHE_HOME", "/dev/null/no-cache",
	       1); /* the developer's own is not for tests */
	for (const struct test *test = tests; test; test = test->next)
		if (strstr(test->file, filter) || strstr(test->name, filter))
			test_run(test, verbose, counts);
	printf("%u passed, %u failed, %u skipped\n", counts[0], counts[1], counts[2]);
	return counts[1] || !(counts[0] + counts[2]);
}
