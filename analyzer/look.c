// SPDX-License-Identifier: MIT
/*
 * Frames as cells, and the words of headings.
 */
#include "look.h"

#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "die.h"
#include "domains.h"
#include "jit_name.h"
#include "render.h"

void look_init(struct look *look, const struct query *query, const struct frames *frames,
	       const struct view *view, FILE *out)
{
	*look = (struct look){.query = query, .frames = frames, .view = view};
	terminal_find(&look->terminal, out, query->colour);
	place_init(&look->place, frames, &look->terminal, view->trace, &query->source_dirs,
		   query->full_names);
	own_init(&look->own, frames, view->trace, query->own.item, query->own.n);
	look->lines = lines_new(frames, view->trace, query->symbols.sysroot, &query->source_dirs);
}

void look_release(struct look *look)
{
	place_release(&look->place);
	own_release(&look->own);
	lines_free(look->lines);
}

void look_line(const struct look *look, const struct frame *frame, bool file_only,
	       struct cell *cell)
{
	cell->text = file_only ? place_file(&look->place, frame) : place_line(&look->place, frame);
	if (own_has(&look->own, frame))
		cell->style = STYLE_OWN;
	if (look->query->hyperlink)
		cell->link = place_link(&look->place, frame);
}

/* The line itself, or why it is not shown; NULL when it is not to be had. */
static char *source_text(const struct look *look, const struct frame *frame)
{
	const char *text;
	size_t size;
	enum line_state state = lines_find(look->lines, frame, &text, &size);

	if (state != LINE_TEXT)
		return state == LINE_CHANGED ? xstrdup("(source changed)") : NULL;
	char *line = xstrndup(text, size);

	for (char *at = line; *at; at++)
		*at = *at == '\t' ? ' ' : *at;
	char *safe = terminal_safe(&look->terminal, line, strlen(line));

	free(line);
	return safe;
}

/* Why a frame in a module has no name. Where names were recorded, the binary need not be here. */
static const char *no_symbols(const struct look *look, const struct frame *frame)
{
	const struct trace *trace = look->view->trace;
	const char *path = frames_text(look->frames, frame->module, NULL);
	enum symbols_debug debug = SYMBOLS_UNKNOWN;

	for (size_t i = 0; i < trace->n_modules && debug == SYMBOLS_UNKNOWN; i++)
		if (strcmp(trace->modules[i].path, path) == 0)
			debug = symbols_module_debug(look->view->symbols, trace->modules[i].id);
	if (trace_has_names(trace))
		return "(no symbols)";
	if (debug == SYMBOLS_MISMATCH)
		return "(binary changed)";
	if (debug == SYMBOLS_DAMAGED)
		return "(file is damaged)";
	return debug == SYMBOLS_MISSING ? "(binary is gone)" : "(no symbols)";
}

/* There is no debug information to look for of code that was made at run time. */
static bool is_generated(const struct look *look, const struct frame *frame)
{
	return frame->module != STRING_NONE &&
	       strcmp(frames_text(look->frames, frame->module, NULL), JIT_MODULE) == 0;
}

void look_source(const struct look *look, const struct frame *frame, struct cell *cell)
{
	cell->style = STYLE_DIM;
	cell->text = source_text(look, frame);
	if (cell->text)
		return;
	if (frame->function != STRING_NONE) {
		char *function = place_function(&look->place, frame);

		cell->text = frame->has_line || is_generated(look, frame)
				     ? xasprintf("in %s", function)
				     : xasprintf("%s (no debug info)", function);
		free(function);
	} else if (!frame->has_line && frame->module != STRING_NONE) {
		cell->text = xstrdup(no_symbols(look, frame));
	}
}

void look_traceback(const struct look *look, uint32_t traceback, FILE *out)
{
	size_t n_frames, first, n;
	const uint32_t *ids = frames_traceback_get(look->frames, traceback, &n_frames);
	struct table table;
	bool marked = false, functions = false;

	render_select(look->query->frames, n_frames, &first, &n);
	table_init(&table, &look->terminal);
	table.full_names = look->query->full_names;
	table_column(&table, NULL, COLUMN_NUMBER, 7);
	for (size_t i = first; i < first + n; i++)
		functions |= frames_get(look->frames, ids[i])->function != STRING_NONE;
	if (functions)
		table_column(&table, NULL, COLUMN_FUNCTION, 1);
	table_column(&table, NULL, COLUMN_PATH, functions ? 3 : 1);
	table_column(&table, NULL, COLUMN_TEXT, 3);
	for (size_t i = first; i < first + n; i++) {
		const struct frame *frame = frames_get(look->frames, ids[i]);
		struct cell *cell = table_row(&table);
		bool mark = !marked && own_has(&look->own, frame);

		cell++->text = xstrdup(mark ? ">" : " ");
		marked |= mark;
		if (functions)
			cell++->text = place_function(&look->place, frame);
		look_line(look, frame, !frame->has_line, cell++);
		cell->text = frame->has_line ? source_text(look, frame) : NULL;
		if (!cell->text && frame->has_line)
			cell->text = place_module(&look->place, frame);
		cell->style = STYLE_DIM;
	}
	table_print(&table, out);
	table_release(&table);
}

char *look_trace_name(const struct look *look, const struct view *view)
{
	const char *path = view->operand.path;

	return strcmp(path, "-") == 0 ? xstrdup("standard input")
				      : terminal_safe(&look->terminal, path, strlen(path));
}

char *look_moment(const struct look *look, const struct view *view)
{
	const char *snapshot = view->trace->process.snapshot;
	char *words = !snapshot || view->operand.moment.kind != MOMENT_END
			      ? operand_words(&view->operand)
			      : xasprintf("(%s)", snapshot);
	char *safe = terminal_safe(&look->terminal, words, strlen(words));

	free(words);
	return safe;
}

char *look_moment_time(const struct view *view)
{
	char time[AMOUNT_MAX];

	enum moment_kind kind = view->operand.moment.kind;

	if (kind == MOMENT_TIME || kind == MOMENT_START || view->trace->process.snapshot ||
	    !view->trace->duration_ns)
		return NULL;
	return xstrdup(amount_time(view->snapshot->time_ns, time));
}

static char *domain_words(uint32_t domain)
{
	const char *name = domain_name(domain);

	return *name ? xasprintf("domain %s", name) : xasprintf("domain %u", domain);
}

static char *filter_words(const struct look *look, const struct filter *filter)
{
	char *pattern = filter->domain_only ? NULL
					    : terminal_safe(&look->terminal, filter->pattern,
							    strlen(filter->pattern));
	char *words;

	if (filter->domain_only)
		words = domain_words(filter->domain);
	else if (filter->any_line)
		words = xasprintf("files %s", pattern);
	else
		words = xasprintf("line %u of files %s", filter->line, pattern);
	free(pattern);
	if (!filter->domain_only && (filter->all_frames || !filter->any_domain)) {
		char *domain = domain_words(filter->domain), *shorter = words;

		words = xasprintf("%s%s%s%s", shorter, filter->all_frames ? " in any frame" : "",
				  filter->any_domain ? "" : " in ",
				  filter->any_domain ? "" : domain);
		free(domain);
		free(shorter);
	}
	return words;
}

char *look_filter_words(const struct look *look)
{
	char *text = xstrdup("");

	for (int inclusive = 1; inclusive >= 0; inclusive--) {
		const char *before = inclusive ? ", only " : ", without ";

		for (size_t i = 0; i < look->query->n_filters; i++) {
			if (look->query->filters[i].inclusive != inclusive)
				continue;
			char *words = filter_words(look, &look->query->filters[i]);
			char *longer = xasprintf("%s%s%s", text, before, words);

			free(words);
			free(text);
			text = longer;
			before = " or ";
		}
	}
	return text;
}

char *look_base_words(const struct look *look)
{
	const char *base = look->place.base;

	if (!look->place.base_matters || !base || look->query->full_names)
		return xstrdup("");
	char *safe = terminal_safe(&look->terminal, base, strlen(base) - 1);
	char *words = xasprintf(", paths under %s", safe);

	free(safe);
	return words;
}

char *look_blocks(uint64_t count)
{
	char number[AMOUNT_MAX];

	return xasprintf("%s block%s", amount_count(count, number), count == 1 ? "" : "s");
}
