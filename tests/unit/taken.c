// SPDX-License-Identifier: MIT
#include "tests/unit/taken.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "tests/test.h"

void begin(struct made *made)
{
	made_begin(made);
	made_block(made, 1, 0, false);
}

int take(struct taken *taken, struct made *made, const char *moments)
{
	return take_trace(taken, made_open(made), moments);
}

int take_trace(struct taken *taken, struct trace *trace, const char *moments)
{
	char *copy = xstrdup(moments), *rest = copy, *text;
	struct moment parsed[4];

	*taken = (struct taken){.trace = trace, .frames = frames_new()};
	while ((text = strsep(&rest, " ")))
		CHECK(moment_parse(text, &parsed[taken->n++]));
	int result = replay(trace, parsed, taken->n, taken->frames, NULL, taken->snapshots,
			    &taken->totals, NULL, NULL, &taken->message);

	free(copy);
	return result;
}

void drop(struct taken *taken)
{
	for (size_t i = 0; i < 4; i++)
		snapshot_free(taken->snapshots[i]);
	frames_free(taken->frames);
	trace_close(taken->trace);
	free(taken->message);
}

void drop_both(struct taken *taken, struct made *made)
{
	drop(taken);
	made_release(made);
}
