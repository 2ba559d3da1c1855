// SPDX-License-Identifier: MIT
/*
 * Opening a chain of files by what each says of the next. Nothing in them is trusted: the chain is
 * bounded, and no trace may stand in it twice.
 */
#include "ancestors.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "fork_position.h"
#include "heritage.h"
#include "warning.h"

void ancestors_warn(struct trace *trace, char *what)
{
	warning_add(&trace->inherited.warning, trace->path, what);
}

/* A file of the same name as PATH where the trace TRACE is; NULL where there is no such place. */
static char *path_beside(const struct trace *trace, const char *path)
{
	const char *name = strrchr(path, '/'), *slash = strrchr(trace->path, '/');

	name = name ? name + 1 : path;
	if (!*name || strcmp(trace->path, "-") == 0)
		return NULL;
	return xasprintf("%.*s%s", slash ? (int)(slash + 1 - trace->path) : 0, trace->path, name);
}

/* Takes PATH over. *MESSAGE stays the first that was more than that nothing is there. */
static struct trace *try_path(char *path, uint64_t identity, char **message)
{
	char *why = NULL;
	struct trace *trace = path ? trace_open_named(path, identity, &why) : NULL;

	if (*message)
		free(why);
	else
		*message = why;
	free(path);
	return trace;
}

/* What messages call the trace that CHILD was forked from, which is TRACE or one of its ancestors. */
static char *parent_words(const struct trace *trace, const struct trace *child)
{
	const char *path = child->inner->parent.path;

	if (child == trace)
		return xasprintf("its parent's trace%s%s", *path ? " " : "", path);
	return xasprintf("%s%sthe parent's trace of %s,", path, *path ? ", " : "", child->path);
}

/* The trace that CHILD was forked from. NULL: *what tells why. */
static struct trace *open_parent(const struct trace *trace, const struct trace *child,
				 const char *words, char **what)
{
	const struct trace_parent *parent = &child->inner->parent;
	char *message = NULL;
	struct trace *found = *parent->path == '/'
				      ? try_path(xstrdup(parent->path), parent->identity, &message)
				      : NULL;

	if (!found)
		found = try_path(path_beside(child, parent->path), parent->identity, &message);
	if (!found && child != trace)
		found = try_path(path_beside(trace, parent->path), parent->identity, &message);
	if (!found && message)
		*what = xasprintf("%s is not found (%s)", words, message);
	else if (!found)
		*what = xasprintf("%s is not there", words);
	free(message);
	return found;
}

static bool is_in_chain(const struct trace *trace, uint64_t identity)
{
	const struct trace_private *inner = trace->inner;

	for (size_t i = 0; i < inner->n_ancestors; i++)
		if (inner->ancestors[i].trace->inner->identity == identity)
			return true;
	return inner->identity == identity;
}

/* NULL at the end of the chain, wherever that is; *what: why it ends too early. */
static struct trace *next_parent(const struct trace *trace, const struct trace *child, char **what)
{
	const struct trace_parent *parent = &child->inner->parent;
	struct trace *found = NULL;

	if (!parent->identity || child->process.snapshot)
		return NULL;
	char *words = parent_words(trace, child);

	if (trace->inner->n_ancestors == ANCESTORS_MOST)
		*what = xasprintf("%s is not read, as %d others were before", words,
				  ANCESTORS_MOST);
	else if (is_in_chain(trace, parent->identity))
		*what = xasprintf("%s is its child's as well", words);
	else if (!fork_position_is_valid(parent))
		*what = xasprintf("%s is not read, as the place of the fork in it is not recorded",
				  words);
	else
		found = open_parent(trace, child, words, what);
	free(words);
	return found;
}

void ancestors_add(struct trace *trace, const struct trace_parent *fork, struct trace *parent)
{
	struct trace_private *inner = trace->inner;

	inner->ancestors =
		xreallocarray(inner->ancestors, inner->n_ancestors + 1, sizeof *inner->ancestors);
	inner->ancestors[inner->n_ancestors++] = (struct ancestor){.trace = parent, .fork = fork};
}

static void open_chain(struct trace *trace)
{
	const struct trace *child = trace;
	struct trace *parent;
	char *what = NULL;

	while ((parent = next_parent(trace, child, &what))) {
		ancestors_add(trace, &child->inner->parent, parent);
		child = parent;
	}
	if (!what)
		return;
	trace->quality.missing_parents = 1;
	ancestors_warn(trace, xasprintf("%s: what was inherited from there is missing, and frees "
					"of it are counted apart",
					what));
	free(what);
}

void ancestors_settle(struct trace *trace)
{
	struct trace_private *inner = trace->inner;

	trace->inherited.found = true;
	trace->inherited.path = inner->ancestors[0].trace->path;
	trace->inherited.pid = inner->ancestors[0].trace->process.pid;
	heritage_modules(trace);
	heritage_threads(trace);
	heritage_domains(trace);
}

void trace_inherit(struct trace *trace, struct parents *parents)
{
	struct trace_private *inner = trace->inner;
	struct trace_inherited *inherited = &trace->inherited;

	if (!inner->parent.identity || trace->process.snapshot || inherited->path)
		return;
	inner->parents = parents;
	inherited->path = inner->parent.path;
	inherited->pid = trace->process.parent_pid;
	open_chain(trace);
	if (inner->n_ancestors)
		ancestors_settle(trace);
}

void ancestors_release(struct trace *trace)
{
	struct trace_private *inner = trace->inner;

	for (size_t i = 0; i < inner->n_ancestors; i++) {
		free(inner->ancestors[i].numbers);
		free(inner->ancestors[i].own);
		trace_close(inner->ancestors[i].trace);
	}
	free(inner->ancestors);
	free(trace->inherited.warning);
}
