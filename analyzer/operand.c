// SPDX-License-Identifier: MIT
/*
 * Traces are only looked for: by name, as the newest one here, or as what a running process says.
 */
#include "operand.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "amount.h"
#include "die.h"
#include "running.h"

static bool is_newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

static char *newest(void)
{
	DIR *directory = opendir(".");
	struct stat newest_state = {0};
	char *name = NULL;

	if (!directory)
		die("the working directory:");
	for (const struct dirent *entry; (entry = readdir(directory));) {
		struct stat state;

		if (fnmatch("tmtrace.*.tmz", entry->d_name, 0) != 0 ||
		    stat(entry->d_name, &state) < 0 || !S_ISREG(state.st_mode))
			continue;
		/* Of two made at the same instant the greater name, so that the choice does not depend on the disk. */
		if (name && !is_newer(&state, &newest_state) &&
		    (is_newer(&newest_state, &state) || strcmp(entry->d_name, name) < 0))
			continue;
		free(name);
		name = xstrdup(entry->d_name);
		newest_state = state;
	}
	closedir(directory);
	if (!name)
		die("no trace given, and no tmtrace.*.tmz in the working directory");
	warn("reading %s, the newest trace here", name);
	return name;
}

/* The path; in place of a process its trace. */
static char *path_find(const char *text, size_t size)
{
	char *path = xstrndup(text, size);
	struct running running;

	if (!running_is_meant(path))
		return path;
	char *message = running_open(&running, path), *trace = running.trace;

	if (!message && !trace)
		message = xasprintf("%s (%s) is not recording and has no trace yet; "
				    "'tmtrace ctl %s start' begins to",
				    path, running.program, path);
	if (message)
		die("%s", message);
	running.trace = NULL;
	running_close(&running);
	free(path);
	return trace;
}

void operand_parse(struct operand *operand, const char *text)
{
	const char *mark = text ? strstr(text, "@mark:") : NULL; /* its name may have any letters */
	const char *at = mark || !text ? mark : strrchr(text, '@');

	*operand = (struct operand){0};
	moment_parse("end", &operand->moment);
	if (at && access(text, F_OK) < 0) {
		operand->text = xstrdup(at + 1);
		if (moment_parse(operand->text, &operand->moment)) {
			operand->path =
				at == text ? newest() : path_find(text, (size_t)(at - text));
			return;
		}
		if (!strchr(at, '/'))
			die_usage("%s: no moment '@%s'; moments are @end, @start, @peak, @12.5s, "
				  "@event:N and @mark:NAME",
				  text, at + 1);
		moment_parse("end", &operand->moment);
	}
	operand->path = text ? path_find(text, strlen(text)) : newest();
}

void operand_at(struct operand *operand, char *path, const struct operand *moment)
{
	*operand = (struct operand){.path = path};
	operand->text = xstrdup(moment->moment.text);
	moment_parse(operand->text, &operand->moment);
}

void operand_release(struct operand *operand)
{
	free(operand->path);
	free(operand->text);
	*operand = (struct operand){0};
}

char *operand_words(const struct operand *operand)
{
	const struct moment *moment = &operand->moment;
	char number[AMOUNT_MAX];

	switch (moment->kind) {
	case MOMENT_START:
		return xstrdup("at the start");
	case MOMENT_PEAK:
		return xstrdup("at the peak");
	case MOMENT_TIME:
		return xasprintf("at %.*s s", (int)strlen(moment->text) - 1, moment->text);
	case MOMENT_EVENT:
		return xasprintf("after event %s", amount_count(moment->event, number));
	case MOMENT_MARK:
		return xasprintf("at mark %s", moment->text + strlen("mark:"));
	default:
		return xstrdup("at the end");
	}
}
