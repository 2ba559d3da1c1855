// SPDX-License-Identifier: MIT
#include "analyzer/package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "tests/test.h"

/* A system of its own: its root, for the caller to free. */
static char *system_make(void)
{
	char *root = xstrdup(test_path("system")),
	     *command = xasprintf("rm -rf %s; mkdir -p %s/var/lib/dpkg/info %s/var/lib/apt/lists "
				  "%s/etc",
				  root, root, root, root);

	CHECK_EQ(system(command), 0);
	free(command);
	return root;
}

static void file_make(const char *root, const char *name, const char *text)
{
	char *path = xasprintf("%s%s", root, name);
	FILE *file = fopen(path, "w");

	if (CHECK(file != NULL)) {
		fputs(text, file);
		fclose(file);
	}
	free(path);
}

static void check_advice(const char *root, const char *path, const char *wanted)
{
	char *advice = package_advice(root, path);

	CHECK_STR(advice, wanted);
	free(advice);
}

TEST(the_package_of_the_debug_symbols_is_told_where_a_package_has_the_file)
{
	char *root = system_make();

	file_make(root, "/var/lib/dpkg/info/libssl3:amd64.list", "/.\n/usr/lib/libssl.so.3\n");
	file_make(root, "/var/lib/dpkg/info/git.list", "/.\n/usr/bin/git\n/usr/bin/git-shell\n");
	file_make(root, "/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib/libc.so.6\n");
	file_make(root, "/var/lib/dpkg/info/python3.11-minimal.list", "/.\n/usr/bin/python3.11\n");
	check_advice(root, "/usr/lib/libssl.so.3", "apt install libssl3-dbgsym");
	check_advice(root, "/lib/libssl.so.3", "apt install libssl3-dbgsym");
	check_advice(root, "/usr/bin/git", "apt install git-dbgsym");
	check_advice(root, "/usr/bin/gi", NULL);
	check_advice(root, "/usr/lib/libc.so.6", "apt install libc6-dbg");
	check_advice(root, "/usr/bin/python3.11", "apt install python3.11-dbg");
	check_advice(root, "/home/me/app", NULL);
	check_advice("/nonexistent", "/usr/bin/git", NULL);
	free(root);
}

TEST(debug_symbols_of_another_version_are_told)
{
	char *root = system_make();

	file_make(root, "/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib/libc.so.6\n");
	file_make(root, "/var/lib/dpkg/info/libc6-dbg:amd64.list", "/.\n");
	check_advice(root, "/lib/libc.so.6",
		     "libc6-dbg is installed, but of another version than this libc6");
	free(root);
}

TEST(only_automatic_packages_are_in_the_archive_of_debug_symbols)
{
	CHECK(package_is_in_archive("apt install git-dbgsym"));
	CHECK(!package_is_in_archive("apt install libc6-dbg"));
	CHECK(!package_is_in_archive(""));
}

TEST(the_archive_of_debug_symbols_is_known_by_its_list)
{
	static const char *const lists[] = {
		"deb.debian.org_debian-debug_dists_bookworm-debug_main_binary-amd64_Packages.lz4",
		"ddebs.ubuntu.com_dists_noble_main_binary-amd64_Packages",
	};

	for (size_t i = 0; i < 2; i++) {
		char *root = system_make(), *name = xasprintf("/var/lib/apt/lists/%s", lists[i]);

		file_make(root, "/var/lib/apt/lists/deb.debian.org_debian_Packages", "");
		CHECK(!package_archive_is_known(root));
		file_make(root, name, "");
		CHECK(package_archive_is_known(root));
		free(root);
		free(name);
	}
}

TEST(the_line_for_apt_is_told_of_systems_that_are_known)
{
	char *root = system_make(), *line = package_archive_line(root);

	CHECK_STR(line, NULL);
	file_make(root, "/etc/os-release", "NAME=\"x\"\nID=debian\nVERSION_CODENAME=\"trixie\"\n");
	line = package_archive_line(root);
	CHECK_STR(line, "deb http://deb.debian.org/debian-debug trixie-debug main");
	free(line);
	file_make(root, "/etc/os-release", "VERSION_CODENAME=noble\nID=ubuntu");
	line = package_archive_line(root);
	CHECK_STR(line, "deb http://ddebs.ubuntu.com noble main universe");
	free(line);
	file_make(root, "/etc/os-release", "ID=fedora\n");
	CHECK_STR(package_archive_line(root), NULL);
	free(root);
}
