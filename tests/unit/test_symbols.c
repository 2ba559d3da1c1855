// SPDX-License-Identifier: MIT
/*
 * The symbolizer on programs that are compiled here in every way that it claims to understand, and
 * then stripped, moved, exchanged and damaged.
 *
 * Each program prints the link-time address of a call in `inner`, which is inlined into `outer`.
 */
#include "tests/test.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/symbols.h"
#include "tests/unit/shell.h"

#define BIAS 0x7f0000000000u

static const char *const source[] = {
	"#include <stdio.h>",
	"extern char __executable_start[];",
	"void *volatile sink;",
	"__attribute__((noinline)) void record(void)",
	"{",
	"\tsink = __builtin_return_address(0);",
	"}",
	"static inline __attribute__((always_inline)) void inner(int n)",
	"{",
	"\tif (n)",
	"\t\trecord();",
	"\tsink = (char *)sink + 0;",
	"}",
	"__attribute__((noinline)) void outer(int n)",
	"{",
	"\tinner(n);",
	"\tsink = (char *)sink - 0;",
	"}",
	"int main(int argc, char **argv)",
	"{",
	"\touter(argc + !argv);",
	"#ifdef __PIE__",
	"\tsink = (char *)sink - (size_t)__executable_start;",
	"#endif",
	"\tprintf(\"%zx\\n\", (size_t)sink - 1);",
	"}",
};

enum { CALL_LINE = 11, INLINED_LINE = 16 };

/* A directory of its own for each test, as debug files need some. */
static char dir[64];

static bool start(void)
{
	FILE *f;
	char path[96];

	strcpy(dir, "/tmp/tmtrace-symbols-XXXXXX");
	if (!mkdtemp(dir))
		return false;
	snprintf(path, sizeof(path), "%s/prog.c", dir);
	f = fopen(path, "w");
	if (!f)
		return false;
	for (size_t i = 0; i < sizeof(source) / sizeof(*source); i++)
		fprintf(f, "%s\n", source[i]);
	return fclose(f) == 0;
}

static void finish(void)
{
	if (*dir)
		shell("rm -rf %s", dir);
	*dir = 0;
}

/* Compiles to DIR/prog; sets *ADDRESS to the call in inner. */
static bool build(const char *flags, uint64_t *address)
{
	char line[64] = "", command[96];
	FILE *f;

	if (!start() || shell("cd %s && ${CC:-cc} -O1 -Wl,--build-id %s -o prog prog.c 2>/dev/null",
			      dir, flags))
		return false;
	snprintf(command, sizeof(command), "%s/prog", dir);
	f = popen(command, "r");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	*address = strtoull(line, NULL, 16);
	return pclose(f) == 0 && *address;
}

/* The build-id of DIR/prog, from readelf, as bytes. */
static size_t build_id(uint8_t *id, char *hex)
{
	char command[160];
	FILE *f;
	size_t n = 0;

	snprintf(command, sizeof(command),
		 "readelf -n %s/prog 2>/dev/null | sed -n 's/.*Build ID: //p'", dir);
	f = popen(command, "r");
	if (!f || !fgets(hex, 64, f))
		hex[0] = 0;
	if (f)
		pclose(f);
	hex[strcspn(hex, "\n")] = 0;
	for (unsigned byte; n < 20 && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		id[n] = (uint8_t)byte;
	return n;
}

static struct symbols *make(const struct symbols_options *options, const uint8_t *id, size_t size)
{
	struct symbols_options none = {0};
	struct symbols *s = symbols_new(options ? options : &none);
	char path[96];

	snprintf(path, sizeof(path), "%s/prog", dir);
	symbols_add_module(s, 3, path, id, size, BIAS);
	return s;
}

static void check_file(const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/prog.c", dir);
	CHECK_STR(file, path);
}

static void check_both(struct symbols *s, uint64_t address)
{
	size_t n;
	const struct symbol *f = symbols_find(s, 3, BIAS + address, &n);

	CHECK_EQ(symbols_module_debug(s, 3), SYMBOLS_DWARF);
	if (!CHECK_EQ(n, 2))
		return;
	CHECK_STR(f[0].function, "inner");
	CHECK_EQ(f[0].line, CALL_LINE);
	CHECK(f[0].inlined);
	check_file(f[0].file);
	CHECK_STR(f[1].function, "outer");
	CHECK_EQ(f[1].line, INLINED_LINE);
	CHECK(!f[1].inlined);
	check_file(f[1].file);
	CHECK(symbols_find(s, 3, BIAS + address, &n) == f);
}

/* False when the compiler cannot do that. */
static bool check_built_with(const char *flags)
{
	uint64_t address;
	bool built = build(flags, &address);

	if (built) {
		struct symbols *s = make(NULL, NULL, 0);

		check_both(s, address);
		symbols_free(s);
	}
	finish();
	return built;
}

TEST(every_kind_of_dwarf_gives_function_line_and_inlines)
{
	CHECK(check_built_with("-g"));
	check_built_with("-g1");
	check_built_with("-g3");
	check_built_with("-gdwarf-4");
	check_built_with("-gdwarf-5");
	check_built_with("-g -gz");
	check_built_with("-g -gz=zlib-gnu");
	check_built_with("-g -gsplit-dwarf");
	check_built_with("-gdwarf-4 -gsplit-dwarf");
	check_built_with("-g -fno-pie -no-pie");
	check_built_with("-g -ffunction-sections -Wl,--gc-sections");
	check_built_with("-g -flto");
}

/* The names of the functions with code in DIR/prog, each once, are looked for NAME. */
static bool has_function(struct symbols *s, const char *name)
{
	for (uint64_t at = 0x1000; at < 0x3000; at++) {
		size_t n;
		const struct symbol *f = symbols_find(s, 3, BIAS + at, &n);

		for (size_t i = 0; i < n; i++)
			if (f[i].line && f[i].function && !strcmp(f[i].function, name))
				return true;
	}
	return false;
}

TEST(functions_of_cplusplus_have_their_whole_names)
{
	static const char text[] =
		"volatile int v; void *volatile p;\n"
		"namespace { struct thing { thing() { v++; } }; }\n"
		"template <typename T> struct box { void get(T t) { p = new T(t); } };\n"
		"__attribute__((noinline)) void call(int n) {\n"
		"	auto f = [](int k) __attribute__((noinline)) { p = new int(k); };\n"
		"	thing t; (void)t; f(n); box<long>().get(n); }\n"
		"int main(int argc, char **) { call(argc); }\n";
	struct symbols *s;

	if (!CHECK(start()))
		return;
	if (shell("cd %s && echo '%s' >a.cc && c++ -g -O1 -o prog a.cc 2>/dev/null", dir, text) !=
	    0) {
		finish();
		SKIP("needs a C++ compiler");
	}
	s = make(NULL, NULL, 0);
	CHECK(has_function(s, "call(int)"));
	CHECK(has_function(s, "box<long>::get(long)"));
	CHECK(has_function(s, "call::{lambda}::operator()") || /* no mangled name for it in gcc */
	      has_function(s, "call(int)::$_0::operator()(int) const") || /* clang */
	      has_function(s, "call(int)::{lambda(int)#1}::operator()(int) const"));
	CHECK(has_function(s, "(anonymous namespace)::thing::thing") ||
	      has_function(s, "(anonymous namespace)::thing::thing()"));
	symbols_free(s);
	finish();
}

TEST(no_inlines_leaves_the_function_that_is_in_the_code)
{
	struct symbols_options options = {.no_inlines = true};
	uint64_t address;
	size_t n;

	if (CHECK(build("-g", &address))) {
		struct symbols *s = make(&options, NULL, 0);
		const struct symbol *f = symbols_find(s, 3, BIAS + address, &n);

		CHECK_EQ(n, 1);
		CHECK_STR(f->function, "outer");
		CHECK_EQ(f->line, INLINED_LINE);
		symbols_free(s);
	}
	finish();
}

TEST(stripped_program_with_debuglink_gives_lines_if_the_checksum_is_right)
{
	uint64_t address;
	size_t n;

	/* No build-id on either side, so that the checksum decides. */
	if (CHECK(build("-g -Wl,--build-id=none", &address)) &&
	    CHECK_EQ(shell("cd %s && mkdir .debug && objcopy --only-keep-debug prog .debug/p.debug "
			   "&& "
			   "objcopy -S --add-gnu-debuglink=.debug/p.debug prog",
			   dir),
		     0)) {
		struct symbols *s = make(NULL, NULL, 0);

		check_both(s, address);
		symbols_free(s);
		shell("echo >>%s/.debug/p.debug", dir);
		s = make(NULL, NULL, 0);
		CHECK_EQ(symbols_module_debug(s, 3), SYMBOLS_NONE);
		CHECK(symbols_find(s, 3, BIAS + address, &n)->file == NULL);
		symbols_free(s);
	}
	finish();
}

/* Leaves DIR/prog stripped and its debug file under DIR/debug/.build-id. */
static bool separate(uint8_t *id, size_t *size)
{
	char hex[64];

	*size = build_id(id, hex);
	return CHECK_EQ(*size, 20) && CHECK_EQ(shell("cd %s && mkdir -p debug/.build-id/%.2s && "
						     "objcopy --only-keep-debug prog "
						     "debug/.build-id/%.2s/%s.debug && strip prog",
						     dir, hex, hex, hex + 2),
					       0);
}

TEST(debug_dir_is_searched_by_build_id_even_when_the_program_is_gone_or_another)
{
	const char *dirs[] = {"/nonexistent", dir};
	struct symbols_options options = {.debug_dirs = dirs, .n_debug_dirs = 2};
	char debug[96];
	uint64_t address;
	uint8_t id[20];
	size_t size;

	if (CHECK(build("-g", &address)) && separate(id, &size)) {
		struct symbols *s;

		snprintf(debug, sizeof(debug), "%s/debug", dir);
		dirs[1] = debug;
		s = make(&options, id, size);
		check_both(s, address);
		symbols_free(s);
		shell("cp /bin/true %s/prog", dir);
		s = make(&options, id, size);
		check_both(s, address);
		symbols_free(s);
		shell("rm %s/prog", dir);
		s = make(&options, id, size);
		check_both(s, address);
		symbols_free(s);
	}
	finish();
}

TEST(what_dwz_moved_to_another_file_is_found)
{
	uint64_t address;

	if (shell("command -v dwz >/dev/null") != 0)
		SKIP("needs dwz");
	/* What clang writes is too new for dwz. */
	if (CHECK(build("-gdwarf-4", &address))) {
		struct symbols *s;

		/* Two of a kind, so that there is something to share. */
		CHECK_EQ(shell("cd %s && cp prog twin && dwz -m common prog twin", dir), 0);
		s = make(NULL, NULL, 0);
		check_both(s, address);
		symbols_free(s);
	}
	finish();
}

TEST(the_compressed_symbol_table_of_a_stripped_program_is_read)
{
	uint64_t address;

	if (shell("command -v xz >/dev/null") != 0)
		SKIP("needs xz");
	if (CHECK(build("", &address))) {
		struct symbols *s;
		size_t n;

		CHECK_EQ(shell("cd %s && cp prog mini && xz mini && strip prog && "
			       "objcopy --add-section .gnu_debugdata=mini.xz prog",
			       dir),
			 0);
		s = make(NULL, NULL, 0);
		CHECK_STR(symbols_find(s, 3, BIAS + address, &n)->function, "outer");
		CHECK_EQ(symbols_module_debug(s, 3), SYMBOLS_SYMTAB);
		symbols_free(s);
	}
	finish();
}

/* What is to be said of DIR/prog at ADDRESS when there are no lines. */
static void check_without(const uint8_t *id, size_t size, uint64_t address,
			  enum symbols_debug debug, const char *function, const char *advice)
{
	struct symbols *s = make(NULL, id, size);
	size_t n;
	const struct symbol *f = symbols_find(s, 3, BIAS + address, &n);

	CHECK_EQ(symbols_module_debug(s, 3), debug);
	CHECK_EQ(n, 1);
	CHECK_STR(f->function, function);
	CHECK(f->file == NULL);
	CHECK_EQ(f->line, 0);
	if (CHECK(symbols_module_advice(s, 3) != NULL))
		CHECK(strstr(symbols_module_advice(s, 3), advice) != NULL);
	symbols_free(s);
}

TEST(without_dwarf_there_are_functions_and_advice)
{
	uint64_t address;
	uint8_t id[20];
	char hex[64];
	size_t size;

	if (CHECK(build("", &address))) {
		size = build_id(id, hex);
		check_without(id, size, address, SYMBOLS_SYMTAB, "outer", hex + 2);
		shell("strip %s/prog", dir);
		check_without(id, size, address, SYMBOLS_NONE, NULL, "-g");
		id[0] ^= 1;
		check_without(id, size, address, SYMBOLS_MISMATCH, NULL, "build-id");
		shell("rm %s/prog", dir);
		check_without(id, size, address, SYMBOLS_MISSING, NULL, "prog");
	}
	finish();
	if (CHECK(build("-rdynamic", &address))) {
		shell("strip %s/prog", dir);
		check_without(NULL, 0, address, SYMBOLS_SYMTAB, "outer", "-g");
	}
	finish();
}

TEST(a_missing_dwo_file_leaves_lines_and_is_told)
{
	uint64_t address;

	if (CHECK(build("-g -gsplit-dwarf", &address))) {
		struct symbols *s;
		size_t n;
		const struct symbol *f;

		shell("rm %s/*.dwo", dir);
		s = make(NULL, NULL, 0);
		f = symbols_find(s, 3, BIAS + address, &n);
		CHECK_STR(f[0].function, "outer");
		CHECK_EQ(f[0].line, CALL_LINE);
		CHECK(symbols_module_advice(s, 3) && strstr(symbols_module_advice(s, 3), ".dwo"));
		symbols_free(s);
	}
	finish();
}

TEST(unknown_modules_and_odd_paths_have_no_names)
{
	struct symbols_options none = {0};
	struct symbols *s = symbols_new(&none);
	const char *paths[] = {"", "/", "/dev/zero", "/nonexistent", "/etc/passwd", "[heap]"};
	size_t n;

	CHECK_EQ(symbols_module_debug(s, 77), SYMBOLS_UNKNOWN);
	CHECK(symbols_module_advice(s, 77) == NULL);
	CHECK(symbols_find(s, 77, 1, &n)->function == NULL);
	CHECK_EQ(n, 1);
	for (uint32_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		symbols_add_module(s, i, paths[i], NULL, 0, 0);
		CHECK_EQ(symbols_module_debug(s, i), SYMBOLS_MISSING);
		CHECK(symbols_find(s, i, UINT64_MAX, &n)->function == NULL);
		CHECK_EQ(n, 1);
	}
	symbols_free(s);
}

TEST(the_vdso_of_this_kernel_has_functions)
{
	struct symbols_options none = {0};
	struct symbols *s = symbols_new(&none);
	bool found = false;
	size_t n;

	symbols_add_module(s, 0, "[vdso]", NULL, 0, BIAS);
	for (uint64_t at = 0; at < 0x4000 && !found; at++) {
		const char *name = symbols_find(s, 0, BIAS + at, &n)->function;

		found = name && !strncmp(name, "clock_gettime", 13);
	}
	CHECK(found);
	symbols_free(s);
}

/* Reads DIR/prog as it is now; only that it comes back matters. */
static void read_all(void)
{
	struct symbols *s = make(NULL, NULL, 0);
	size_t n;

	symbols_module_debug(s, 3);
	for (uint64_t at = 0x1000; at < 0x1400; at += 3)
		symbols_find(s, 3, BIAS + at, &n);
	symbols_free(s);
}

TEST(a_damaged_file_is_no_danger)
{
	uint64_t address;
	char path[96];
	FILE *f;
	uint8_t *bytes = NULL;
	long size = 0;

	if (CHECK(build("-g", &address))) {
		snprintf(path, sizeof(path), "%s/prog", dir);
		f = fopen(path, "r+b");
		fseek(f, 0, SEEK_END);
		size = ftell(f);
		bytes = malloc((size_t)size);
		rewind(f);
		CHECK_EQ(fread(bytes, 1, (size_t)size, f), size);
		srand(1);
		for (int i = 0; i < 300; i++) {
			long at = rand() % size;

			fseek(f, at, SEEK_SET);
			fputc(bytes[at] ^ 1 << rand() % 8, f);
			fflush(f);
			read_all();
			if (i % 4 == 3) { /* let them add up, but not for ever */
				rewind(f);
				fwrite(bytes, 1, (size_t)size, f);
				fflush(f);
			}
		}
		for (long to = size; to > 0; to -= 211) {
			CHECK_EQ(truncate(path, to), 0);
			read_all();
		}
		fclose(f);
		free(bytes);
	}
	finish();
}
