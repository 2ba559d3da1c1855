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

/* Two packages do not follow the rule, and they are those that everybody meets. */
static char *debug_package(const char *owner)
{
	const char *name = !strncmp(owner, "lib", 3) ? owner + 3 : owner;

	if (!strcmp(owner, "libc6"))
		return xstrdup("libc6-dbg");
	if (!strncmp(name, "python3.", 8))
		return xasprintf("%.*s-dbg", (int)strcspn(name, "-"), name);
	return xasprintf("%s-dbgsym", owner);
}

char *package_of_debug(const char *sysroot, const char *path)
{
	char *lists_path = xasprintf("%s" LISTS, sysroot);
	DIR *lists = opendir(lists_path);
	char *owner = NULL, *debug = NULL, *real, *other;

	free(lists_path);
	if (!lists)
		return NULL;
	owner = find_owner(dirfd(lists), lists, path);
	/* /lib is a link to /usr/lib on today's systems, but the lists may not know. */
	if (!owner && !strncmp(path, "/usr/", 5))
		owner = find_owner(dirfd(lists), lists, path + 4);
	if (!owner && !strncmp(path, "/lib", 4)) {
		other = xasprintf("/usr%s", path);
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
	closedir(lists);
	if (owner)
		debug = debug_package(owner);
	free(owner);
	return debug;
}
