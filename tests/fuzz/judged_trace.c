// SPDX-License-Identifier: MIT
/*
 * A trace and its journal that came out of a fuzzer.
 */
#include "tests/fuzz/judged_trace.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/ancestors.h"
#include "analyzer/faults.h"
#include "analyzer/fork_position.h"
#include "analyzer/jit_name.h"
#include "analyzer/recover.h"
#include "analyzer/replay.h"
#include "analyzer/snapshot_file.h"
#include "analyzer/trace_private.h"

static struct trace *open_bytes(const void *bytes, size_t size, const void *beside,
				size_t beside_size)
{
	struct source source, journal = {.fd = -1};
	char *message = NULL;

	source_open_bytes(&source, bytes, size);
	if (beside)
		source_open_bytes(&journal, beside, beside_size);
	struct trace *trace =
		trace_open_sources(&source, beside ? &journal : NULL, "fuzz.tmz", &message);

	free(message);
	source_close(&journal);
	return trace;
}

static void count(void *arg, const struct replay_event *event)
{
	(void)event;
	++*(uint64_t *)arg;
}

static uint64_t events_of(struct trace *trace)
{
	uint64_t n = 0;
	char *message = NULL;

	replay_events(trace, count, &n, &message);
	return n;
}

/* Small addresses are found by few digits. */
static void ask_names(struct trace *trace)
{
	for (uint64_t address = 0; address < 1u << 12; address += 7) {
		size_t size;
		const char *text = perf_map_find(&trace->inner->perf_map, address, &size);

		if (!text)
			continue;
		struct jit_name name = jit_name_split(text, size);

		if (strlen(name.function) > size + strlen("(anonymous)"))
			abort();
		jit_name_release(&name);
	}
}

static void check(struct trace *trace)
{
	struct faults faults;
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);
	uint64_t before = events_of(trace);

	ask_names(trace);
	faults_find(&faults, trace);
	faults_release(&faults);
	if (recover(trace, out)) {
		fclose(out);
		struct trace *clean = open_bytes(bytes, size, NULL, 0);

		if (!clean || clean->warning || events_of(clean) != before || clean->warning)
			abort();
		trace_close(clean);
	} else {
		fclose(out);
	}
	free(bytes);
}

/* The trace as a child of one with the same content, forked where it says or else early. */
static void check_child(struct trace *child, struct trace *parent)
{
	static const uint8_t early[] = {1, 1, 3, 0, 2};
	struct trace_parent fork = child->inner->parent;
	struct moment moments[3];
	struct snapshot *snapshots[3];
	struct frames *frames = frames_new();
	struct replay_totals totals;
	char *message = NULL, *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	if (!fork_position_is_valid(&fork))
		fork = (struct trace_parent){.position = early, .position_size = sizeof early};
	ancestors_add(child, &fork, parent);
	ancestors_settle(child);
	moment_parse("start", &moments[0]);
	moment_parse("end", &moments[1]);
	moment_parse("peak", &moments[2]);
	if (replay(child, moments, 3, frames, NULL, snapshots, &totals, NULL, NULL, &message) < 0)
		abort();
	if (totals.start_count != snapshots[0]->n_traces)
		abort();
	if (snapshot_save(snapshots[0], child, out, &message) < 0)
		abort();
	for (size_t i = 0; i < 3; i++)
		snapshot_free(snapshots[i]);
	frames_free(frames);
	fclose(out);
	free(bytes);
	trace_close(child);
}

void judge_trace(const void *bytes, size_t size, const void *journal, size_t journal_size)
{
	struct trace *trace = open_bytes(bytes, size, journal, journal_size);

	if (trace)
		check(trace);
	if (trace && !trace->process.snapshot)
		check_child(open_bytes(bytes, size, journal, journal_size),
			    open_bytes(bytes, size, journal, journal_size));
	trace_close(trace);
}
