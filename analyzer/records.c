// SPDX-License-Identifier: MIT
/*
 * Process, modules, threads, marks, resources, losses and totals.
 */
#include "records.h"

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "die.h"

static const char *text_of(struct trace *trace, struct get *g)
{
	size_t size;
	const char *text = get_string(g, &size);

	return text ? arena_text(&trace->inner->arena, text, size) : "";
}

/* Arguments, each ended by a NUL; the last end may be missing. */
static void read_command(struct trace *trace, struct get value)
{
	size_t size = get_left(&value), n = 0, i = 0;
	const char *text = arena_text(&trace->inner->arena, (const char *)value.at, size);

	for (size_t at = 0; at < size; at += strlen(text + at) + 1)
		n++;
	const char **command = arena_get(&trace->inner->arena, n * sizeof *command);

	for (size_t at = 0; at < size; at += strlen(text + at) + 1)
		command[i++] = text + at;
	trace->process.command = command;
	trace->process.n_command = n;
}

static void read_process_field(struct trace *trace, uint64_t tag, struct get value)
{
	struct trace_process *process = &trace->process;
	const char *text =
		arena_text(&trace->inner->arena, (const char *)value.at, get_left(&value));

	switch (tag) {
	case PROCESS_BOOT_ID:
		trace->inner->boot_id = text;
		break;
	case PROCESS_START_TICKS:
		trace->inner->start_ticks = get_varint(&value);
		break;
	case PROCESS_PID:
		process->pid = get_varint(&value);
		break;
	case PROCESS_PARENT_PID:
		process->parent_pid = get_varint(&value);
		break;
	case PROCESS_EXECUTABLE:
		process->executable = text;
		break;
	case PROCESS_COMMAND:
		read_command(trace, value);
		break;
	case PROCESS_CWD:
		process->cwd = text;
		break;
	case PROCESS_HOST:
		process->host = text;
		break;
	case PROCESS_TIME:
		process->time_ns = get_varint(&value);
		break;
	case PROCESS_CLOCK:
		trace->inner->clock = (unsigned)get_varint(&value);
		break;
	case PROCESS_STAMP_START:
		trace->inner->stamp_start = get_varint(&value);
		break;
	case PROCESS_NFRAME:
		process->nframe = get_varint(&value);
		break;
	case PROCESS_KILL_SAFE:
		process->kill_safe = get_varint(&value) != 0;
		trace->inner->unsafe = !process->kill_safe;
		break;
	case PROCESS_RECORDER:
		process->recorder = text;
		break;
	case PROCESS_SNAPSHOT:
		process->snapshot = text;
		break;
	case PROCESS_UTC_OFFSET:
		process->utc_offset = get_zigzag(&value);
		break;
	case PROCESS_MODULE_MAIN:
		trace->inner->module_main = get_varint(&value);
		break;
	case PROCESS_DURATION:
		process->duration_ns = get_varint(&value);
		break;
	case PROCESS_PARENT_IDENTITY:
		trace->inner->parent.identity = get_varint(&value);
		break;
	case PROCESS_PARENT_TRACE:
		trace->inner->parent.path = text;
		break;
	case PROCESS_FORKED_AT:
		trace->inner->parent.position_size = get_left(&value);
		trace->inner->parent.position = (const uint8_t *)text;
		break;
	}
}

static bool read_process(struct trace *trace, struct get g)
{
	while (get_left(&g)) {
		uint64_t tag = get_varint(&g);
		size_t size;
		const char *value = get_string(&g, &size);

		if (g.bad)
			return false;
		read_process_field(trace, tag, get_from(value, size));
	}
	return true;
}

/* The newest module recorded under ID; modules are few. */
static struct trace_module *find_module(struct trace *trace, uint64_t id)
{
	for (size_t i = trace->n_modules; i > 0; i--)
		if (trace->inner->module_ids[i - 1] == id)
			return &trace->inner->modules[i - 1];
	return NULL;
}

struct trace_module *records_add_module(struct trace *trace, uint64_t id)
{
	struct trace_private *inner = trace->inner;

	if (trace->n_modules == inner->cap_modules) {
		inner->cap_modules = inner->cap_modules * 2 + 32;
		inner->modules =
			xreallocarray(inner->modules, inner->cap_modules, sizeof *inner->modules);
		inner->module_ids = xreallocarray(inner->module_ids, inner->cap_modules,
						  sizeof *inner->module_ids);
		trace->modules = inner->modules;
	}
	inner->module_ids[trace->n_modules] = id;
	struct trace_module *module = &inner->modules[trace->n_modules];

	*module = (struct trace_module){.id = (uint32_t)trace->n_modules++, .until = UINT64_MAX};
	return module;
}

static void read_ranges(struct trace *trace, struct get *g, struct trace_module *module)
{
	uint64_t n = get_varint(g);

	if (n > get_left(g) / 2) {
		g->bad = true;
		return;
	}
	struct trace_range *ranges = arena_get(&trace->inner->arena, n * sizeof *ranges);

	module->ranges = ranges;
	for (size_t i = 0; i < n; i++) {
		uint64_t start = get_varint(g), size = get_varint(g);

		ranges[i].start = start;
		ranges[i].end = start + size < start ? UINT64_MAX : start + size;
	}
	module->n_ranges = g->bad ? 0 : n;
}

static void read_module_loaded(struct trace *trace, struct get *g)
{
	uint64_t id = get_varint(g), from = get_varint(g);
	struct trace_module *module = find_module(trace, id);

	if (!module || module->from != from)
		module = records_add_module(trace, id);
	module->from = from;
	module->bias = get_varint(g);
	module->path = text_of(trace, g);
	size_t size;
	const char *build_id = get_string(g, &size);

	module->build_id_size = build_id ? size : 0;
	module->build_id = arena_copy(&trace->inner->arena, build_id, module->build_id_size);
	module->main_program = get_varint(g) & 1;
	read_ranges(trace, g, module);
}

static bool read_modules(struct trace *trace, struct get g)
{
	while (get_left(&g) && !g.bad) {
		uint64_t type = get_varint(&g);

		if (type == MODULE_LOADED) {
			read_module_loaded(trace, &g);
			continue;
		}
		if (type != MODULE_GONE)
			return false;
		uint64_t id = get_varint(&g), until = get_varint(&g);
		struct trace_module *module = find_module(trace, id);

		if (module && !g.bad)
			module->until = until;
	}
	return !g.bad;
}

static bool read_threads(struct trace *trace, struct get g)
{
	struct trace_private *inner = trace->inner;

	while (get_left(&g)) {
		struct trace_thread thread = {.number = (uint32_t)get_varint(&g), .recorded = true};

		thread.tid = (uint32_t)get_varint(&g);
		thread.name = text_of(trace, &g);
		if (g.bad)
			return false;
		if (trace->n_threads == inner->cap_threads) {
			inner->cap_threads = inner->cap_threads * 2 + 16;
			inner->threads = xreallocarray(inner->threads, inner->cap_threads,
						       sizeof *inner->threads);
			trace->threads = inner->threads;
		}
		inner->threads[trace->n_threads++] = thread;
	}
	return true;
}

static bool read_marks(struct trace *trace, struct get g)
{
	struct trace_private *inner = trace->inner;

	while (get_left(&g)) {
		struct trace_mark mark = {.number = (uint32_t)get_varint(&g)};
		const char *name = get_string(&g, &mark.name_size);

		if (g.bad)
			return false;
		mark.name = arena_text(&inner->arena, name, mark.name_size);
		if (inner->n_marks == inner->cap_marks) {
			inner->cap_marks = inner->cap_marks * 2 + 16;
			inner->marks =
				xreallocarray(inner->marks, inner->cap_marks, sizeof *inner->marks);
		}
		inner->marks[inner->n_marks++] = mark;
	}
	return true;
}

static bool read_domains(struct trace *trace, struct get g)
{
	struct trace_private *inner = trace->inner;

	while (get_left(&g)) {
		struct trace_domain domain = {.number = (uint32_t)get_varint(&g)};

		domain.name = text_of(trace, &g);
		if (g.bad)
			return false;
		if (inner->n_domains == inner->cap_domains) {
			inner->cap_domains = inner->cap_domains * 2 + 16;
			inner->domains = xreallocarray(inner->domains, inner->cap_domains,
						       sizeof *inner->domains);
		}
		inner->domains[inner->n_domains++] = domain;
	}
	return true;
}

static bool read_resources(struct trace *trace, struct get g)
{
	while (get_left(&g)) {
		uint64_t time_ns = get_varint(&g), rss = get_varint(&g), peak = get_varint(&g);

		if (g.bad)
			return false;
		rss = rss > peak ? rss : peak;
		trace->rss_peak = rss > trace->rss_peak ? rss : trace->rss_peak;
		trace->duration_ns = time_ns > trace->duration_ns ? time_ns : trace->duration_ns;
	}
	return true;
}

static bool read_losses(struct trace *trace, struct get g)
{
	while (get_left(&g)) {
		get_varint(&g);
		uint64_t reason = get_varint(&g), events = get_varint(&g);

		get_varint(&g);
		if (g.bad)
			return false;
		trace->quality.lost_events += events;
		trace->inner->unknown_loss |= !events;
		trace->inner->lost_to_damage += reason == LOSS_DAMAGE ? events : 0;
	}
	return true;
}

static bool read_closing(struct trace *trace, const uint8_t *payload, size_t size)
{
	struct closing closing;

	if (!closing_get(payload, size, &closing))
		return false;
	trace->closing = closing;
	trace->inner->closed = true;
	if (closing.duration_ns > trace->duration_ns)
		trace->duration_ns = closing.duration_ns;
	return true;
}

static const uint64_t *read_addresses(struct trace *trace, struct get *g, size_t *n)
{
	uint64_t count = get_varint(g);

	if (count > get_left(g))
		g->bad = true; /* each takes a byte at least */
	*n = g->bad ? 0 : (size_t)count;
	uint64_t *addresses = arena_get(&trace->inner->arena, *n * sizeof *addresses);

	for (size_t i = 0; i < *n; i++)
		addresses[i] = get_varint(g);
	return addresses;
}

/* The counts are of the whole recording so far, the differences those since the chunk before. */
static bool read_checks(struct trace *trace, struct get g)
{
	struct trace_private *inner = trace->inner;

	trace->quality.checked_stacks = get_varint(&g);
	trace->quality.slow_stacks = get_varint(&g);
	trace->quality.stack_differences = get_varint(&g);
	while (get_left(&g)) {
		struct trace_difference difference = {.same = get_varint(&g),
						      .from = get_varint(&g)};

		difference.walked = read_addresses(trace, &g, &difference.n_walked);
		difference.reference = read_addresses(trace, &g, &difference.n_reference);
		if (g.bad)
			return false;
		inner->differences = xreallocarray(inner->differences, trace->n_differences + 1,
						   sizeof difference);
		inner->differences[trace->n_differences++] = difference;
		trace->differences = inner->differences;
	}
	return !g.bad;
}

bool records_read(struct trace *trace, const struct chunk_header *header, const uint8_t *payload,
		  size_t size)
{
	struct get g = get_from(payload, size);

	switch (header->kind) {
	case CHUNK_PROCESS:
		return read_process(trace, g);
	case CHUNK_MODULES:
		return read_modules(trace, g);
	case CHUNK_THREADS:
		return read_threads(trace, g);
	case CHUNK_MARKS:
		return read_marks(trace, g);
	case CHUNK_RESOURCES:
		return read_resources(trace, g);
	case CHUNK_NAMES:
		return records_names(trace, payload, size);
	case CHUNK_LOSSES:
		return read_losses(trace, g);
	case CHUNK_CLOSING:
		return read_closing(trace, payload, size);
	case CHUNK_DOMAINS:
		return read_domains(trace, g);
	case CHUNK_CHECKS:
		return read_checks(trace, g);
	case CHUNK_PERF_MAP:
		return perf_map_read(&trace->inner->perf_map, payload, size);
	default:
		return true;
	}
}
