// SPDX-License-Identifier: MIT
/*
 * Paths as people say them. Only what is shown changes: groups are made of the names as recorded.
 */
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean_path.h"
#include "die.h"

void place_init(struct place *place, const struct frames *frames, const struct terminal *terminal,
		const struct trace *trace, const struct source_dirs *source_dirs, bool full_names)
{
	*place = (struct place){
		.frames = frames,
		.terminal = terminal,
		.cwd = trace->process.cwd ? trace->process.cwd : "",
		.host = trace->process.host ? trace->process.host : "",
		.source_dirs = source_dirs,
		.full_names = full_names,
	};
}

void place_release(struct place *place)
{
	free(place->base);
	place->base = NULL;
}

static bool is_under(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return n > 1 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* Cuts the folder BASE (ending with '/') back to what it shares with PATH. */
static void common_folder(char *base, const char *path)
{
	size_t same = 0, slash = 0;

	for (; base[same] && base[same] == path[same]; same++)
		if (base[same] == '/')
			slash = same + 1;
	base[slash] = '\0';
}

void place_learn(struct place *place, const struct own *own, const struct frame *frame)
{
	const char *file = frames_text(place->frames, frame->file, NULL);

	if (!frame->has_line || *file != '/' || !own_has(own, frame))
		return;
	char *path = clean_path(file), *slash = strrchr(path, '/');

	if (is_under(path, place->cwd)) {
		free(place->base);
		place->base = xasprintf("%s/", place->cwd);
		place->base_matters = false;
	} else if (!place->base) {
		slash[1] = '\0';
		place->base = path;
		place->base_matters = true;
		path = NULL;
	} else if (place->base_matters) {
		common_folder(place->base, path);
	}
	free(path);
}

void place_learned(struct place *place)
{
	/* "/" and "/home/" save nobody anything. */
	if (place->base_matters &&
	    (!place->base[1] || strchr(place->base + 1, '/') == strrchr(place->base, '/'))) {
		place_release(place);
		place->base_matters = false;
	}
	if (!place->base && strlen(place->cwd) > 1)
		place->base = xasprintf("%s/", place->cwd);
}

char *place_path(const struct place *place, const char *path)
{
	char *clean = place->full_names ? xstrdup(path) : clean_path(path);
	size_t n = place->base ? strlen(place->base) : 0;
	const char *shown =
		n && !place->full_names && strncmp(clean, place->base, n) == 0 ? clean + n : clean;
	char *safe = terminal_safe(place->terminal, shown, strlen(shown));

	free(clean);
	return safe;
}

char *place_file(const struct place *place, const struct frame *frame)
{
	const char *file = frames_text(place->frames, frame->file, NULL);
	const char *slash = !frame->has_line && !place->full_names ? strrchr(file, '/') : NULL;

	return place_path(place, slash ? slash + 1 : file);
}

char *place_line(const struct place *place, const struct frame *frame)
{
	char *file = place_file(place, frame), *text = xasprintf("%s:%u", file, frame->line);

	free(file);
	return text;
}

char *place_function(const struct place *place, const struct frame *frame)
{
	size_t size;
	const char *name = frame->function == STRING_NONE
				   ? NULL
				   : frames_text(place->frames, frame->function, &size);

	return name ? terminal_safe(place->terminal, name, size) : xstrdup("?");
}

char *place_module(const struct place *place, const struct frame *frame)
{
	const char *path =
		frame->module == STRING_NONE ? "" : frames_text(place->frames, frame->module, NULL);
	const char *slash = strrchr(path, '/');

	if (slash && !place->full_names)
		path = slash + 1;
	return *path ? terminal_safe(place->terminal, path, strlen(path)) : NULL;
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._~/", c);
}

static char *absolute(const struct place *place, const char *file)
{
	return *file == '/' || !*place->cwd ? xstrdup(file) : xasprintf("%s/%s", place->cwd, file);
}

char *place_link(const struct place *place, const struct frame *frame)
{
	const char *file = frames_text(place->frames, frame->file, NULL);
	char *mapped = source_dirs_map(place->source_dirs, file, place->cwd), *link = NULL;
	char *path = mapped ? realpath(mapped, NULL) : absolute(place, file);
	const char *host = mapped ? "" : place->host; /* a tree that was moved is here */

	if (frame->has_line && path && *path == '/') {
		link = xmalloc(strlen("file://#") + 3 * (strlen(host) + strlen(path)) + 12);
		char *at = stpcpy(link, "file://");

		for (const char *from = host; *from; from++)
			if (is_unreserved((unsigned char)*from) && *from != '/')
				*at++ = *from;
		for (const char *from = path; *from; from++)
			at += sprintf(at, is_unreserved((unsigned char)*from) ? "%c" : "%%%02X",
				      (unsigned char)*from);
		sprintf(at, "#%u", frame->line);
	}
	free(path);
	free(mapped);
	return link;
}
