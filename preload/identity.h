// SPDX-License-Identifier: MIT
/*
 * Who this process is, as the process chunk of the trace tells it; read from /proc.
 */
#ifndef PRELOAD_IDENTITY_H
#define PRELOAD_IDENTITY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct identity {
	int pid;
	char executable[PATH_MAX];
	const char *program; /* the name it was started by, without folders */
	char host[65];
	char boot_id[40];
	uint64_t start_ticks; /* since boot, of the process */
	uint64_t start_ns;    /* since the epoch, when the recording began */
	uint64_t hash; /* of boot id, pid and both starts: tells two recordings apart for good */
};

/* Once, at the start: later the program may have written over its arguments. */
void identity_start(void);

void identity_read(struct identity *identity, int pid);

/*
 * In a forked child, before anything of its parent's is reset: the child's trace will refer to the
 * one at the path `trace`, as far as that had come. With NULL for the parent it refers to none.
 */
void identity_forked(const struct identity *of_parent, const char *trace);

/* The payload of the process chunk; valid until the next call. */
const uint8_t *identity_fields(const struct identity *identity, uint64_t nframe, bool kill_safe,
			       size_t *size);

/*
 * True if the parent process is recorded too (the library stands in its environment): then what is
 * wrong with the settings was said by it already.
 */
bool identity_is_child(void);

#endif
