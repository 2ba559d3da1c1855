// SPDX-License-Identifier: MIT
/*
 * A process that has the library: its control area (common/control.h) and its trace.
 *
 * Both are found through /proc/PID/maps and /proc/PID/fd. Only what these name is opened, and only if
 * it is a regular file of this user or of the process's; nothing that stands in it is believed.
 */
#ifndef ANALYZER_RUNNING_H
#define ANALYZER_RUNNING_H

#include <stdbool.h>

#include "common/control.h"

struct running {
	char *pid;     /* digits */
	char *program; /* the name it runs by */
	int directory; /* /proc/PID: of that process for good, also when its number is used again */
	int page;      /* the file that holds the control area, -1: none was found */
	char *trace;   /* path, NULL: there is none yet */
};

/* Whether TEXT is the number of a process and not the name of a file. */
bool running_is_meant(const char *text);

/*
 * Finds the process. NULL, or why there is nothing to ask or to read: one line that begins with the
 * pid, for the caller to free. In both cases to be closed.
 */
char *running_open(struct running *running, const char *pid);
void running_close(struct running *running);

/* A copy of the control area; false if the file is cut off meanwhile. */
bool running_read(const struct running *running, struct control *control);

/* Whether it lives; *stopped: as long as nobody continues it, it does nothing. */
bool running_is_alive(const struct running *running, bool *stopped);

#endif
