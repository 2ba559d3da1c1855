// SPDX-License-Identifier: MIT
#include "analyzer/process_name.h"

#include <stdlib.h>

#include "tests/test.h"

static void check_name(const char *called, const char *executable, uint64_t pid, const char *wanted)
{
	struct trace_process process = {
		.pid = pid,
		.executable = executable,
		.command = &called,
		.n_command = called ? 1 : 0,
	};
	char *name = process_name(&process, "traces/a.tmz");

	CHECK_STR(name, wanted);
	free(name);
}

TEST(a_process_is_called_as_its_program_was_and_not_as_the_file_behind_a_link)
{
	check_name("redis-server", "/usr/bin/redis-check-rdb", 4711, "redis-server[4711]");
	check_name("/opt/My App/app", "/opt/My App/app", 1, "app[1]");
}

TEST(titles_and_login_shells_are_called_by_their_program)
{
	check_name("-bash", "/usr/bin/bash", 7, "bash[7]");
	check_name("postgres: checkpointer", "/usr/lib/postgres", 7, "postgres[7]");
	check_name("nginx: master process /usr/sbin/nginx", "/usr/sbin/nginx", 7, "nginx[7]");
	check_name("sshd: user@pts/0", "/usr/sbin/sshd", 7, "sshd[7]");
}

TEST(without_a_command_the_executable_counts_and_without_a_pid_the_file)
{
	check_name(NULL, "/usr/bin/dash", 7, "dash[7]");
	check_name("", "/usr/bin/dash", 7, "dash[7]");
	check_name(NULL, "", 0, "a.tmz");
}
