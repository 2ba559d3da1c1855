// SPDX-License-Identifier: MIT
/*
 * A module that is asked for by one command after another: when its files are opened again, and when
 * what is cached must not be used. Programs are compiled here; all are left alone for a while before
 * they are read, as what was just written is not cached.
 */
#include "tests/test.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cache_folder.h"
#include "analyzer/module_cache.h"

static char dir[64];
static uint8_t id[20];
static size_t id_size;
static uint64_t address;

static int sh(const char *format, ...)
{
	char command[1024];
	int size = snprintf(command, sizeof(command), "cd %s && ", dir);
	va_list args;

	va_start(args, format);
	vsnprintf(command + size, sizeof(command) - (size_t)size, format, args);
	va_end(args);
	return system(command);
}

static void first_line(char *line, int size, const char *command)
{
	char whole[512];
	FILE *f;

	snprintf(whole, sizeof(whole), "cd %s && %s", dir, command);
	f = popen(whole, "r");
	line[0] = 0;
	if (f && !fgets(line, size, f))
		line[0] = 0;
	if (f)
		pclose(f);
}

static bool start(void)
{
	strcpy(dir, "/tmp/tmtrace-module-XXXXXX");
	if (!CHECK(mkdtemp(dir) != NULL))
		return false;
	setenv("XDG_CACHE_HOME", dir, 1);
	return true;
}

static void finish(void)
{
	sh("rm -rf %s", dir);
	setenv("XDG_CACHE_HOME", "/dev/null/no-cache", 1);
}

/* Makes DIR/prog with `outer` on LINE and finds its address and build-id. */
static bool build(const char *flags, int line)
{
	char text[64];

	if (sh("printf '#line %d\\nstatic inline __attribute__((always_inline)) int inner(int n) { "
	       "return n * n; }"
	       "\\n__attribute__((noinline)) int outer(int n) { return inner(n) + 1; }"
	       "\\nint main(int argc, char **argv) { return outer(argc + !argv); }\\n' >prog.c && "
	       "rm -f prog && ${CC:-cc} -O1 -g -Wl,--build-id %s -o prog prog.c",
	       line - 1, flags) != 0)
		return CHECK(!"the compiler works");
	first_line(text, sizeof(text), "nm prog | sed -n 's/ [Tt] outer$//p'");
	address = strtoull(text, NULL, 16);
	first_line(text, sizeof(text), "readelf -n prog | sed -n 's/.*Build ID: //p'");
	for (id_size = 0; id_size < sizeof(id); id_size++)
		if (sscanf(text + 2 * id_size, "%2hhx", &id[id_size]) != 1)
			break;
	return CHECK(address) && CHECK_EQ(id_size, sizeof(id));
}

/* What a command sees and does. */
struct command {
	bool opened, saved;
	unsigned line; /* of the outermost frame at ADDRESS */
	size_t n;      /* frames there, and their names */
	char names[64];
	enum symbols_debug debug;
};

static struct command run_with(struct symbols_options options, uint64_t more)
{
	char path[96];
	struct command c = {0};
	struct symbol *frames;

	snprintf(path, sizeof(path), "%s/prog", dir);
	struct module_symbols *m = module_symbols_new(&options, path, id, id_size);

	module_symbols_load(m);
	c.n = module_symbols_find(m, address, &frames);
	c.line = frames[c.n - 1].line;
	for (size_t i = 0; i < c.n && frames[i].function; i++)
		strncat(strcat(c.names, " "), frames[i].function, 20);
	free(frames);
	if (more) {
		module_symbols_find(m, more, &frames);
		free(frames);
	}
	c.opened = m->opened;
	c.debug = m->debug;
	c.saved = module_cache_save(m);
	module_symbols_free(m);
	return c;
}

static struct command run(void)
{
	return run_with((struct symbols_options){0}, 0);
}

static void settle(void)
{
	usleep(100000);
}

static void check_cached(bool cached, unsigned line)
{
	struct command c = run();

	CHECK_EQ(c.opened, !cached);
	CHECK_EQ(c.saved, !cached);
	CHECK_EQ(c.line, line);
	CHECK_EQ(c.debug, SYMBOLS_DWARF);
	CHECK_STR(c.names, " inner outer");
}

/* Of a program and whatever belongs to it in DIR. */
static void check_second_command(void)
{
	const struct symbols_options folded = {.no_inlines = true}, off = {.no_cache = true};
	struct command c;

	settle();
	check_cached(false, 1000);
	check_cached(true, 1000);
	c = run_with(folded, 0);
	CHECK(!c.opened && c.n == 1 && c.line == 1000);
	CHECK_STR(c.names, " outer");
	c = run_with(off, 0);
	CHECK(c.opened && !c.saved && c.line == 1000);
	c = run_with((struct symbols_options){0}, address + 1); /* asks for more */
	CHECK(c.opened && c.saved && c.line == 1000);
	c = run_with((struct symbols_options){0}, address + 1);
	CHECK(!c.opened && !c.saved && c.line == 1000);
}

TEST(a_second_command_opens_no_file_until_it_asks_for_more)
{
	if (start() && build("", 1000))
		check_second_command();
	finish();
}

TEST(what_is_in_dwo_files_is_cached_until_one_is_changed)
{
	if (start() && build("-gsplit-dwarf", 1000)) {
		check_second_command();
		CHECK_EQ(sh("touch *.dwo"), 0);
		CHECK(run().opened);
		CHECK_EQ(sh("mkdir other && mv *.dwo other"), 0);
		struct command c = run();

		CHECK(c.opened && !c.saved); /* it may come back */
	}
	finish();
}

TEST(the_time_for_a_file_counts_from_when_it_is_open)
{
	const char *dirs[] = {dir};
	const struct symbols_options options = {.debug_dirs = dirs, .n_debug_dirs = 1};
	char hex[64];

	if (start() && build("", 1000)) {
		first_line(hex, sizeof(hex), "readelf -n prog | sed -n 's/.*Build ID: //p'");
		CHECK_EQ(sh("mkdir -p .build-id/%.2s && mv prog .build-id/%.2s/%.38s.debug", hex,
			    hex, hex + 2),
			 0);
		/* Without the program, the debug file is all there is to tell how long it may take. */
		struct module_symbols *m =
			module_symbols_new(&options, "/nonexistent", id, id_size);

		module_symbols_load(m);
		CHECK(m->have_units && m->separate.size);
		CHECK_EQ(m->guard.limit_ns, 3000000000u + 2000 * m->separate.size);
		module_symbols_free(m);
	}
	finish();
}

TEST(what_is_in_a_separate_file_is_cached_until_that_is_changed)
{
	const char *dirs[] = {dir, "/nonexistent"};
	const struct symbols_options options = {.debug_dirs = dirs, .n_debug_dirs = 2};
	const struct symbols_options others = {.debug_dirs = dirs, .n_debug_dirs = 1};
	char hex[64];

	if (start() && build("", 1000)) {
		first_line(hex, sizeof(hex), "readelf -n prog | sed -n 's/.*Build ID: //p'");
		CHECK_EQ(sh("mkdir -p .build-id/%.2s && objcopy --only-keep-debug prog "
			    ".build-id/%.2s/%.38s.debug && strip prog",
			    hex, hex, hex + 2),
			 0);
		settle();
		CHECK(run_with(options, 0).saved);
		CHECK(!run_with(options, 0).opened);
		CHECK(run_with(others, 0).opened); /* which of them would be found? */
		struct command c = run();

		CHECK(c.opened && !c.saved && c.debug != SYMBOLS_DWARF);
		CHECK_EQ(sh("touch .build-id/*/*.debug"), 0);
		CHECK(run_with(options, 0).opened);
		CHECK_EQ(sh("rm .build-id/*/*.debug"), 0);
		CHECK_EQ(run_with(options, 0).line, 0);
	}
	finish();
}

TEST(what_dwz_moved_is_cached_until_that_file_is_changed)
{
	if (system("command -v dwz >/dev/null") != 0)
		SKIP("needs dwz");
	if (start() && build("-gdwarf-4", 1000)) {
		CHECK_EQ(sh("cp prog twin && dwz -m common prog twin"), 0);
		settle();
		check_cached(false, 1000);
		check_cached(true, 1000);
		CHECK_EQ(sh("touch common"), 0);
		CHECK(run().opened);
		CHECK_EQ(sh("rm common"), 0);
		CHECK(!run().saved);
	}
	finish();
}

TEST(a_program_that_was_built_again_is_never_answered_from_the_cache)
{
	uint8_t old[sizeof(id)];
	struct command c;

	if (start() && build("-Wl,--build-id=0x1234567812345678123456781234567812345678", 1000)) {
		settle();
		check_cached(false, 1000);
		check_cached(true, 1000);
		memcpy(old, id, sizeof(id));
		/* The same build-id, the same size, in its place and with its time; other lines. */
		sh("cp -p prog old");
		build("-Wl,--build-id=0x1234567812345678123456781234567812345678", 2000);
		CHECK_MEM(id, old, sizeof(id));
		CHECK_EQ(sh("touch -r old prog"), 0);
		c = run();
		CHECK(c.opened && !c.saved); /* only just written */
		CHECK_EQ(c.line, 2000);
		CHECK_EQ(sh("cat old >new && cat prog >old && cat new >prog && touch -r old prog"),
			 0);
		settle();
		c = run();
		CHECK(c.opened && c.saved);
		CHECK_EQ(c.line, 1000);
		/* Another build-id: the old trace has no right file any more, the new one its own. */
		build("-Wl,--build-id=0x8765432187654321876543218765432187654321", 3000);
		c = run();
		CHECK(c.opened);
		CHECK_EQ(c.line, 3000);
		memcpy(id, old, sizeof(id));
		c = run();
		CHECK_EQ(c.debug, SYMBOLS_MISMATCH);
		CHECK_EQ(c.line, 0);
	}
	finish();
}

TEST(that_there_are_lines_is_cached_before_the_first_is_asked_for)
{
	if (start() && build("", 1000)) {
		char path[96];

		settle();
		snprintf(path, sizeof(path), "%s/prog", dir);
		for (int time = 0; time < 2; time++) {
			struct symbols_options options = {0};
			struct symbols *s = symbols_new(&options);
			struct module_symbols *m = module_symbols_new(&options, path, id, id_size);

			symbols_add_module(s, 0, path, id, id_size, 0);
			CHECK_EQ(symbols_module_debug(s, 0), SYMBOLS_DWARF);
			symbols_free(s);
			module_symbols_load(m);
			CHECK(!m->opened);
			CHECK(module_symbols_advice(m) == NULL);
			module_symbols_free(m);
		}
		check_cached(false, 1000);
		check_cached(true, 1000);
	}
	finish();
}

TEST(without_lines_or_build_id_nothing_is_cached)
{
	if (start() && build("-g0", 1000)) {
		settle();
		CHECK(!run().saved);
		CHECK_EQ(build("", 1000), true);
		settle();
		id_size = 0;
		CHECK(!run().saved);
		CHECK_EQ(sh("test ! -e tmtrace"), 0);
	}
	finish();
}

TEST(a_cache_that_is_deleted_between_is_only_slower)
{
	if (start() && build("", 1000)) {
		settle();
		check_cached(false, 1000);
		CHECK_EQ(sh("rm -r tmtrace"), 0);
		check_cached(false, 1000);
		check_cached(true, 1000);
		CHECK_EQ(sh("for f in tmtrace/*; do echo x >$f; done"), 0);
		check_cached(false, 1000);
		check_cached(true, 1000);
	}
	finish();
}
