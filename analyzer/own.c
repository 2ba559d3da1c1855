// SPDX-License-Identifier: MIT
/*
 * The rule of own code, in one place for marks, underlines and common folders.
 */
#include "own.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "filter.h"
#include "jit_name.h"

void own_init(struct own *own, const struct frames *frames, const struct trace *trace,
	      const char *const *globs, size_t n_globs)
{
	*own = (struct own){.frames = frames, .globs = globs, .n_globs = n_globs};
	own->programs = xcalloc(trace->n_modules, sizeof *own->programs);
	for (size_t i = 0; i < trace->n_modules; i++)
		if (trace->modules[i].main_program)
			own->programs[own->n_programs++] = trace->modules[i].path;
}

void own_release(struct own *own)
{
	free(own->programs);
	*own = (struct own){0};
}

static bool is_program(const struct own *own, const char *module)
{
	for (size_t i = 0; i < own->n_programs; i++)
		if (strcmp(module, own->programs[i]) == 0)
			return true;
	return false;
}

static bool is_system(const char *path)
{
	return strncmp(path, "/usr/", 5) == 0 || strncmp(path, "/lib", 4) == 0 || *path == '[' ||
	       *path == '<';
}

/* Where the file tells more than the module: node's own scripts have no path. */
static bool is_jit(const char *module)
{
	return strcmp(module, JIT_MODULE) == 0;
}

static bool any_glob(const struct own *own, const char *name)
{
	for (size_t i = 0; i < own->n_globs; i++)
		if (glob_match(own->globs[i], strlen(own->globs[i]), name, strlen(name)))
			return true;
	return false;
}

bool own_has(const struct own *own, const struct frame *frame)
{
	const char *file = frames_text(own->frames, frame->file, NULL);
	const char *module =
		frame->module == STRING_NONE ? "" : frames_text(own->frames, frame->module, NULL);

	if (own->n_globs)
		return any_glob(own, file) || any_glob(own, module);
	if (frame->allocator || (frame->has_line && is_system(file)))
		return false;
	if (*module && is_program(own, module))
		return true;
	return frame->has_line && (!is_system(module) || (is_jit(module) && *file == '/'));
}
