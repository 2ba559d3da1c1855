// SPDX-License-Identifier: MIT
/*
 * tmtrace run: sets the environment of the recorder, then becomes the program.
 *
 * The trace is created here, so that a place that cannot be written to is known before the program
 * starts. TMTRACE_RUN hands it over: "PID:PATH" of a file that process PID takes if it is still
 * empty; its children see another PID and make their own from TMTRACE_OUTPUT.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal.h"
#include "die.h"
#include "elf_check.h"
#include "query.h"

#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127
#define SUFFIX_MOST 9999

#ifdef TMTRACE_LIBDIR
#define INSTALLED_LIBRARY TMTRACE_LIBDIR "/libtmtrace.so"
#else
#define INSTALLED_LIBRARY "/usr/local/lib/tmtrace/libtmtrace.so"
#endif

/* Where the recorder is: beside this command, or where `make install` puts it. */
static char *library_find(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *places[3] = {NULL, NULL, xstrdup(INSTALLED_LIBRARY)}, *found = NULL;

	self[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self, '/');

	if (slash) {
		*slash = '\0';
		places[0] = xasprintf("%s/libtmtrace.so", self);
		places[1] = xasprintf("%s/../lib/tmtrace/libtmtrace.so", self);
	}
	for (size_t i = 0; i < 3; i++)
		if (places[i] && !found && access(places[i], R_OK) == 0)
			found = realpath(places[i], NULL);
	if (!found)
		die("cannot find libtmtrace.so: it is neither beside tmtrace, nor in "
		    "../lib/tmtrace, nor is it %s",
		    places[2]);
	if (strpbrk(found, ": "))
		die("%s: LD_PRELOAD cannot name a path with a blank or a colon; install tmtrace "
		    "elsewhere",
		    found);
	for (size_t i = 0; i < 3; i++)
		free(places[i]);
	return found;
}

/* Finds NAME as execvp will, or else one that may not be executed. NULL when there is no such file. */
static char *program_find(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return access(name, F_OK) == 0 ? xstrdup(name) : NULL;
	char *forbidden = NULL;

	if (!path)
		path = "/bin:/usr/bin";
	for (const char *at = path; *name && at; at = *at ? at + 1 : NULL) {
		size_t n = strcspn(at, ":");
		char *file = n ? xasprintf("%.*s/%s", (int)n, at, name) : xstrdup(name);
		struct stat state;

		at += n;
		if (stat(file, &state) < 0 || !S_ISREG(state.st_mode)) {
			free(file);
			continue;
		}
		bool executable = access(file, X_OK) == 0;

		if (!executable && !forbidden) {
			forbidden = file;
			continue;
		}
		if (executable) {
			free(forbidden);
			return file;
		}
		free(file);
	}
	return forbidden;
}

/* PATTERN made absolute; percent signs of the working directory are doubled. */
static char *pattern_absolute(const char *pattern)
{
	char *cwd = *pattern == '/' ? NULL : getcwd(NULL, 0);

	if (*pattern == '/')
		return xstrdup(pattern);
	if (!cwd)
		die("the working directory:");
	char *absolute = xmalloc(2 * strlen(cwd) + strlen(pattern) + 2), *to = absolute;

	for (const char *at = cwd; *at; at++) {
		if (*at == '%')
			*to++ = '%';
		*to++ = *at;
	}
	if (to == absolute || to[-1] != '/')
		*to++ = '/';
	strcpy(to, pattern);
	free(cwd);
	return absolute;
}

static char *pattern_expand(const char *pattern, const char *program)
{
	char host[HOST_NAME_MAX + 1] = "", pid[16], path[PATH_MAX];
	const char *slash = strrchr(program, '/');
	size_t n = 0;

	gethostname(host, sizeof host - 1);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	for (const char *at = pattern; *at; at++) {
		char plain[2] = {*at, '\0'};
		const char *text = plain;

		if (*at == '%') {
			at++;
			text = *at == 'p'   ? pid
			       : *at == 'e' ? (slash ? slash + 1 : program)
			       : *at == 'h' ? host
			       : *at == '%' ? "%"
					    : NULL;
		}
		if (!text)
			die_usage("output '%s': %%%s is none of %%p, %%e, %%h and %%%%", pattern,
				  *at ? (char[]){*at, '\0'} : "");
		size_t length = strlen(text);

		if (n + length >= sizeof path)
			die("output '%s': the name gets too long", pattern);
		memcpy(path + n, text, length);
		n += length;
	}
	return xstrndup(path, n);
}

/* A journal that a killed program left would be taken for the new trace's. */
static bool has_journal(const char *path)
{
	char *journal = xasprintf("%s" JOURNAL_SUFFIX, path);
	struct stat state;
	bool found = lstat(journal, &state) == 0;

	free(journal);
	return found;
}

/* Creates PATH, or PATH.1, PATH.2 ... when that or its journal exists. */
static char *trace_create(const char *path)
{
	struct stat state;

	if (lstat(path, &state) == 0 && !S_ISREG(state.st_mode) && !S_ISLNK(state.st_mode))
		die("%s: cannot create the trace: it is %s", path,
		    S_ISDIR(state.st_mode) ? "a directory" : "no regular file");
	for (unsigned suffix = 0; suffix <= SUFFIX_MOST; suffix++) {
		char *name = suffix ? xasprintf("%s.%u", path, suffix) : xstrdup(path);
		bool taken = has_journal(name);
		int fd = taken ? -1
			       : open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				      0600);

		if (fd >= 0) {
			close(fd);
			return name;
		}
		if (!taken && errno != EEXIST)
			die("%s: cannot create the trace:", name);
		free(name);
	}
	die("%s: cannot create the trace: it and %u others exist already", path, SUFFIX_MOST);
}

static void variable_set(const char *name, const char *value)
{
	if (setenv(name, value, 1) < 0)
		die("cannot set %s:", name);
}

static void environment_set(const struct query *query, const char *pattern, const char *trace)
{
	const char *preloaded = getenv("LD_PRELOAD");
	char *library = library_find(), *run = xasprintf("%d:%s", (int)getpid(), trace), *preload;

	preload =
		preloaded && *preloaded ? xasprintf("%s:%s", library, preloaded) : xstrdup(library);
	variable_set("LD_PRELOAD", preload);
	variable_set("TMTRACE_OUTPUT", pattern);
	variable_set("TMTRACE_RUN", run);
	if (query->nframe) {
		char *nframe = xasprintf("%llu", (unsigned long long)query->nframe);

		variable_set("TMTRACE_NFRAME", nframe);
		free(nframe);
	}
	free(library);
	free(run);
	free(preload);
}

static void program_check(const char *name)
{
	char *file = program_find(name), *why;

	if (!file) {
		warn("%s: %s", name, strchr(name, '/') ? strerror(ENOENT) : "no such command");
		exit(EXIT_NOT_FOUND);
	}
	if (access(file, X_OK) < 0) {
		warn("%s:", name);
		exit(EXIT_NOT_EXECUTABLE);
	}
	why = elf_check(file);
	if (why)
		die("%s %s", name, why);
	free(file);
}

int cmd_run(const struct query *query)
{
	const char *name = query->operands[0],
		   *output = query->output ? query->output : getenv("TMTRACE_OUTPUT");
	char *pattern = pattern_absolute(output && *output ? output : "tmtrace.%e.%p.tmz");
	char *path = pattern_expand(pattern, name);

	free(library_find()); /* says now, before anything is created, when it is not there */
	program_check(name);
	char *trace = trace_create(path);

	environment_set(query, pattern, trace);
	execvp(name, query->operands);
	int error = errno;

	warn("%s:", name);
	unlink(trace);
	exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}
