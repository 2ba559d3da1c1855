// SPDX-License-Identifier: MIT
#include "tests/unit/heir.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/trace_private.h"
#include "tests/test.h"

void heir_open(struct taken *heir, const char *name, const char *moments, struct parents *parents)
{
	char *message = NULL;
	struct trace *trace = trace_open(test_path(name), &message);

	if (!CHECK(trace))
		abort();
	trace_inherit(trace, parents);
	CHECK_EQ(take_trace(heir, trace, moments), 0);
	CHECK_STR(heir->message, NULL);
}

static void check_same(const struct taken *heir, const struct taken *other)
{
	struct replay_totals totals = other->totals;

	for (size_t i = 0; i < heir->n; i++) {
		char *text = heir_text(other, i), *wanted = heir_text(heir, i);

		CHECK_STR(text, wanted);
		free(text);
		free(wanted);
	}
	totals.distinct_stacks = heir->totals.distinct_stacks;
	CHECK(memcmp(&totals, &heir->totals, sizeof totals) == 0);
	CHECK(memcmp(&heir->trace->quality, &other->trace->quality, sizeof heir->trace->quality) ==
	      0);
	CHECK_STR(other->trace->inherited.warning, heir->trace->inherited.warning);
}

void heir_take(struct taken *heir, struct made *made, const char *name, const char *moments)
{
	struct parents *parents = parents_new();
	struct taken other;

	made_end(made, name);
	heir_open(heir, name, moments, NULL);
	heir_open(&other, name, moments, parents);
	check_same(heir, &other);
	drop(&other);
	parents_free(parents);
}

static int compare_addresses(const void *left, const void *right)
{
	const struct snapshot_trace *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->domain > b->domain) - (a->domain < b->domain);
}

static void sort(const struct snapshot *snapshot)
{
	qsort(snapshot->traces, snapshot->n_traces, sizeof *snapshot->traces, compare_addresses);
}

void heir_check(struct taken *heir, size_t snapshot, const char *wanted)
{
	const struct snapshot *taken = heir->snapshots[snapshot];
	char text[4096] = "";
	size_t at = 0;

	sort(taken);
	for (size_t i = 0; i < taken->n_traces && at < sizeof text; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%llx+%llu", i ? " " : "",
				       (unsigned long long)taken->traces[i].address,
				       (unsigned long long)taken->traces[i].size);
	CHECK_STR(text, wanted);
}

char *heir_text(const struct taken *heir, size_t snapshot)
{
	const struct snapshot *taken = heir->snapshots[snapshot];
	const struct stacks *stacks = &heir->trace->inner->stacks;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sort(taken);
	for (size_t i = 0; i < taken->n_traces; i++) {
		const struct snapshot_trace *trace = &taken->traces[i];
		const char *name = snapshot_thread_name(taken, trace->thread);

		/* Without the process, which is told behind the name of an inherited one. */
		fprintf(out, "%llx+%llu domain %u, %.*s:", (unsigned long long)trace->address,
			(unsigned long long)trace->size, trace->domain, (int)strcspn(name, ","),
			name);
		for (uint32_t node = stacks->stacks[trace->stack].node; node != STACK_ROOT;
		     node = stacks->nodes[node].parent) {
			uint32_t module = stacks->nodes[node].module;

			fprintf(out, " %llx", (unsigned long long)stacks->nodes[node].address);
			if (module != MODULE_NONE)
				fprintf(out, "(%s)", heir->trace->modules[module].path);
		}
		fputc('\n', out);
	}
	fclose(out);
	return text;
}
