// SPDX-License-Identifier: MIT
/*
 * Filtering a snapshot. A pattern is matched once for each file name and a filter once for each
 * stack, so that the cost for a trace is a few loads.
 */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

enum { NOT_ASKED, HIT, MISS };

/* What one filter has been found to say so far. */
struct verdicts {
	const struct filter *filter;
	uint8_t *stacks, *names; /* HIT, MISS; by stack number and by string id */
	size_t n_names;
};

struct filtering {
	struct verdicts *verdicts;
	size_t n;
	bool any_inclusive;
};

static bool name_hit(struct verdicts *v, const struct frames *frames, uint32_t name)
{
	if (name >= v->n_names) {
		size_t n = frames_strings(frames);

		v->names = xrealloc(v->names, n);
		memset(v->names + v->n_names, NOT_ASKED, n - v->n_names);
		v->n_names = n;
	}
	if (v->names[name] == NOT_ASKED) {
		const char *pattern = v->filter->pattern;
		size_t size;
		const char *text = frames_text(frames, name, &size);

		v->names[name] = glob_match(pattern, strlen(pattern), text, size) ? HIT : MISS;
	}
	return v->names[name] == HIT;
}

static bool frame_hit(struct verdicts *v, const struct frames *frames, uint32_t id)
{
	const struct frame *frame = frames_get(frames, id);

	return (v->filter->any_line || v->filter->line == frame->line) &&
	       name_hit(v, frames, frame->file);
}

static bool find_stack_hit(struct verdicts *v, struct snapshot *snapshot, uint32_t stack)
{
	if (!v->filter->all_frames)
		return frame_hit(v, snapshot->frames, snapshot_first_frame(snapshot, stack));
	size_t n;
	const uint32_t *ids =
		frames_traceback_get(snapshot->frames, snapshot_traceback(snapshot, stack), &n);

	for (size_t i = 0; i < n; i++)
		if (frame_hit(v, snapshot->frames, ids[i]))
			return true;
	return false;
}

static bool stack_hit(struct verdicts *v, struct snapshot *snapshot, uint32_t stack)
{
	if (v->stacks[stack] == NOT_ASKED)
		v->stacks[stack] = find_stack_hit(v, snapshot, stack) ? HIT : MISS;
	return v->stacks[stack] == HIT;
}

/* Whether the filter says keep. The domain is asked first: it costs no names. */
static bool keeps(struct verdicts *v, struct snapshot *snapshot, const struct snapshot_trace *trace)
{
	const struct filter *filter = v->filter;
	bool hit = filter->any_domain || filter->domain == trace->domain;

	if (hit && !filter->domain_only)
		hit = stack_hit(v, snapshot, trace->stack);
	return hit == filter->inclusive;
}

static bool keep_trace(struct snapshot *snapshot, const struct snapshot_trace *trace, void *arg)
{
	const struct filtering *f = arg;
	bool included = !f->any_inclusive;

	for (size_t i = 0; i < f->n && !included; i++)
		included =
			f->verdicts[i].filter->inclusive && keeps(&f->verdicts[i], snapshot, trace);
	for (size_t i = 0; i < f->n && included; i++)
		included =
			f->verdicts[i].filter->inclusive || keeps(&f->verdicts[i], snapshot, trace);
	return included;
}

/* The stacks that the filter will be asked about, if no other one decides before. */
static void expect_stacks(struct snapshot *snapshot, const struct filter *filter)
{
	bool *stacks;

	if (filter->domain_only)
		return;
	stacks = xcalloc(snapshot_stacks(snapshot), sizeof *stacks);
	for (size_t i = 0; i < snapshot->n_traces; i++)
		if (filter->any_domain || filter->domain == snapshot->traces[i].domain)
			stacks[snapshot->traces[i].stack] = true;
	snapshot_expect(snapshot, stacks, filter->all_frames);
	free(stacks);
}

void filter_traces(struct snapshot *snapshot, const struct filter *filters, size_t n)
{
	struct filtering f = {.verdicts = xcalloc(n, sizeof *f.verdicts), .n = n};

	for (size_t i = 0; i < n; i++) {
		f.verdicts[i].filter = &filters[i];
		f.verdicts[i].stacks = xcalloc(snapshot_stacks(snapshot), 1);
		f.any_inclusive |= filters[i].inclusive;
		expect_stacks(snapshot, &filters[i]);
	}
	if (n)
		snapshot_keep(snapshot, keep_trace, &f);
	for (size_t i = 0; i < n; i++) {
		free(f.verdicts[i].stacks);
		free(f.verdicts[i].names);
	}
	free(f.verdicts);
}
