// SPDX-License-Identifier: MIT
/*
 * A trace and its journal that came out of a fuzzer.
 */
#include "tests/fuzz/judged_trace.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/faults.h"
#include "analyzer/jit_name.h"
#include "analyzer/recover.h"
#include "analyzer/replay.h"
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

void judge_trace(const void *bytes, size_t size, const void *journal, size_t journal_size)
{
	struct trace *trace = open_bytes(bytes, size, journal, journal_size);

	if (trace)
		check(trace);
	trace_close(trace);
}
