// SPDX-License-Identifier: MIT
/*
 * tmtrace import: JSON Lines become a trace. Nothing is written unless every line is good.
 */
#include <stdlib.h>

#include "die.h"
#include "output.h"
#include "query.h"
#include "snapshot_file.h"

int cmd_import(const struct query *query)
{
	struct frames *frames = frames_new();
	struct output output;
	char *message = NULL;
	struct snapshot *snapshot = jsonl_import(query->operands[0], frames, &message);

	if (!snapshot)
		die("%s", message);
	if (snapshot_save(snapshot, NULL, output_open_trace(&output, query->output), &message) < 0)
		die("%s: %s", query->output, message);
	output_close(&output);
	snapshot_free(snapshot);
	frames_free(frames);
	return 0;
}
