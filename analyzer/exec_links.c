// SPDX-License-Identifier: MIT
/*
 * The time at which a recording began tells the order. Snapshots are no links.
 */
#include "exec_links.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "trace_folder.h"
#include "trace_head.h"

#define FILES_MOST 10000u

/* The nearest so far on either side. */
struct search {
	struct exec_links *links;
	const struct trace_head *own;
	uint64_t before_ns, after_ns;
};

static void keep(char **kept, const char *path)
{
	free(*kept);
	*kept = xstrdup(path);
}

static void look_at(struct search *search, const char *path)
{
	struct trace_head head;
	uint64_t own_ns = search->own->time_ns;
	char *message = NULL;

	if (trace_head_read(&head, path, &message) < 0) {
		free(message);
		return;
	}
	if (!head.snapshot && trace_head_same_process(&head, search->own)) {
		if (head.time_ns < own_ns && head.time_ns >= search->before_ns) {
			keep(&search->links->before, path);
			search->before_ns = head.time_ns;
		} else if (head.time_ns > own_ns && head.time_ns < search->after_ns) {
			keep(&search->links->after, path);
			search->after_ns = head.time_ns;
		}
	}
	trace_head_release(&head);
}

void exec_links_find(struct exec_links *links, const struct trace *trace)
{
	struct trace_head own;
	struct search search = {.links = links, .own = &own, .after_ns = UINT64_MAX};
	const char *slash = strrchr(trace->path, '/');
	size_t n = 0;

	*links = (struct exec_links){0};
	trace_head_of(&own, trace);
	if (strcmp(trace->path, "-") != 0 && *own.boot_id && !own.snapshot) {
		char *folder = slash ? xstrndup(trace->path, (size_t)(slash - trace->path) + 1)
				     : xstrdup(".");
		char **paths = trace_folder_list(folder, &n);

		for (size_t i = 0; i < n; i++) {
			if (i < FILES_MOST)
				look_at(&search, paths[i]);
			free(paths[i]);
		}
		free(paths);
		free(folder);
	}
	trace_head_release(&own);
}

void exec_links_release(struct exec_links *links)
{
	free(links->before);
	free(links->after);
	*links = (struct exec_links){0};
}
