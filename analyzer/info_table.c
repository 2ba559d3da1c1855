// SPDX-License-Identifier: MIT
/*
 * tmtrace info for people.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "amount.h"
#include "die.h"
#include "domains.h"
#include "info.h"
#include "look.h"

#define LABEL_WIDTH 10
#define LEFT_WIDTH 30
#define MIDDLE_WIDTH 23
#define ROOMY 92 /* columns from which on the middle ones keep those widths */
#define SPARKS 20
#define CURVE (sizeof((struct replay_totals *)0)->curve / sizeof(uint64_t))

struct info_page {
	const struct info *info;
	const struct look *look;
	FILE *out;
	struct table table;
	bool roomy;
};

/* A row of up to three texts, which it takes over; the last of them goes on to the right. */
static void row_add(struct info_page *page, const char *label, char *left, char *middle,
		    char *right)
{
	struct cell *cell = table_row(&page->table);

	cell[0].text = xstrdup(label);
	cell[1].text = middle ? left : NULL;
	cell[1].wide = middle ? NULL : left;
	cell[2].text = right ? middle : NULL;
	cell[2].wide = right ? NULL : middle;
	cell[3].wide = right;
}

static char *size_words(const struct info_page *page, uint64_t size)
{
	char text[AMOUNT_MAX];

	return xstrdup(amount_size(size, page->info->query->exact, text));
}

static char *count_words(uint64_t count, const char *noun)
{
	char text[AMOUNT_MAX];

	return xasprintf("%s %s%s", amount_count(count, text), noun, count == 1 ? "" : "s");
}

static char *size_in_blocks(const struct info_page *page, uint64_t size, uint64_t count)
{
	char *blocks = look_blocks(count), *bytes = size_words(page, size),
	     *words = xasprintf("%s in %s", bytes, blocks);

	free(blocks);
	free(bytes);
	return words;
}

/* What a killed program left is whole together with its journal, but `complete` is what has an end. */
static const char *state_word(const struct trace *trace)
{
	if (trace->complete)
		return "complete";
	if (trace->quality.damaged_chunks)
		return "damaged";
	return trace->journal && !trace->warning ? "whole with its journal" : "incomplete";
}

static void heading_print(const struct info_page *page)
{
	const struct trace *trace = page->info->view->trace;
	const struct replay_totals *totals = &page->info->totals;
	char *name = look_trace_name(page->look, page->info->view),
	     *size = size_words(page, trace->file_size);
	char *events = count_words(totals->events, "event"), *recorder;

	recorder = terminal_safe(&page->look->terminal, trace->process.recorder,
				 strlen(trace->process.recorder));
	fprintf(page->out, "%s: %s, %s, %s", name, state_word(trace), size, events);
	if (totals->events)
		fprintf(page->out, " in %.2f bytes each",
			(double)trace->file_size / (double)totals->events);
	fprintf(page->out, ", format %d%s%s\n\n", TMZ_VERSION, *recorder ? " by " : "", recorder);
	free(name);
	free(size);
	free(events);
	free(recorder);
}

static char *command_words(const struct info_page *page)
{
	const struct trace_process *process = &page->info->view->trace->process;
	char *words = xstrdup("");

	for (size_t i = 0; i < process->n_command; i++) {
		char *safe = terminal_safe(&page->look->terminal, process->command[i],
					   strlen(process->command[i]));
		char *longer = xasprintf("%s%s%s", words, i ? " " : "", safe);

		free(safe);
		free(words);
		words = longer;
	}
	return words;
}

const char *const info_endings[ENDED_BY_END] = {
	[ENDED_BY_EXIT] = "exit", [ENDED_BY_UNDERSCORE_EXIT] = "_exit",
	[ENDED_BY_EXEC] = "exec", [ENDED_BY_STOP] = "stop",
	[ENDED_BY_KILL] = "kill",
};

/* ", ended by exit" */
static char *end_words(const struct trace *trace)
{
	uint64_t by = trace->closing.ended_by;

	if (by == ENDED_BY_KILL || trace->ending == ENDING_KILLED)
		return xstrdup(", ended by a kill or crash");
	if (by < ENDED_BY_END && info_endings[by])
		return xasprintf(", ended by %s", info_endings[by]);
	if (trace->ending == ENDING_RUNNING)
		return xstrdup(", still running");
	return xstrdup(trace->ending == ENDING_UNKNOWN ? ", killed or still running" : "");
}

static void program_row(struct info_page *page)
{
	const struct trace *trace = page->info->view->trace;
	const struct trace_process *process = &trace->process;
	char *host = terminal_safe(&page->look->terminal, process->host, strlen(process->host));
	char *threads = count_words(trace->n_threads, "thread"), *end,
	     *command = command_words(page), *who;

	if (process->snapshot) {
		end = terminal_safe(&page->look->terminal, process->snapshot,
				    strlen(process->snapshot));
		row_add(page, "snapshot", end, NULL, NULL);
	}
	end = end_words(trace);
	who = xasprintf("pid %llu%s%s, %s%s", (unsigned long long)process->pid, *host ? " on " : "",
			host, threads, end);
	if (!process->pid && !*command) {
		free(command);
		free(who);
	} else if (page->roomy && terminal_columns(command) <= LEFT_WIDTH) {
		row_add(page, "program", command, who, NULL);
	} else {
		row_add(page, "program", command, NULL, NULL);
		row_add(page, "", who, NULL, NULL);
	}
	free(host);
	free(threads);
	free(end);
}

/* What the process was before this program, and what it became. */
static void exec_row(struct info_page *page, const char *words, const char *path, const char *label)
{
	if (!path)
		return;
	char *safe = terminal_safe(&page->look->terminal, path, strlen(path));

	row_add(page, label, xasprintf("%s exec: %s", words, safe), NULL, NULL);
	free(safe);
}

static void time_row(struct info_page *page)
{
	const struct trace *trace = page->info->view->trace;
	int64_t offset = trace->process.utc_offset;
	time_t local = (time_t)(trace->process.time_ns / 1000000000u) + (time_t)offset;
	char duration[AMOUNT_MAX], date[64] = "";
	struct tm parts;

	if (!trace->process.time_ns || offset > 86400 || offset < -86400 ||
	    !gmtime_r(&local, &parts))
		return;
	strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &parts);
	unsigned minutes = (unsigned)(offset < 0 ? -offset : offset) / 60;

	row_add(page, "time",
		xasprintf("%s %c%02u%02u", date, offset < 0 ? '-' : '+', minutes / 60,
			  minutes % 60),
		xstrdup(amount_time(trace->duration_ns, duration)), NULL);
}

/* The live size over the whole recording, the largest of each step; NULL where it cannot be drawn. */
static char *sparkline(const struct info_page *page)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	const struct replay_totals *totals = &page->info->totals;
	char *line, *at;

	if (!page->look->terminal.utf8 || !page->look->terminal.width || !totals->peak_size)
		return NULL;
	at = line = xmalloc(4 * SPARKS + 1);
	for (size_t i = 0; i < SPARKS; i++) {
		uint64_t most = 0;

		for (size_t step = i * CURVE / SPARKS; step < (i + 1) * CURVE / SPARKS; step++)
			most = totals->curve[step] > most ? totals->curve[step] : most;
		size_t height = (size_t)((double)most * 7 / (double)totals->peak_size + 0.5);

		at = stpcpy(at, blocks[height > 7 ? 7 : height]);
	}
	return line;
}

static void forked_row(struct info_page *page)
{
	const struct trace_inherited *inherited = &page->info->view->trace->inherited;
	const struct replay_totals *totals = &page->info->totals;

	if (!inherited->path)
		return;
	char *path = terminal_safe(&page->look->terminal, inherited->path, strlen(inherited->path)),
	     *size = size_in_blocks(page, totals->start_size, totals->start_count);

	row_add(page, "forked",
		xasprintf("from %s (pid %llu), %s%s", path, (unsigned long long)inherited->pid,
			  inherited->found ? "inherited " : "which is missing",
			  inherited->found ? size : ""),
		NULL, NULL);
	free(path);
	free(size);
}

static void totals_rows(struct info_page *page)
{
	const struct replay_totals *totals = &page->info->totals;
	uint64_t rss = page->info->view->trace->rss_peak;
	char time[AMOUNT_MAX], *bytes, *resident;

	if (page->info->view->trace->process.snapshot) {
		row_add(page, "live", size_in_blocks(page, totals->live_size, totals->live_count),
			NULL, NULL);
		return;
	}
	bytes = size_words(page, totals->allocated_bytes);
	resident = size_words(page, rss);
	row_add(page, "activity", count_words(totals->allocations, "allocation"),
		count_words(totals->frees, "free"), xasprintf("%s allocated", bytes));
	row_add(page, "peak", size_in_blocks(page, totals->peak_size, totals->peak_count),
		xasprintf("at %s", amount_time(totals->peak_time_ns, time)),
		rss ? xasprintf("RSS %s", resident) : NULL);
	row_add(page, "at the end", size_in_blocks(page, totals->live_size, totals->live_count),
		sparkline(page), NULL);
	free(bytes);
	free(resident);
}

/* What the total is made of, where that is more than the heap. */
static void domains_row(struct info_page *page)
{
	char *words = domains_words(page->info->view->snapshot, page->info->totals.reserved_size,
				    page->info->query->exact);

	if (!words)
		return;
	/* A program may have named its domains anything. */
	row_add(page, "domains", terminal_safe(&page->look->terminal, words, strlen(words)), NULL,
		NULL);
	free(words);
}

static void modules_row(struct info_page *page)
{
	size_t counts[3];

	coverage_count(&page->info->coverage, counts);
	if (page->info->coverage.n_modules)
		row_add(page, "modules",
			xasprintf("%zu: %zu with lines, %zu with names only, %zu with nothing",
				  page->info->coverage.n_modules, counts[0], counts[1], counts[2]),
			NULL, NULL);
}

/* A line of its own, after a recording in the check mode only. */
static void checks_print(const struct info_page *page)
{
	const struct trace_quality *quality = &page->info->view->trace->quality;
	char checked[AMOUNT_MAX], differ[AMOUNT_MAX], slow[AMOUNT_MAX];

	if (quality->checked_stacks)
		fprintf(page->out,
			"            %s stacks checked, %s differ, %s needed slow steps\n",
			amount_count(quality->checked_stacks, checked),
			amount_count(quality->stack_differences, differ),
			amount_count(quality->slow_stacks, slow));
}

static void quality_print(const struct info_page *page)
{
	const struct trace *trace = page->info->view->trace;
	const struct trace_quality *quality = &trace->quality;
	char *lost = count_words(quality->lost_events, "event"),
	     *frees = count_words(quality->unknown_frees, "free");
	char *missing = count_words(quality->missing_inherited, "event");
	char cut[AMOUNT_MAX], all[AMOUNT_MAX];

	fprintf(page->out, "quality     %s%s, %s of unknown blocks, %s of %s tracebacks cut off",
		quality->lost_events ? lost : "nothing", " lost", frees,
		amount_count(quality->truncated_tracebacks, cut),
		amount_count(quality->tracebacks, all));
	if (quality->inherited_frees)
		fprintf(page->out, ", %s %s of blocks that the parent had",
			amount_count(quality->inherited_frees, cut),
			quality->inherited_frees == 1 ? "free" : "frees");
	if (quality->missing_parents)
		fputs(", a parent's trace is missing", page->out);
	if (quality->missing_inherited)
		fprintf(page->out, ", %s missing of what was inherited", missing);
	if (quality->earlier_frees)
		fprintf(page->out, ", %s %s of blocks from before the recording",
			amount_count(quality->earlier_frees, cut),
			quality->earlier_frees == 1 ? "free" : "frees");
	if (quality->incomplete_tracebacks)
		fprintf(page->out, ", %s not walked to the end",
			amount_count(quality->incomplete_tracebacks, cut));
	if (quality->order_conflicts)
		fprintf(page->out, ", %s out of order",
			amount_count(quality->order_conflicts, cut));
	if (quality->damaged_chunks)
		fprintf(page->out, ", %s damaged chunk%s, see tmtrace verify",
			amount_count(quality->damaged_chunks, cut),
			quality->damaged_chunks == 1 ? "" : "s");
	fputc('\n', page->out);
	free(lost);
	free(frees);
	free(missing);
	checks_print(page);
}

void info_table(const struct info *info, FILE *out)
{
	struct look look;
	struct info_page page = {.info = info, .look = &look, .out = out};
	char *jit;

	look_init(&look, info->query, info->view->snapshot->frames, info->view, out);
	page.roomy = !look.terminal.width || look.terminal.width >= ROOMY;
	table_init(&page.table, &look.terminal);
	table_column(&page.table, NULL, COLUMN_BAR, 0)->least = LABEL_WIDTH;
	table_column(&page.table, NULL, COLUMN_BAR, 2)->least = page.roomy ? LEFT_WIDTH : 0;
	table_column(&page.table, NULL, COLUMN_BAR, 3)->least = page.roomy ? MIDDLE_WIDTH : 0;
	table_column(&page.table, NULL, COLUMN_BAR, 3);
	heading_print(&page);
	program_row(&page);
	exec_row(&page, "before", info->exec.before, "exec");
	exec_row(&page, "after", info->exec.after, info->exec.before ? "" : "exec");
	time_row(&page);
	forked_row(&page);
	totals_rows(&page);
	domains_row(&page);
	if ((jit = info_jit_words(info)))
		row_add(&page, "JIT code", jit, NULL, NULL);
	modules_row(&page);
	table_print(&page.table, out);
	info_modules(info, &look, LABEL_WIDTH + 2, out);
	quality_print(&page);
	table_release(&page.table);
	look_release(&look);
}
