// SPDX-License-Identifier: MIT
/*
 * tmtrace info as a JSON object.
 */
#include <stdlib.h>
#include <string.h>

#include "debug_file.h"
#include "die.h"
#include "domains.h"
#include "info.h"
#include "json_write.h"

static void key_text(const char *key, const char *text, FILE *out)
{
	fprintf(out, ",\"%s\":", key);
	json_string(text, strlen(text), out);
}

static void key_number(const char *key, uint64_t value, FILE *out)
{
	fprintf(out, ",\"%s\":%llu", key, (unsigned long long)value);
}

static void key_flag(const char *key, bool value, FILE *out)
{
	fprintf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

/* null: it is running, or a snapshot, or nobody knows. */
static void ending_print(const struct trace *trace, FILE *out)
{
	uint64_t by = trace->closing.ended_by;
	const char *word = by < ENDED_BY_END ? info_endings[by] : NULL;

	if (!word && trace->ending == ENDING_KILLED)
		word = info_endings[ENDED_BY_KILL];
	if (word)
		key_text("ended_by", word, out);
	else
		fputs(",\"ended_by\":null", out);
	key_flag("running", trace->ending == ENDING_RUNNING, out);
	key_flag("journal", trace->journal, out);
}

static void process_print(const struct info *info, FILE *out)
{
	const struct trace *trace = info->view->trace;
	const struct trace_process *process = &trace->process;

	fputs(",\n\"command\":[", out);
	for (size_t i = 0; i < process->n_command; i++) {
		fputs(i ? "," : "", out);
		json_string(process->command[i], strlen(process->command[i]), out);
	}
	fputc(']', out);
	key_text("executable", process->executable, out);
	key_number("pid", process->pid, out);
	key_number("parent_pid", process->parent_pid, out);
	key_text("cwd", process->cwd, out);
	key_text("host", process->host, out);
	key_text("recorder", process->recorder, out);
	if (process->snapshot)
		key_text("snapshot", process->snapshot, out);
	if (info->exec.before)
		key_text("before_exec", info->exec.before, out);
	if (info->exec.after)
		key_text("after_exec", info->exec.after, out);
	fputs(",\n\"start_s\":", out);
	json_seconds(process->time_ns, out);
	key_number("nframe", info->view->snapshot->traceback_limit, out);
	key_flag("complete", trace->complete, out);
	ending_print(trace, out);
	fputs(",\"duration_s\":", out);
	json_seconds(trace->duration_ns, out);
}

static void forked_print(const struct info *info, FILE *out)
{
	const struct trace_inherited *inherited = &info->view->trace->inherited;

	if (!inherited->path)
		return;
	fputs(",\n\"forked_from\":{\"path\":", out);
	json_string(inherited->path, strlen(inherited->path), out);
	key_number("pid", inherited->pid, out);
	key_flag("found", inherited->found, out);
	key_number("size", info->totals.start_size, out);
	key_number("count", info->totals.start_count, out);
	fputc('}', out);
}

static void totals_print(const struct info *info, FILE *out)
{
	const struct replay_totals *totals = &info->totals;
	size_t n;
	struct domain_sums *domains = domains_sum(info->view->snapshot, &n);

	fprintf(out, ",\n\"events\":{\"allocations\":%llu",
		(unsigned long long)totals->allocations);
	key_number("frees", totals->frees, out);
	key_number("allocated_bytes", totals->allocated_bytes, out);
	key_number("all", totals->events, out);
	fprintf(out, "},\n\"live\":{\"size\":%llu,\"count\":%llu}",
		(unsigned long long)totals->live_size, (unsigned long long)totals->live_count);
	fprintf(out, ",\n\"peak\":{\"size\":%llu,\"count\":%llu",
		(unsigned long long)totals->peak_size, (unsigned long long)totals->peak_count);
	key_number("event", totals->peak_event, out);
	fputs(",\"time_s\":", out);
	json_seconds(totals->peak_time_ns, out);
	fputs("},\n\"domains\":[", out);
	for (size_t i = 0; i < n; i++) {
		const char *name = snapshot_domain_name(info->view->snapshot, domains[i].domain);

		fprintf(out, "%s{\"domain\":%u", i ? "," : "", domains[i].domain);
		if (*name)
			key_text("name", name, out);
		key_number("size", domains[i].size, out);
		key_number("count", domains[i].count, out);
		fputc('}', out);
	}
	fputc(']', out);
	key_number("reserved_size", totals->reserved_size, out);
	free(domains);
}

/* What to do about it, where there is something to be done: looking for packages takes its time. */
static void advice_print(const struct info *info, const struct coverage_module *module, FILE *out)
{
	const struct trace_module *m = module->module;
	bool wanted = module->frames || module->size || module->debug == SYMBOLS_DAMAGED ||
		      symbols_module_debug(info->view->symbols, m->id) == SYMBOLS_DWARF;
	const char *advice = wanted ? symbols_module_advice(info->view->symbols, m->id) : NULL;
	char *looked = module->debug != SYMBOLS_DWARF
			       ? debug_file_system_path(info->query->symbols.sysroot, m->build_id,
							m->build_id_size)
			       : NULL;

	if (advice)
		key_text("advice", advice, out);
	if (looked)
		key_text("debug_file", looked, out);
	free(looked);
}

static void module_print(const struct info *info, const struct coverage_module *module, FILE *out)
{
	static const char *const debug[] = {
		[SYMBOLS_DWARF] = "dwarf",  [SYMBOLS_SYMTAB] = "symtab", [SYMBOLS_NONE] = "none",
		[SYMBOLS_UNKNOWN] = "none", [SYMBOLS_MISMATCH] = "none", [SYMBOLS_MISSING] = "none",
		[SYMBOLS_DAMAGED] = "none",
	};
	static const char *const states[SYMBOLS_DAMAGED + 1] = {
		[SYMBOLS_MISMATCH] = "mismatch",
		[SYMBOLS_MISSING] = "missing",
		[SYMBOLS_DAMAGED] = "damaged",
	};
	const struct trace_module *m = module->module;

	fputs("{\"path\":", out);
	json_string(m->path, strlen(m->path), out);
	fputs(",\"build_id\":\"", out);
	for (size_t i = 0; i < m->build_id_size; i++)
		fprintf(out, "%02x", m->build_id[i]);
	fprintf(out, "\",\"debug\":\"%s\"", debug[module->debug]);
	if (states[module->debug])
		key_text("state", states[module->debug], out);
	key_flag("main", m->main_program, out);
	key_number("unresolved_frames", module->frames, out);
	key_number("unresolved_size", module->size, out);
	advice_print(info, module, out);
	fputc('}', out);
}

static void quality_print(const struct info *info, FILE *out)
{
	const struct trace_quality *quality = &info->view->trace->quality;

	fprintf(out, "{\"lost_events\":%llu", (unsigned long long)quality->lost_events);
	key_number("unknown_frees", quality->unknown_frees, out);
	key_number("inherited_frees", quality->inherited_frees, out);
	key_number("earlier_frees", quality->earlier_frees, out);
	key_number("order_conflicts", quality->order_conflicts, out);
	key_number("missing_parents", quality->missing_parents, out);
	key_number("missing_inherited_events", quality->missing_inherited, out);
	key_number("truncated_tracebacks", quality->truncated_tracebacks, out);
	key_number("incomplete_tracebacks", quality->incomplete_tracebacks, out);
	key_number("unresolved_frames", info->coverage.unresolved_frames, out);
	key_number("damaged_chunks", quality->damaged_chunks, out);
	key_number("skipped_bytes", quality->skipped_bytes, out);
	key_number("checked_stacks", quality->checked_stacks, out);
	key_number("stack_differences", quality->stack_differences, out);
	key_number("slow_stacks", quality->slow_stacks, out);
	fputc('}', out);
}

static void addresses_print(const char *key, const uint64_t *addresses, size_t n, FILE *out)
{
	fprintf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\"%#llx\"", i ? "," : "", (unsigned long long)addresses[i]);
	fputc(']', out);
}

/* For who looks into a fault of the stack walk: only there where the check mode found one. */
static void differences_print(const struct trace *trace, FILE *out)
{
	if (!trace->n_differences)
		return;
	fputs(",\n\"stack_differences\":[", out);
	for (size_t i = 0; i < trace->n_differences; i++) {
		const struct trace_difference *difference = &trace->differences[i];

		fprintf(out, "%s{\"same\":%llu", i ? ",\n" : "\n",
			(unsigned long long)difference->same);
		key_number("from", difference->from, out);
		addresses_print("walked", difference->walked, difference->n_walked, out);
		addresses_print("reference", difference->reference, difference->n_reference, out);
		fputc('}', out);
	}
	fputc(']', out);
}

void info_json(const struct info *info, FILE *out)
{
	const struct trace *trace = info->view->trace;

	fputs("{\"trace\":", out);
	json_string(info->view->operand.path, strlen(info->view->operand.path), out);
	process_print(info, out);
	forked_print(info, out);
	totals_print(info, out);
	fputs(",\n\"kill_safe\":", out);
	fputs(trace->process.kill_safe ? "true" : "false", out);
	key_number("threads", trace->n_threads, out);
	key_number("distinct_tracebacks", info->totals.distinct_stacks, out);
	key_number("file_size", trace->file_size, out);
	key_number("rss_peak", trace->rss_peak, out);
	fprintf(out, ",\n\"jit\":{\"names\":%llu", (unsigned long long)info->jit_names);
	key_flag("cut", info->jit_cut, out);
	key_number("frames", info->coverage.generated_frames, out);
	key_number("unnamed_frames", info->coverage.unnamed_frames, out);
	fputs("},\n\"modules\":[", out);
	for (size_t i = 0; i < info->coverage.n_modules; i++) {
		fputs(i ? ",\n" : "\n", out);
		module_print(info, &info->coverage.modules[i], out);
	}
	fputs("],\n\"quality\":", out);
	quality_print(info, out);
	differences_print(trace, out);
	fputs("}\n", out);
}
