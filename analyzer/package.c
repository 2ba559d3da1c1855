// SPDX-License-Identifier: MIT
/*
 * dpkg keeps one list of paths for each package.  They are searched directly: dpkg-query would be
 * another process, and is not there for a --sysroot.
 */
#include "package.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

#define LISTS "/var/lib/dpkg/info"
#define LIST_MAX (64 << 20)
#define ARCHIVED "-dbgsym"

/* Whether the file NAME in DIR has a line that is PATH; a newline is expected at both ends of it. */
static bool list_has(int dir, const char *name, const char *path, size_t size, char **buffer,
		     size_t *cap)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t got = 0;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < LIST_MAX) {
		if ((size_t)st.st_size > *cap) {
			*cap = 2 * (size_t)st.st_size;
			*buffer = xrealloc(*buffer, *cap);
		}
		got = read(fd, *buffer, (size_t)st.st_size);
	}
	close(fd);
	return got > 0 && memmem(*buffer, (size_t)got, path, size);
}

static char *find_owner(int dir, DIR *lists, const char *path)
{
	char *line = xasprintf("\n%s\n", path);
	char *owner = NULL, *buffer = NULL;
	size_t cap = 0;
	struct dirent *entry;

	rewinddir(lists);
	while (!owner && (entry = readdir(lists))) {
		size_t n = strlen(entry->d_name);

		if (n <= 5 || strcmp(entry->d_name + n - 5, ".list") != 0 ||
		    !list_has(dir, entry->d_name, line, strlen(line), &buffer, &cap))
			continue;
		owner = xstrndup(entry->d_name, strcspn(entry->d_name, ":"));
		if (strlen(owner) == n) /* no ":amd64" in it */
			owner[n - 5] = 0;
	}
	free(buffer);
	free(line);
	return owner;
}

/* Packages from before there were automatic ones, which are in the archives that everybody has. */
static const struct {
	const char *owner, *debug;
} exceptions[] = {
	{"libc6", "libc6-dbg"},
	{"libdb5.3", "libdb5.3-dbg"},
	{"libkrb5-3", "libkrb5-dbg"},
	{"libk5crypto3", "libkrb5-dbg"},
	{"libgssapi-krb5-2", "libkrb5-dbg"},
	{"libkrb5support0", "libkrb5-dbg"},
	{"liblua5.1-0", "liblua5.1-0-dbg"},
	{"liblua5.3-0", "liblua5.3-0-dbg"},
	{"liblua5.4-0", "liblua5.4-0-dbg"},
	{"libpcre3", "libpcre3-dbg"},
	{"libnl-3-200", "libnl-3-200-dbg"},
	{"libxdmcp6", "libxdmcp6-dbg"},
	{"openjdk-17-jre-headless", "openjdk-17-dbg"},
	{"libbinutils", "libbinutils-dbg"},
	{"valgrind", "valgrind-dbg"},
};

static char *debug_package(const char *owner)
{
	const char *name = !strncmp(owner, "lib", 3) ? owner + 3 : owner;

	for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
		if (!strcmp(owner, exceptions[i].owner))
			return xstrdup(exceptions[i].debug);
	if (!strncmp(name, "python3.", 8))
		return xasprintf("%.*s-dbg", (int)strcspn(name, "-"), name);
	return xasprintf("%s" ARCHIVED, owner);
}

/* The package that has the file at PATH; NULL for none. */
static char *owner_of(DIR *lists, const char *sysroot, const char *path)
{
	char *owner = find_owner(dirfd(lists), lists, path), *real;

	/* /lib is a link to /usr/lib on today's systems, but the lists may not know. */
	if (!owner && !strncmp(path, "/usr/", 5))
		owner = find_owner(dirfd(lists), lists, path + 4);
	if (!owner && !strncmp(path, "/lib", 4)) {
		char *other = xasprintf("/usr%s", path);

		owner = find_owner(dirfd(lists), lists, other);
		free(other);
	}
	real = owner || *sysroot ? NULL : realpath(path, NULL);
	if (real && strcmp(real, path) != 0) {
		owner = find_owner(dirfd(lists), lists, real);
		if (!owner && !strncmp(real, "/usr/", 5))
			owner = find_owner(dirfd(lists), lists, real + 4);
	}
	free(real);
	return owner;
}

static bool is_installed(DIR *lists, const char *package)
{
	size_t size = strlen(package);
	struct dirent *entry;

	rewinddir(lists);
	while ((entry = readdir(lists)))
		if (!strncmp(entry->d_name, package, size) &&
		    (entry->d_name[size] == ':' || entry->d_name[size] == '.') &&
		    strstr(entry->d_name + size, ".list"))
			return true;
	return false;
}

char *package_advice(const char *sysroot, const char *path)
{
	char *lists_path = xasprintf("%s" LISTS, sysroot ? sysroot : "");
	DIR *lists = opendir(lists_path);
	char *advice = NULL;

	free(lists_path);
	if (!lists)
		return NULL;
	char *owner = owner_of(lists, sysroot ? sysroot : "", path);

	if (owner) {
		char *debug = debug_package(owner);

		advice = is_installed(lists, debug)
				 ? xasprintf("%s is installed, but of another version than this %s",
					     debug, owner)
				 : xasprintf("apt install %s", debug);
		free(debug);
	}
	free(owner);
	closedir(lists);
	return advice;
}

bool package_is_in_archive(const char *advice)
{
	size_t size = strlen(advice), end = strlen(ARCHIVED);

	return size > end && strcmp(advice + size - end, ARCHIVED) == 0;
}

/* Lists are named after where they come from: "..._debian-debug_dists_...", "ddebs.ubuntu.com_...". */
bool package_archive_is_known(const char *sysroot)
{
	char *path = xasprintf("%s/var/lib/apt/lists", sysroot ? sysroot : "");
	DIR *lists = opendir(path);
	struct dirent *entry;
	bool known = false;

	free(path);
	while (lists && !known && (entry = readdir(lists)))
		known = strstr(entry->d_name, "_Packages") &&
			(strstr(entry->d_name, "-debug_") || strstr(entry->d_name, "ddebs"));
	if (lists)
		closedir(lists);
	return known;
}

/* The value of NAME in os-release, without quotes; NULL for none. For the caller to free. */
static char *release_value(const char *text, const char *name)
{
	size_t size = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, size) != 0 || line[size] != '=')
			continue;
		const char *value = line + size + 1;

		value += *value == '"';
		return xstrndup(value, strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-._"));
	}
	return NULL;
}

char *package_archive_line(const char *sysroot)
{
	char *path = xasprintf("%s/etc/os-release", sysroot ? sysroot : ""), text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
	char *line = NULL;

	free(path);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	char *system = release_value(text, "ID"), *name = release_value(text, "VERSION_CODENAME");

	if (system && name && !strcmp(system, "debian"))
		line = xasprintf("deb http://deb.debian.org/debian-debug %s-debug main", name);
	if (system && name && !strcmp(system, "ubuntu"))
		line = xasprintf("deb http://ddebs.ubuntu.com %s main universe", name);
	free(system);
	free(name);
	return line;
}
