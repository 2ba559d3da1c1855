// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/cache_folder.h"

static char base[64], folder[96];

static const uint8_t id[] = {0xab, 0xcd, 0xef};
static char name[CACHE_NAME_MAX];

/* A folder of all caches in a directory of its own; ours in it is not there yet. */
static bool start(void)
{
	strcpy(base, "/tmp/tmtrace-cache-XXXXXX");
	if (!CHECK(mkdtemp(base) != NULL))
		return false;
	snprintf(folder, sizeof folder, "%s/tmtrace", base);
	setenv("XDG_CACHE_HOME", base, 1);
	return CHECK(cache_folder_name(name, id, sizeof id, "key"));
}

static int sh(const char *format, const char *argument)
{
	char command[256];

	snprintf(command, sizeof command, format, argument);
	return system(command);
}

static void finish(void)
{
	sh("chmod -R u+w %s", base);
	sh("rm -rf %s", base);
	setenv("XDG_CACHE_HOME", "/dev/null/no-cache", 1);
}

static char *path_of(const char *file)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/%s", folder, file);
	return path;
}

static bool has(const char *text)
{
	size_t size;
	char *bytes = cache_folder_read(name, &size);
	bool same = bytes && size == strlen(text) && memcmp(bytes, text, size) == 0;

	free(bytes);
	return same;
}

TEST(what_was_written_is_read_and_only_the_owner_may)
{
	struct stat state;
	size_t size;

	if (!start())
		return;
	CHECK(cache_folder_read(name, &size) == NULL);
	CHECK(access(folder, F_OK) < 0); /* looking makes nothing */
	CHECK(cache_folder_write(name, "one", 3));
	CHECK(has("one"));
	CHECK(cache_folder_write(name, "second", 6));
	CHECK(has("second"));
	CHECK(stat(folder, &state) == 0 && (state.st_mode & 07777) == 0700);
	CHECK(stat(path_of(name), &state) == 0 && (state.st_mode & 07777) == 0600);
	CHECK(sh("test $(ls -A %s | wc -l) = 1", folder) == 0);
	finish();
}

TEST(a_name_is_made_of_the_build_id_and_the_key)
{
	char other[CACHE_NAME_MAX];
	uint8_t long_id[CACHE_NAME_MAX] = {0};

	CHECK(cache_folder_name(name, id, sizeof id, "key"));
	CHECK(strncmp(name, "abcdef-", 7) == 0);
	CHECK_EQ(strlen(name), 15);
	CHECK(cache_folder_name(other, id, sizeof id, "another key"));
	CHECK(strcmp(name, other) != 0);
	CHECK(!cache_folder_name(other, id, 1, "key"));
	CHECK(!cache_folder_name(other, long_id, sizeof long_id, "key"));
	CHECK(cache_folder_name(other, long_id, 64, "key"));
}

TEST(links_in_place_of_the_folder_or_a_file_are_refused)
{
	size_t size;

	if (!start())
		return;
	CHECK(cache_folder_write(name, "one", 3));
	CHECK(sh("cd %s && mv abcdef-* elsewhere", folder) == 0);
	CHECK(symlink("elsewhere", path_of(name)) == 0);
	CHECK(cache_folder_read(name, &size) == NULL);
	CHECK(cache_folder_write(name, "two", 3)); /* in the place of the link */
	CHECK(has("two"));
	CHECK(sh("test \"$(cat %s/elsewhere)\" = one", folder) == 0);
	sh("cd %s && mv tmtrace real && ln -s real tmtrace", base);
	CHECK(cache_folder_read(name, &size) == NULL);
	CHECK(!cache_folder_write(name, "three", 5));
	finish();
}

TEST(what_is_no_regular_file_is_not_waited_for)
{
	size_t size;

	if (!start())
		return;
	CHECK(mkdir(folder, 0700) == 0);
	CHECK(mkfifo(path_of(name), 0600) == 0);
	CHECK(cache_folder_read(name, &size) == NULL);
	CHECK(remove(path_of(name)) == 0);
	CHECK(mkdir(path_of(name), 0700) == 0);
	CHECK(cache_folder_read(name, &size) == NULL);
	CHECK(!cache_folder_write(name, "one", 3));
	CHECK(sh("test $(ls -A %s | wc -l) = 1", folder) == 0);
	finish();
}

TEST(a_folder_or_a_file_that_others_own_or_may_write_is_not_used)
{
	size_t size;

	if (!start())
		return;
	CHECK(cache_folder_write(name, "one", 3));
	CHECK(chmod(folder, 0770) == 0);
	CHECK(cache_folder_read(name, &size) == NULL);
	CHECK(!cache_folder_write(name, "two", 3));
	CHECK(chmod(folder, 0755) == 0);
	CHECK(has("one"));
	if (geteuid() == 0) {
		CHECK(chown(path_of(name), 12345, 0) == 0);
		CHECK(cache_folder_read(name, &size) == NULL);
		CHECK(chown(path_of(name), 0, 0) == 0 && chown(folder, 12345, 0) == 0);
		CHECK(!cache_folder_write(name, "two", 3));
		/* Root in the home of a user leaves nothing there that is root's. */
		sh("rm -rf %s", folder);
		CHECK(chown(base, 12345, 0) == 0);
		CHECK(!cache_folder_write(name, "two", 3));
		CHECK(chown(base, 0, 0) == 0);
	}
	finish();
}

TEST(a_relative_path_counts_as_none)
{
	char home[100];
	const char *old = getenv("HOME");
	char *kept = old ? strdup(old) : NULL;

	if (!start())
		return;
	snprintf(home, sizeof home, "%s/home", base);
	mkdir(home, 0700);
	setenv("XDG_CACHE_HOME", "relative", 1);
	setenv("HOME", "also", 1);
	CHECK(!cache_folder_write(name, "one", 3));
	setenv("HOME", home, 1);
	CHECK(cache_folder_write(name, "one", 3));
	CHECK(sh("test -d %s/.cache/tmtrace", home) == 0);
	unsetenv("XDG_CACHE_HOME");
	CHECK(has("one"));
	unsetenv("HOME");
	CHECK(!cache_folder_write(name, "one", 3));
	if (kept)
		setenv("HOME", kept, 1);
	free(kept);
	finish();
}

TEST(where_nothing_can_be_written_nothing_is_left)
{
	struct rlimit limit, small;

	if (!start())
		return;
	CHECK(cache_folder_write(name, "one", 3));
	getrlimit(RLIMIT_FSIZE, &limit);
	small = (struct rlimit){5, limit.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK(!cache_folder_write(name, "too long", 8)); /* and no signal */
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(has("one"));
	CHECK(sh("test $(ls -A %s | wc -l) = 1", folder) == 0);
	setenv("XDG_CACHE_HOME", "/proc/1", 1);
	CHECK(!cache_folder_write(name, "one", 3));
	setenv("XDG_CACHE_HOME", "/dev/null", 1);
	CHECK(!cache_folder_write(name, "one", 3));
	finish();
}

/* A file as one of us would have written it AGE seconds ago. */
static void put(const char *file, size_t size, int age)
{
	int fd = open(path_of(file), O_WRONLY | O_CREAT | O_EXCL, 0600);
	struct timespec times[2];

	CHECK(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= age;
	times[1] = times[0];
	CHECK(futimens(fd, times) == 0);
	close(fd);
}

TEST(too_much_goes_the_oldest_first_and_nothing_of_others)
{
	if (!start())
		return;
	CHECK(mkdir(folder, 0700) == 0);
	put("aaaa-00000001", 100, 50);
	put("bbbb-00000001", 100, 90);
	put("cccc-00000001", 100, 10);
	put("notes.txt", 1000, 1000);
	put("dddd-00000001ffff.part", 1000, 5000); /* of a process that was killed */
	put("eeee-00000001ffff.part", 1000, 10);   /* of one at work */
	cache_folder_trim(300);
	CHECK(access(path_of("bbbb-00000001"), F_OK) == 0);
	CHECK(access(path_of("dddd-00000001ffff.part"), F_OK) < 0);
	cache_folder_trim(250);
	CHECK(access(path_of("bbbb-00000001"), F_OK) < 0);
	CHECK(access(path_of("aaaa-00000001"), F_OK) == 0);
	CHECK(access(path_of("cccc-00000001"), F_OK) == 0);
	CHECK(access(path_of("notes.txt"), F_OK) == 0);
	CHECK(access(path_of("eeee-00000001ffff.part"), F_OK) == 0);
	cache_folder_trim(0);
	CHECK(access(path_of("cccc-00000001"), F_OK) < 0);
	CHECK(access(path_of("notes.txt"), F_OK) == 0);
	finish();
}

TEST(what_is_read_is_not_the_oldest_any_more)
{
	struct stat state;

	if (!start())
		return;
	CHECK(mkdir(folder, 0700) == 0);
	put(name, 3, 3 * 86400);
	free(cache_folder_read(name, &(size_t){0}));
	CHECK(stat(path_of(name), &state) == 0 && state.st_mtime > time(NULL) - 100);
	finish();
}
