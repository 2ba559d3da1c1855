// SPDX-License-Identifier: MIT
/* Which function code belongs to, in programs where several claim it. */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/symbols.h"
#include "tests/unit/shell.h"

static char dir[] = "/tmp/tmtrace-scopes-XXXXXX";

static bool start(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	return mkdtemp(dir) != NULL;
}

/* How many bytes of code NAME has at one of the N frames, or as the outermost function only. */
static unsigned count(const char *name, bool outermost, unsigned *lines)
{
	struct symbols_options none = {0};
	struct symbols *s = symbols_new(&none);
	unsigned found = 0;
	char path[64];

	*lines = 0;
	snprintf(path, sizeof(path), "%s/prog", dir);
	symbols_add_module(s, 0, path, NULL, 0, 0);
	for (uint64_t at = 0; at < 0x20000; at++) {
		size_t n;
		const struct symbol *f = symbols_find(s, 0, at, &n);

		for (size_t i = outermost ? n - 1 : 0; i < n; i++)
			if (f[i].function && !strcmp(f[i].function, name)) {
				found++;
				*lines += f[i].line > 0;
			}
	}
	symbols_free(s);
	return found;
}

TEST(what_the_linker_threw_away_is_nowhere)
{
	/* What is inlined into the unused function seems to stand at 0 .. 0x6000, where others are. */
	static const char make[] =
		"cd %s && { echo 'volatile int v;';"
		"echo 'static inline __attribute__((always_inline)) void inner(int n) { v += n; }';"
		"echo 'void unused(void) {';"
		"i=0; while [ $i -lt 900 ]; do echo \"inner(v * $i);\"; i=$((i + 1)); done; echo "
		"'}';"
		"i=0; while [ $i -lt 40 ]; do echo \"__attribute__((noinline)) int used$i(int n) "
		"{\";"
		"echo \"v = n; v = n; v = n; return v * $i; }\"; i=$((i + 1)); done;"
		"echo 'int main(int argc, char **argv) { return used7(argc) + !argv; }'; } >a.c && "
		"${CC:-cc} -g -O1 -ffunction-sections -Wl,--gc-sections -fuse-ld=%s -o prog a.c "
		"2>/dev/null";
	static const char *const linkers[] = {"bfd", "gold", "lld"};
	unsigned lines;

	for (size_t i = 0; i < sizeof(linkers) / sizeof(*linkers); i++) {
		if (CHECK(start()) && shell(make, dir, linkers[i]) == 0) {
			CHECK_EQ(count("inner", false, &lines), 0);
			CHECK_EQ(count("unused", false, &lines), 0);
			CHECK_EQ(count("used8", false, &lines), 0);
			CHECK(count("used7", true, &lines) > 0);
			CHECK(lines > 0);
		}
		shell("rm -rf %s", dir);
	}
}

TEST(the_cold_part_of_a_function_is_that_function)
{
	static const char make[] =
		"cd %s && { echo '#include <stdlib.h>';"
		"echo 'volatile int v; void *volatile p;';"
		"echo 'static inline void inner(int n) { v = n; p = malloc(10); abort(); }';"
		"echo '__attribute__((noinline)) int split(int n) { if (n == 77) inner(n); return "
		"n + v; }';"
		"echo 'int main(int argc, char **argv) { return split(argc) + !argv; }'; } >a.c && "
		"gcc -g -O2 -o prog a.c 2>/dev/null && nm prog | grep -q split.cold";
	unsigned lines;

	if (!CHECK(start()))
		return;
	if (shell(make, dir) == 0) {
		CHECK(count("inner", false, &lines) > 0);
		CHECK_EQ(count("split.cold", false, &lines), 0);
		CHECK(count("split", true, &lines) > 0);
		CHECK(lines > 0);
	}
	shell("rm -rf %s", dir);
}

TEST(of_many_units_with_one_function_the_first_is_whose_code_was_kept)
{
	/* What is inlined into the function has another name in each unit, but the same code. */
	static const char make[] =
		"cd %s && { for i in 1 2 3 4 5 6 7 8; do { echo 'extern volatile int v;';"
		"echo \"inline __attribute__((always_inline)) void inner$i() { v++; }\";"
		"echo \"inline __attribute__((noinline)) int shared(int n) { inner$i(); return n; "
		"}\";"
		"echo \"int call$i(int n) { return shared(n); }\"; } >$i.cc; done;"
		"for i in 1 2 3 4 5 6 7 8; do echo \"int call$i(int n);\"; done;"
		"echo 'volatile int v; int main(int argc, char **) { return call1(argc)'; "
		"for i in 2 3 4 5 6 7 8; do echo \"+ call$i(argc)\"; done; echo '; }'; } >0.cc && "
		"c++ -g %s -O1 -o prog 0.cc 3.cc 2.cc 1.cc 4.cc 5.cc 6.cc 7.cc 8.cc 2>/dev/null && "
		"{ %s; }";
	static const char *const flags[] = {"-gdwarf-4", "-gdwarf-5"};
	static const char *const after[] = {"true", "objcopy -R .debug_aranges prog"};
	unsigned lines;

	if (shell("command -v c++ >/dev/null") != 0)
		SKIP("needs a C++ compiler");
	for (size_t i = 0; i < 4; i++) {
		if (CHECK(start()) && CHECK_EQ(shell(make, dir, flags[i / 2], after[i % 2]), 0)) {
			CHECK(count("inner3()", false, &lines) > 0);
			CHECK_EQ(count("inner1()", false, &lines), 0);
			CHECK_EQ(count("inner8()", false, &lines), 0);
		}
		shell("rm -rf %s", dir);
	}
}
