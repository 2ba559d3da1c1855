// SPDX-License-Identifier: MIT
/*
 * A small program with DWARF, with each of its bytes changed in turn and cut off at each length: the
 * symbolizer comes back, and a module that is whole answers as before.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/symbols.h"

enum { DAMAGED, BEFORE, AFTER };

/* Every byte takes minutes under a sanitizer: there, and by default, a sample of them. */
static size_t step(void)
{
	return getenv("EVERY_BYTE") ? 1 : 5;
}

static const char text[] =
	"void *volatile sink;\n"
	"static inline __attribute__((always_inline)) void inner(int n)\n"
	"{ sink = (char *)sink + n; }\n"
	"__attribute__((noinline)) static void outer(int n) { inner(n); inner(2 * n); }\n"
	"int main(int argc, char **argv) { outer(argc); return !argv; }\n";

struct program {
	uint8_t *bytes;
	size_t size;
};

/* Its code is at addresses below 0x600. */
static bool build(const char *flags, struct program *program)
{
	const char *path = test_path("small");
	char command[1024];
	struct stat st;

	snprintf(command, sizeof command,
		 "printf '%%s' '%s' >%s.c && ${CC:-cc} -O1 -nostartfiles -Wl,-e,main "
		 "-Wl,-z,noseparate-code -Wl,--build-id %s -o %s %s.c 2>/dev/null",
		 text, path, flags, path, path);
	FILE *f = system(command) == 0 ? fopen(path, "rb") : NULL;

	if (!f || fstat(fileno(f), &st) < 0)
		return false;
	program->size = (size_t)st.st_size;
	program->bytes = malloc(program->size);
	bool ok = fread(program->bytes, 1, program->size, f) == program->size;

	fclose(f);
	return ok;
}

static size_t hash_of(struct symbols *symbols, uint32_t module)
{
	size_t sum = 0;

	for (uint64_t at = 0x280; at < 0x600; at += 9) {
		size_t n;
		const struct symbol *s = symbols_find(symbols, module, at, &n);

		for (size_t i = 0; i < n; i++) {
			sum = sum * 31 + s[i].line;
			for (const char *c = s[i].function; c && *c; c++)
				sum = sum * 31 + (unsigned char)*c;
			for (const char *c = s[i].file; c && *c; c++)
				sum = sum * 31 + (unsigned char)*c;
		}
	}
	return sum;
}

static void check_file(int fd, int whole, size_t at)
{
	/* Where there are no lists of packages, which would take long to read. */
	struct symbols_options options = {.sysroot = "/proc"};
	struct symbols *symbols = symbols_new(&options);
	char path[32], intact[32];

	snprintf(path, sizeof path, "/self/fd/%d", fd);
	snprintf(intact, sizeof intact, "/self/fd/%d", whole);
	symbols_add_module(symbols, BEFORE, intact, NULL, 0, 0);
	symbols_add_module(symbols, DAMAGED, path, NULL, 0, 0);
	symbols_add_module(symbols, AFTER, intact, NULL, 0, 0);
	size_t before = hash_of(symbols, BEFORE);

	hash_of(symbols, DAMAGED);
	enum symbols_debug debug = symbols_module_debug(symbols, DAMAGED);
	const char *advice = symbols_module_advice(symbols, DAMAGED);

	/* Never nothing without a word. */
	if (!(debug == SYMBOLS_DWARF || advice) || hash_of(symbols, AFTER) != before ||
	    symbols_module_debug(symbols, AFTER) != SYMBOLS_DWARF)
		CHECK_EQ(at, -1);
	symbols_free(symbols);
}

static int file_of(const struct program *program)
{
	int fd = memfd_create("program", MFD_CLOEXEC);

	if (fd < 0 || write(fd, program->bytes, program->size) != (ssize_t)program->size)
		return -1;
	return fd;
}

static void check_damage(const struct program *program)
{
	int whole = file_of(program), fd = file_of(program);

	if (CHECK(whole >= 0 && fd >= 0)) {
		for (size_t at = 0; at < program->size; at += step()) {
			uint8_t changed = program->bytes[at] ^ (uint8_t)(1u << at % 8);

			CHECK_EQ(pwrite(fd, &changed, 1, (off_t)at), 1);
			check_file(fd, whole, at);
			CHECK_EQ(pwrite(fd, &program->bytes[at], 1, (off_t)at), 1);
		}
		for (size_t size = program->size; size-- > 0;) {
			if (size % (8 * step() + 1) && size > 64)
				continue;
			CHECK_EQ(ftruncate(fd, (off_t)size), 0);
			check_file(fd, whole, size);
		}
	}
	close(whole);
	close(fd);
}

static void check_built(const char *flags)
{
	struct program program = {0};

	if (CHECK(build(flags, &program)))
		check_damage(&program);
	free(program.bytes);
}

TEST(a_program_with_one_byte_changed_or_cut_off_harms_nobody)
{
	check_built("-gdwarf-5");
}

TEST(nor_does_one_with_dwarf_4)
{
	check_built("-gdwarf-4");
}

TEST(nor_does_one_with_compressed_sections)
{
	check_built("-g -gz");
}

/* What is lost on the way out of a fault is no leak of ours. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

TEST(a_program_cut_short_while_it_is_read_keeps_its_answers_and_is_told)
{
	struct program program = {0};
	struct symbols_options options = {.sysroot = "/proc"};
	struct symbols *symbols = symbols_new(&options);
	char path[32];
	size_t n;

	if (!CHECK(build("-g", &program)))
		return;
	int fd = file_of(&program);

	if (__lsan_disable)
		__lsan_disable();
	snprintf(path, sizeof path, "/self/fd/%d", fd);
	symbols_add_module(symbols, DAMAGED, path, NULL, 0, 0);
	symbols_add_module(symbols, AFTER, "[vdso]", NULL, 0, 0);
	CHECK_EQ(symbols_module_debug(symbols, DAMAGED), SYMBOLS_DWARF);

	uint64_t first = 0x280;

	while (first < 0x600 && !symbols_find(symbols, DAMAGED, first, &n)->file)
		first++;
	const struct symbol *answer = symbols_find(symbols, DAMAGED, first, &n);

	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK(answer->file && strstr(answer->file, "small.c"));
	CHECK(answer->function && strlen(answer->function) > 3);
	/* Other addresses, which are not remembered. */
	hash_of(symbols, DAMAGED);
	CHECK_EQ(symbols_module_debug(symbols, DAMAGED), SYMBOLS_DAMAGED);
	CHECK(symbols_find(symbols, DAMAGED, first, &n) == answer);
	CHECK(symbols_find(symbols, DAMAGED, first + 1, &n)->file == NULL);
	const char *advice = symbols_module_advice(symbols, DAMAGED);

	CHECK(advice && strstr(advice, "was cut short while it was read"));
	CHECK_EQ(symbols_module_debug(symbols, AFTER), SYMBOLS_SYMTAB);
	symbols_free(symbols);
	if (__lsan_enable)
		__lsan_enable();
	close(fd);
	free(program.bytes);
}

TEST(what_is_no_file_is_not_opened)
{
	struct symbols *symbols = symbols_new(&(struct symbols_options){0});
	const char *path = test_path("pipe");
	char event[512];
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	CHECK_EQ(mkfifo(path, 0600), 0);
	CHECK(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	symbols_add_module(symbols, DAMAGED, path, NULL, 0, 0);
	CHECK_EQ(symbols_module_debug(symbols, DAMAGED), SYMBOLS_MISSING);
	CHECK(strstr(symbols_module_advice(symbols, DAMAGED), "no regular file"));
	CHECK_EQ(read(watch, event, sizeof event), -1);
	symbols_free(symbols);
	close(watch);
}

/* 4,000 functions that only the symbol table knows: it stands behind the debug information. */
static const char nameless[] =
	"int main(void) { return 0; }\n"
	"__asm__(\".text\\n.macro f\\nf_\\\\@: .globl f_\\\\@\\n.byte 0xc3\\n.endm\\n\"\n"
	"\".globl first_f\\nfirst_f:\\n.rept 4000\\nf\\n.endr\");\n";

TEST(a_symbol_table_that_is_cut_off_takes_no_lines_along)
{
	struct symbols_options options = {.sysroot = ""};
	struct symbols *symbols = symbols_new(&options);
	const char *path = test_path("nameless");
	char command[1024];
	uint64_t main_at = 0, first_at = 0, table = 0, size = 0;
	size_t n;

	snprintf(command, sizeof command,
		 "printf '%%s' '%s' >%s.c && ${CC:-cc} -g -no-pie -o %s %s.c && "
		 "{ nm %s | grep -w main; nm %s | grep -w first_f; } | cut -d' ' -f1 && "
		 "readelf -SW %s | sed -n 's/.* SYMTAB *[0-9a-f]* //p'",
		 nameless, path, path, path, path, path, path);
	FILE *f = popen(command, "r");

	if (!CHECK(f && fscanf(f, "%lx %lx %lx %lx", &main_at, &first_at, &table, &size) == 4 &&
		   size > 16384))
		return;
	pclose(f);
	if (__lsan_disable)
		__lsan_disable();
	symbols_add_module(symbols, DAMAGED, path, NULL, 0, 0);
	CHECK_EQ(symbols_module_debug(symbols, DAMAGED), SYMBOLS_DWARF);
	CHECK_EQ(truncate(path, (off_t)(table + size / 2)), 0);

	const char *name = symbols_find(symbols, DAMAGED, first_at + 20, &n)->function;

	CHECK(!name || !strcmp(name, "f_20"));
	CHECK_EQ(symbols_module_debug(symbols, DAMAGED), SYMBOLS_DAMAGED);
	name = symbols_find(symbols, DAMAGED, first_at + 300, &n)->function;
	CHECK(!name || !strcmp(name, "f_300"));
	CHECK_EQ(symbols_find(symbols, DAMAGED, main_at, &n)->line, 1);
	symbols_free(symbols);
	if (__lsan_enable)
		__lsan_enable();
}

/* Each of 400 DIEs says that its sibling is what is inside it: 2^400 ways through them. */
static const char circles[] =
	".text\\n.globl main\\n.type main,@function\\nmain: ret\\n.size main,.-main\\n"
	".section .debug_abbrev,\"\",@progbits\\n"
	".byte 1,0x11,1,0x11,1,0x12,7,0,0,2,0x0b,1,1,0x13,0,0,0\\n"
	".section .debug_info,\"\",@progbits\\n"
	".Lunit: .4byte .Lend-.Lstart\\n.Lstart: .2byte 4\\n.4byte 0\\n.byte 8,1\\n"
	".8byte main\\n.8byte 16\\n"
	".rept 400\\n.byte 2\\n.4byte 1f-.Lunit\\n1:\\n.endr\\n.fill 401,1,0\\n.Lend:\\n";

TEST(a_unit_that_goes_in_circles_is_left)
{
	struct symbols_options options = {.sysroot = ""};
	struct symbols *symbols = symbols_new(&options);
	const char *path = test_path("circles");
	char command[2048];
	size_t n;

	snprintf(command, sizeof command,
		 "printf '%s' >%s.s && cc -no-pie -nostartfiles -Wl,-e,main,-Ttext=0x1000 "
		 "-o %s %s.s 2>/dev/null",
		 circles, path, path, path);
	if (CHECK_EQ(system(command), 0)) {
		symbols_add_module(symbols, DAMAGED, path, NULL, 0, 0);
		CHECK_STR(symbols_find(symbols, DAMAGED, 0x1000, &n)->function, "main");
		CHECK_EQ(symbols_module_debug(symbols, DAMAGED), SYMBOLS_DWARF);
	}
	symbols_free(symbols);
}
