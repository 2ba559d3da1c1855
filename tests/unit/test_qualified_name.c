// SPDX-License-Identifier: MIT
/*
 * Names of C++ functions that have no mangled one in the DWARF of gcc: those of internal linkage.
 * One program has all of them; every address of it is asked for.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/symbols.h"
#include "tests/unit/shell.h"

#define OUT "__attribute__((noinline, noipa)) "
#define CODE_END 0x6000

static const char source[] =
	"volatile int v;\n"
	"namespace space {\n"
	"namespace {\n"
	"struct outer { struct inner; static int make(int); };\n"
	"struct outer::inner { " OUT "int completed_later(int n) { return n + v; } };\n"
	"int " OUT "outer::make(int n) { v = n; return inner().completed_later(n); }\n"
	"}\n"
	"int " OUT "around(int n) {\n"
	"	struct local { static int " OUT "member(int k) { v++; return k; } };\n"
	"	auto lambda = [](int k) " OUT "{ return k + v; };\n"
	"	{ auto block = [](auto k) " OUT "{ return k - v; }; n += block(n) + block(2L); }\n"
	"	return lambda(n) + local::member(n) + outer::make(n); }\n"
	"static int " OUT "hidden(int n) { return n ^ v; }\n"
	"struct type { static int method(int); };\n"
	"int " OUT "type::method(int n) {\n"
	"	auto lambda = [](int k) " OUT "{ return k * v; };\n"
	"	return lambda(n) + hidden(n); }\n"
	"}\n"
	"int main(int argc, char **) { return space::around(argc) + space::type::method(argc); }\n";

static char dir[] = "/tmp/tmtrace-names-XXXXXX";

static bool build(const char *flags)
{
	char path[64];
	FILE *f;
	bool ok;

	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	if (!mkdtemp(dir))
		return false;
	snprintf(path, sizeof(path), "%s/a.cc", dir);
	f = fopen(path, "w");
	if (!f)
		return false;
	ok = fputs(source, f) >= 0;
	return fclose(f) == 0 && ok &&
	       shell("cd %s && c++ -std=c++17 -O1 %s -o prog a.cc 2>/dev/null", dir, flags) == 0;
}

/* Whether FUNCTION, or else OTHER, is the name of some code with lines. */
static bool has(struct symbols *s, const char *function, const char *other)
{
	for (uint64_t at = 0x1000; at < CODE_END; at++) {
		size_t n;
		const struct symbol *f = symbols_find(s, 0, at, &n);

		for (size_t i = 0; i < n; i++)
			if (f[i].line && f[i].function &&
			    (!strcmp(f[i].function, function) || !strcmp(f[i].function, other)))
				return true;
	}
	return false;
}

static void check_names(void)
{
	struct symbols_options none = {0};
	struct symbols *s = symbols_new(&none);
	char path[64];

	snprintf(path, sizeof(path), "%s/prog", dir);
	symbols_add_module(s, 0, path, NULL, 0, 0);
	CHECK(has(s, "space::(anonymous namespace)::outer::inner::completed_later",
		  "space::(anonymous namespace)::outer::inner::completed_later(int)"));
	CHECK(has(s, "space::(anonymous namespace)::outer::make",
		  "space::(anonymous namespace)::outer::make(int)"));
	CHECK(has(s, "space::around::local::member", "space::around(int)::local::member(int)"));
	CHECK(has(s, "space::around::{lambda}::operator()",
		  "space::around(int)::$_0::operator()(int) const"));
	CHECK(has(s, "space::around::{lambda}::operator()<long int>",
		  "auto space::around(int)::$_1::operator()<long>(long) const"));
	CHECK(has(s, "space::type::method::{lambda}::operator()",
		  "space::type::method(int)::$_2::operator()(int) const"));
	CHECK(has(s, "space::hidden", "space::hidden(int)"));
	CHECK(has(s, "space::type::method(int)", ""));
	symbols_free(s);
}

TEST(functions_without_a_mangled_name_have_all_that_is_around_them)
{
	static const char *const flags[] = {"-g", "-gdwarf-4", "-g -flto", "-g -gsplit-dwarf"};

	if (shell("command -v c++ >/dev/null") != 0)
		SKIP("needs a C++ compiler");
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (CHECK(build(flags[i])))
			check_names();
		shell("rm -rf %s", dir);
	}
}
