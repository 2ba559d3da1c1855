// SPDX-License-Identifier: MIT
/*
 * tmtrace object: who allocated this? Answers for the heap and then for mappings, which may hold
 * blocks; the addresses of other domains may be no memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "common/event.h"
#include "die.h"
#include "json_write.h"
#include "lines.h"
#include "look.h"
#include "output.h"
#include "render.h"
#include "view.h"

static uint64_t address_parse(const char *text)
{
	char *end;
	int base = strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0 ? 16 : 10;

	errno = 0;
	unsigned long long address = strtoull(text, &end, base);

	if (errno || *end || *text < '0' || *text > '9')
		die_usage("object: '%s' is no address; expected a number such as 0x55d1e0a3b2c0",
			  text);
	return address;
}

/* A block of no bytes is at its address all the same. */
static const struct snapshot_trace *block_find(const struct snapshot *snapshot, uint32_t domain,
					       uint64_t address)
{
	for (size_t i = 0; i < snapshot->n_traces; i++) {
		const struct snapshot_trace *trace = &snapshot->traces[i];

		if (trace->domain == domain && address >= trace->address &&
		    address - trace->address < trace->size + !trace->size)
			return trace;
	}
	return NULL;
}

static void table_print_object(const struct query *query, const struct view *view,
			       const struct snapshot_trace *block, uint64_t address, FILE *out)
{
	struct look look;
	char size[AMOUNT_MAX];
	const char *thread = snapshot_thread_name(view->snapshot, block->thread);
	uint32_t traceback = snapshot_traceback(view->snapshot, block->stack);
	size_t n;
	const uint32_t *ids = frames_traceback_get(view->snapshot->frames, traceback, &n);

	look_init(&look, query, view->snapshot->frames, view, out);
	for (size_t i = 0; i < n; i++)
		place_learn(&look.place, &look.own, frames_get(look.frames, ids[i]));
	place_learned(&look.place);
	char *name = look_trace_name(&look, view), *moment = look_moment(&look, view);
	char *who = terminal_safe(&look.terminal, thread, strlen(thread)),
	     *base = look_base_words(&look);

	fprintf(out, "%s %s: 0x%" PRIx64 " is byte %" PRIu64 " of a %s of %s at 0x%" PRIx64, name,
		moment, address, address - block->address, block->domain ? "mapping" : "block",
		amount_size(block->size, query->exact, size), block->address);
	if (block->thread)
		fprintf(out, ", %s by thread %u%s%s", block->domain ? "mapped" : "allocated",
			block->thread, *who ? " " : "", who);
	fprintf(out, "%s\n\n", base);
	look_traceback(&look, traceback, out);
	free(name);
	free(moment);
	free(who);
	free(base);
	look_release(&look);
}

static void json_print_object(const struct view *view, const struct snapshot_trace *block,
			      FILE *out)
{
	fputs("{\"trace\":", out);
	json_string(view->operand.path, strlen(view->operand.path), out);
	fprintf(out,
		",\"address\":%" PRIu64 ",\"size\":%" PRIu64
		",\"domain\":%u,\"thread\":%u,\"total_nframe\":%u",
		block->address, block->size, block->domain, block->thread, block->total_nframe);
	fputs(",\"traceback\":", out);
	json_traceback(view->snapshot->frames, snapshot_traceback(view->snapshot, block->stack),
		       out);
	fputs("}\n", out);
}

int cmd_object(const struct query *query)
{
	uint64_t address = address_parse(query->operands[1]);
	struct frames *frames = frames_new();
	struct output output;
	struct view view;

	view_open(&view, query, query->operands[0]);
	view_take(&view, 1, frames, query, NULL);
	const struct snapshot_trace *block = block_find(view.snapshot, DOMAIN_HEAP, address);

	if (!block)
		block = block_find(view.snapshot, DOMAIN_MAPPED, address);
	if (!block)
		die("%s: no live block holds %s %s", view.operand.path, query->operands[1],
		    operand_words(&view.operand));
	FILE *out = output_open(&output, query->output);

	if (query->format == FORMAT_JSON) {
		json_print_object(&view, block, out);
	} else if (query->format == FORMAT_TRACEBACK) {
		struct lines *lines =
			lines_new(frames, view.trace, query->symbols.sysroot, &query->source_dirs);

		render_frames(frames, snapshot_traceback(view.snapshot, block->stack), query, lines,
			      out);
		lines_free(lines);
	} else {
		table_print_object(query, &view, block, address, out);
	}
	output_close(&output);
	view_release(&view, 1);
	frames_free(frames);
	return 0;
}
