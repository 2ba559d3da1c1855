// SPDX-License-Identifier: MIT
/*
 * Snapshots as files: a trace of its own that carries all names (snapshot_save, opened again by
 * trace_open) and JSON Lines, one trace a line.
 */
#ifndef ANALYZER_SNAPSHOT_FILE_H
#define ANALYZER_SNAPSHOT_FILE_H

#include <stdio.h>

#include "snapshot.h"

struct trace;

/*
 * Writes the traces of SNAPSHOT as a .tmz that needs no binaries to be read. What SOURCE (NULL for
 * an import) says of itself comes along, also what this version does not know. Returns 0, or -1
 * with *message, to be freed, when writing failed; flushes OUT, does not close it.
 */
int snapshot_save(struct snapshot *snapshot, const struct trace *source, FILE *out, char **message);

/*
 * Reads JSON Lines from PATH ("-" is standard input). NULL with *message, to be freed, which names
 * path, line and what was expected: nothing is imported of a file with a bad line.
 */
struct snapshot *jsonl_import(const char *path, struct frames *frames, char **message);

/*
 * {"domain":D,"size":N,"traceback":[["file",line],...],"total_nframe":N}; check ferror(out) after.
 */
void jsonl_export(struct snapshot *snapshot, FILE *out);

#endif
