// SPDX-License-Identifier: MIT
/*
 * The TMTRACE_* environment, read once before main; libtmtrace(7) documents it for users.
 */
#ifndef PRELOAD_CONFIG_H
#define PRELOAD_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

enum config_verbose { VERBOSE_AUTO, VERBOSE_NO, VERBOSE_YES };

struct config {
	char pattern[PATH_MAX];	  /* of TMTRACE_OUTPUT, unexpanded */
	char directory[PATH_MAX]; /* what a relative pattern is relative to: the cwd at start */
	uint64_t nframe;	  /* 0 = all */
	bool start, children;
	bool check_stacks, live;
	bool is_untraced_child; /* TMTRACE_CHILDREN=- : see config_mark_children */
	enum config_verbose verbose;
	int run_pid; /* from TMTRACE_RUN: the process that `tmtrace run` started, else 0 */
	const char *
		run_path; /* the empty file it made for that process; borrowed from the environment */
};

/*
 * Reads `environment`. Returns false with the reason in `error` if a value is not valid. Unknown
 * TMTRACE_ variables are warned of on stderr.
 */
bool config_read(struct config *config, char **environment, struct line *error);

/*
 * With TMTRACE_CHILDREN=0, changes the value in place to "-", which exec'ed children inherit and
 * take as "this is such a child". The program's environment keeps its size and order.
 */
void config_mark_children(char **environment);

/* The path that the pattern means for this process; false if it does not fit PATH_MAX. */
bool config_path(const struct config *config, const char *program, const char *host, int pid,
		 struct line *path);

#endif
