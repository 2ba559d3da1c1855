// SPDX-License-Identifier: MIT
/*
 * Source files, each read once and kept; found by the number of its name.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "regular_file.h"

#define FILE_MOST (64u << 20) /* bytes; what is larger is no source file */

struct lines_file {
	bool tried;
	bool mapped; /* --source-dir says where it is */
	char *bytes; /* NULL: cannot be read */
	size_t size;
	int64_t changed; /* seconds since the epoch */
};

struct module_time {
	uint32_t module; /* string id */
	int64_t built;	 /* seconds since the epoch; INT64_MAX: nothing is known */
};

struct lines {
	const struct frames *frames;
	const char *cwd, *sysroot;
	const struct source_dirs *source_dirs;
	int64_t recorded;	  /* seconds since the epoch; INT64_MAX: not known */
	struct lines_file *files; /* by string id */
	size_t n_files;
	struct module_time *modules;
	size_t n_modules;
};

struct lines *lines_new(const struct frames *frames, const struct trace *trace, const char *sysroot,
			const struct source_dirs *source_dirs)
{
	struct lines *lines = xcalloc(1, sizeof *lines);
	uint64_t time_ns = trace->process.time_ns;

	lines->frames = frames;
	lines->cwd = trace->process.cwd ? trace->process.cwd : "";
	lines->sysroot = sysroot ? sysroot : "";
	lines->source_dirs = source_dirs;
	lines->recorded = time_ns ? (int64_t)(time_ns / 1000000000u) : INT64_MAX;
	return lines;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->n_files; i++)
		free(lines->files[i].bytes);
	free(lines->files);
	free(lines->modules);
	free(lines);
}

/* Where a recorded path is on this machine. For the caller to free. */
static char *located(const struct lines *lines, uint32_t name)
{
	const char *path = frames_text(lines->frames, name, NULL);

	if (*path == '/')
		return xasprintf("%s%s", lines->sysroot, path);
	if (*lines->cwd)
		return xasprintf("%s%s/%s", lines->sysroot, lines->cwd, path);
	return xstrdup(path);
}

static void file_read(struct lines_file *file, int fd, size_t size)
{
	file->bytes = xmalloc(size + 1);
	while (file->size < size) {
		ssize_t n = read(fd, file->bytes + file->size, size - file->size);

		if (n <= 0)
			break;
		file->size += (size_t)n;
	}
}

static void file_load(struct lines_file *file, const char *path)
{
	struct stat state;
	int fd = regular_file_open(path, &state);

	if (fd < 0)
		return;
	if (state.st_size < FILE_MOST) {
		file->changed = state.st_mtime;
		file_read(file, fd, (size_t)state.st_size);
	}
	close(fd);
}

static struct lines_file *file_get(struct lines *lines, uint32_t name)
{
	if (name >= lines->n_files) {
		size_t n = 2 * (size_t)name + 64;

		lines->files = xreallocarray(lines->files, n, sizeof *lines->files);
		memset(lines->files + lines->n_files, 0,
		       (n - lines->n_files) * sizeof *lines->files);
		lines->n_files = n;
	}
	struct lines_file *file = &lines->files[name];

	if (!file->tried) {
		const char *recorded = frames_text(lines->frames, name, NULL);
		char *path = source_dirs_map(lines->source_dirs, recorded, lines->cwd);

		file->tried = true;
		file->mapped = path;
		if (!path)
			path = located(lines, name);
		file_load(file, path);
		free(path);
	}
	return file;
}

static int64_t built(struct lines *lines, uint32_t module)
{
	struct stat state;

	if (module == STRING_NONE)
		return lines->recorded;
	for (size_t i = 0; i < lines->n_modules; i++)
		if (lines->modules[i].module == module)
			return lines->modules[i].built;
	char *path = located(lines, module);
	int64_t time = stat(path, &state) == 0 && S_ISREG(state.st_mode) ? state.st_mtime
									 : lines->recorded;

	free(path);
	lines->modules =
		xreallocarray(lines->modules, lines->n_modules + 1, sizeof *lines->modules);
	lines->modules[lines->n_modules++] = (struct module_time){.module = module, .built = time};
	return time;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* False when there is no such line or nothing on it. */
static bool line_find(const struct lines_file *file, uint32_t line, const char **text, size_t *size)
{
	const char *at = file->bytes, *end = at + file->size;

	while (--line && at)
		if ((at = memchr(at, '\n', (size_t)(end - at))))
			at++;
	if (!at)
		return false;
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	if (newline)
		end = newline;
	while (at < end && is_blank(*at))
		at++;
	while (at < end && is_blank(end[-1]))
		end--;
	if ((size_t)(end - at) > LINE_MOST) {
		end = at + LINE_MOST;
		while (end > at && (*end & 0xc0) == 0x80) /* never inside a character */
			end--;
	}
	*text = at;
	*size = (size_t)(end - at);
	return at < end;
}

enum line_state lines_find(struct lines *lines, const struct frame *frame, const char **text,
			   size_t *size)
{
	if (!frame->has_line || !frame->line)
		return LINE_MISSING;
	struct lines_file *file = file_get(lines, frame->file);

	if (!file->bytes)
		return LINE_MISSING;
	if (!file->mapped && file->changed > built(lines, frame->module))
		return LINE_CHANGED;
	return line_find(file, frame->line, text, size) ? LINE_TEXT : LINE_MISSING;
}
