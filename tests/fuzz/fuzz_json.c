// SPDX-License-Identifier: MIT
/*
 * `tmtrace import` on any text: it is refused in words, or what is exported of it is imported and
 * exported again the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/snapshot_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sums beyond 2^64 - 1 end the command, and would end the target: see xsum. */
#define DIGITS_FEW 16 /* of which there may be as many as fit */
#define MANY_MOST 2

static bool may_overflow(const uint8_t *data, size_t size)
{
	size_t run = 0, many = 0;

	for (size_t i = 0; i < size; i++) {
		run = data[i] >= '0' && data[i] <= '9' ? run + 1 : 0;
		many += run == DIGITS_FEW + 1;
	}
	return many > MANY_MOST;
}

/* What is exported of the snapshot that is imported from TEXT, for the caller to free; NULL: refused. */
static char *exported(const void *text, size_t size, size_t *n)
{
	int fd = memfd_create("fuzz.jsonl", MFD_CLOEXEC);
	char path[32], *message = NULL, *back = NULL;
	struct frames *frames = frames_new();

	if (fd < 0 || write(fd, text, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	struct snapshot *snapshot = jsonl_import(path, frames, &message);

	if (!snapshot != !!message)
		abort();
	if (snapshot) {
		FILE *out = open_memstream(&back, n);

		jsonl_export(snapshot, out);
		fclose(out);
	}
	snapshot_free(snapshot);
	frames_free(frames);
	free(message);
	close(fd);
	return back;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n, n_again;
	char *once = may_overflow(data, size) ? NULL : exported(data, size, &n);

	if (!once)
		return 0;
	char *again = exported(once, n, &n_again);

	if (!again || n != n_again || memcmp(once, again, n) != 0)
		abort();
	free(again);
	free(once);
	return 0;
}
