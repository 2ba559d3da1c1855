// SPDX-License-Identifier: MIT
/*
 * Bytes to read from any position: a file, or standard input once it has been read to its end.
 */
#ifndef ANALYZER_SOURCE_H
#define ANALYZER_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
	int fd;		/* only meaningful when bytes is NULL */
	uint8_t *bytes; /* of standard input; owned */
	uint64_t size;
};

/*
 * "-" is standard input. Returns 0, or -1 with *message: PATH and what is wrong, for the caller to
 * free.
 */
int source_open(struct source *source, const char *path, char **message);
/* The same of a path that a trace names; *message is NULL when there is nothing. */
int source_open_regular(struct source *source, const char *path, char **message);
/* Reads from memory; copies the bytes. */
void source_open_bytes(struct source *source, const void *bytes, size_t size);
void source_close(struct source *source);

/* The size of a file that may have grown. */
void source_grown(struct source *source);

/* How many bytes were there to read: fewer than asked for at the end or when reading fails. */
size_t source_read(const struct source *source, uint64_t offset, void *buffer, size_t size);

#endif
