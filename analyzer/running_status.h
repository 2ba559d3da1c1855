// SPDX-License-Identifier: MIT
/*
 * What a running process is doing, as far as it can be known without asking it.
 */
#ifndef ANALYZER_RUNNING_STATUS_H
#define ANALYZER_RUNNING_STATUS_H

#include <stdio.h>

#include "running.h"

struct running_status {
	struct running running;
	struct control control;
	uint64_t events; /* in the trace and its journal */
};

/* What users call them: "start"; NULL: no command. */
extern const char *const control_command_words[CONTROL_MARK + 1];

/* Dies if there is no such process or it cannot be looked into. */
void running_status_get(struct running_status *status, const char *pid);
void running_status_release(struct running_status *status);

/* One screen for people; one object. */
void running_status_table(const struct running_status *status, FILE *out);
void running_status_json(const struct running_status *status, FILE *out);

#endif
