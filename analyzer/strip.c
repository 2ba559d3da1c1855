// SPDX-License-Identifier: MIT
/*
 * A snapshot in front of a snapshot: tracebacks go through it and come out with other names.
 */
#include "strip.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

struct strip {
	struct snapshot *inner;
	bool show_allocators; /* what the inner one does: telling it anew would make it forget */
	const char *const *folders;
	size_t n;
};

static uint32_t string_strip(const struct strip *strip, uint32_t string)
{
	struct frames *frames = strip->inner->frames;
	size_t size;
	const char *path = frames_text(frames, string, &size);

	for (size_t i = 0; i < strip->n; i++) {
		size_t length = strlen(strip->folders[i]);

		while (length && strip->folders[i][length - 1] == '/')
			length--;
		if (length && size > length + 1 && memcmp(path, strip->folders[i], length) == 0 &&
		    path[length] == '/')
			return frames_string(frames, path + length + 1, size - length - 1);
	}
	return string;
}

static uint32_t frame_strip(const struct strip *strip, uint32_t id)
{
	struct frame frame = *frames_get(strip->inner->frames, id);

	frame.file = string_strip(strip, frame.file);
	if (frame.module != STRING_NONE)
		frame.module = string_strip(strip, frame.module);
	return frames_frame(strip->inner->frames, &frame);
}

static uint32_t strip_traceback(void *arg, uint32_t stack)
{
	const struct strip *strip = arg;
	struct frames *frames = strip->inner->frames;
	size_t n;
	const uint32_t *ids =
		frames_traceback_get(frames, snapshot_traceback(strip->inner, stack), &n);
	uint32_t *stripped = xcalloc(n, sizeof *stripped);

	for (size_t i = 0; i < n; i++)
		stripped[i] = frame_strip(strip, ids[i]);
	uint32_t traceback = frames_traceback(frames, stripped, n);

	free(stripped);
	return traceback;
}

static void pass_on(struct strip *strip, bool show_allocators)
{
	if (strip->show_allocators != show_allocators)
		snapshot_show_allocators(strip->inner, show_allocators);
	strip->show_allocators = show_allocators;
}

static void strip_expect(void *arg, const bool *stacks, bool tracebacks, bool show_allocators)
{
	struct strip *strip = arg;

	pass_on(strip, show_allocators);
	snapshot_expect(strip->inner, stacks, tracebacks);
}

static uint32_t strip_first(void *arg, uint32_t stack, bool show_allocators)
{
	struct strip *strip = arg;

	pass_on(strip, show_allocators);
	return frame_strip(strip, snapshot_first_frame(strip->inner, stack));
}

static const char *strip_thread_name(void *arg, uint32_t thread)
{
	return snapshot_thread_name(((const struct strip *)arg)->inner, thread);
}

static const char *strip_domain_name(void *arg, uint32_t domain)
{
	return snapshot_domain_name(((const struct strip *)arg)->inner, domain);
}

static void strip_release(void *arg)
{
	struct strip *strip = arg;

	snapshot_free(strip->inner);
	free(strip);
}

struct snapshot *snapshot_strip(struct snapshot *snapshot, const char *const *folders, size_t n)
{
	struct strip *strip = xcalloc(1, sizeof *strip);

	*strip = (struct strip){.inner = snapshot, .folders = folders, .n = n};
	struct snapshot *outer = snapshot_new(snapshot->frames,
					      &(struct snapshot_stacks){
						      .n = snapshot_stacks(snapshot),
						      .traceback = strip_traceback,
						      .first = strip_first,
						      .expect = strip_expect,
						      .thread_name = strip_thread_name,
						      .domain_name = strip_domain_name,
						      .release = strip_release,
						      .arg = strip,
					      },
					      snapshot->moment);

	outer->traces = snapshot->traces;
	outer->n_traces = snapshot->n_traces;
	outer->size = snapshot->size;
	outer->event = snapshot->event;
	outer->time_ns = snapshot->time_ns;
	outer->traceback_limit = snapshot->traceback_limit;
	snapshot->traces = NULL;
	snapshot->n_traces = 0;
	return outer;
}
