// SPDX-License-Identifier: MIT
#include <string.h>

#include "../test.h"
#include "preload/config.h"

static bool read_one(struct config *config, const char *assignment, struct line *error)
{
	char text[256];
	char *environment[] = {(char *)"PATH=/bin", text, NULL};

	snprintf(text, sizeof text, "%s", assignment);
	return config_read(config, environment, error);
}

TEST(config_defaults_are_those_of_the_manual)
{
	struct config config;
	struct line error;
	char *environment[] = {(char *)"HOME=/", NULL};

	CHECK(config_read(&config, environment, &error));
	CHECK_STR(config.pattern, "tmtrace.%e.%p.tmz");
	CHECK_EQ(config.nframe, 0);
	CHECK(config.start && config.children && !config.is_untraced_child);
	CHECK_EQ(config.verbose, VERBOSE_AUTO);
	CHECK_EQ(config.run_pid, 0);
}

TEST(config_refuses_values_that_are_not_valid)
{
	static const char *const bad[] = {
		"TMTRACE_NFRAME=0",
		"TMTRACE_NFRAME=65536",
		"TMTRACE_NFRAME=",
		"TMTRACE_NFRAME=-1",
		"TMTRACE_NFRAME=12x",
		"TMTRACE_START=yes",
		"TMTRACE_START=",
		"TMTRACE_CHILDREN=2",
		"TMTRACE_VERBOSE=11",
		"TMTRACE_OUTPUT=",
		"TMTRACE_OUTPUT=a%x",
		"TMTRACE_OUTPUT=a%",
		"TMTRACE_LIVE=2",
		"TMTRACE_LIVE=",
		"TMTRACE_RUN=x:y",
		"TMTRACE_RUN=12",
		"TMTRACE_NFRAME=1073741824",
	};
	struct config config;
	struct line error;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(!read_one(&config, bad[i], &error));
		CHECK(strncmp(error.text, bad[i], strlen(bad[i])) == 0);
		CHECK(strstr(error.text, ": expected ") != NULL);
	}
}

TEST(config_takes_values_that_are_valid)
{
	struct config config;
	struct line error;

	CHECK(read_one(&config, "TMTRACE_NFRAME=65535", &error));
	CHECK_EQ(config.nframe, 65535);
	CHECK(read_one(&config, "TMTRACE_NFRAME= 10", &error));
	CHECK_EQ(config.nframe, 10);
	CHECK(read_one(&config, "TMTRACE_START=0", &error));
	CHECK(!config.start);
	CHECK(read_one(&config, "TMTRACE_LIVE=0", &error));
	CHECK(!config.live);
	CHECK(read_one(&config, "TMTRACE_LIVE=1", &error));
	CHECK(config.live);
	CHECK(read_one(&config, "TMTRACE_CHILDREN=-", &error));
	CHECK(config.is_untraced_child);
	CHECK(read_one(&config, "TMTRACE_VERBOSE=0", &error));
	CHECK_EQ(config.verbose, VERBOSE_NO);
	CHECK(read_one(&config, "TMTRACE_RUN=4711:/tmp/x.tmz", &error));
	CHECK_EQ(config.run_pid, 4711);
}

TEST(config_path_expands_the_pattern_but_not_the_directory)
{
	struct config config = {.pattern = "%e-%p@%h%%.tmz", .directory = "/a%pb"};
	struct line path;

	CHECK(config_path(&config, "app", "host", 42, &path));
	CHECK_STR(path.text, "/a%pb/app-42@host%.tmz");
	strcpy(config.pattern, "/var/%p");
	CHECK(config_path(&config, "app", "host", 7, &path));
	CHECK_STR(path.text, "/var/7");
}

TEST(config_path_refuses_what_does_not_fit)
{
	struct config config = {.directory = "/"};
	struct line path;
	char name[3000];

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	strcpy(config.pattern, "%e%e");
	CHECK(!config_path(&config, name, "host", 1, &path));
}

TEST(config_marks_children_in_place)
{
	char children[] = "TMTRACE_CHILDREN=0";
	char *environment[] = {children, NULL};

	config_mark_children(environment);
	CHECK_STR(children, "TMTRACE_CHILDREN=-");
}
