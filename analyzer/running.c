// SPDX-License-Identifier: MIT
/*
 * A file is opened in two steps: without access first, which does nothing whatever it is, and once
 * it is known to be a regular file of the right owner, again through that descriptor.
 */
#include "running.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/format.h"
#include "common/journal.h"
#include "die.h"
#include "elf_check.h"
#include "proc.h"

#define MEMORY_LINK "/memfd:" CONTROL_MEMORY " (deleted)"
#define DELETED " (deleted)"
#define PID_DIGITS 10

/* What the mappings of a process tell. */
struct mapped {
	bool any;
	bool library;
	bool memory;	   /* a control area without a file */
	char *journal;	   /* NULL: none, or removed */
	bool journal_gone; /* it was removed */
};

bool running_is_meant(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && n <= PID_DIGITS && !text[n] && access(text, F_OK) < 0;
}

/* The number by which the process knows itself, which in a container is another one. */
static unsigned long own_pid(const struct running *running)
{
	char *numbers = proc_status(running->directory, "NSpid:");
	const char *last = numbers ? strrchr(numbers, '\t') : NULL;
	unsigned long pid = strtoul(last ? last + 1 : numbers ? numbers : running->pid, NULL, 10);

	free(numbers);
	return pid;
}

bool running_is_alive(const struct running *running, bool *stopped)
{
	char *state = proc_status(running->directory, "State:");
	bool alive = state && !strchr("ZXx", *state);

	*stopped = state && strchr("Tt", *state);
	free(state);
	return alive;
}

/* The name opened for reading and writing, or -1. FLAGS: whether a link is followed. */
static int open_checked(const struct running *running, const char *name, int flags, off_t least)
{
	char again[64];
	struct stat state, process;
	int fd = -1, at = openat(running->directory, name, O_PATH | O_CLOEXEC | flags);

	if (at < 0)
		return -1;
	if (fstat(at, &state) == 0 && S_ISREG(state.st_mode) && state.st_size >= least &&
	    fstat(running->directory, &process) == 0 &&
	    (state.st_uid == geteuid() || state.st_uid == process.st_uid)) {
		snprintf(again, sizeof again, "/proc/self/fd/%d", at);
		fd = open(again, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	close(at);
	return fd;
}

static bool has_page(int fd)
{
	struct control control;

	return pread(fd, &control, sizeof control, CONTROL_OFFSET) == sizeof control &&
	       control.magic == CONTROL_MAGIC;
}

bool running_read(const struct running *running, struct control *control)
{
	return pread(running->page, control, sizeof *control, CONTROL_OFFSET) == sizeof *control;
}

/* In /proc/PID/maps, of all letters only the newline is written otherwise. */
static char *path_copy(const char *text)
{
	char *path = xstrdup(text), *to = path;

	for (const char *at = text; *at; to++) {
		bool newline = strncmp(at, "\\012", 4) == 0;

		*to = newline ? '\n' : *at;
		at += newline ? 4 : 1;
	}
	*to = '\0';
	return path;
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size >= n && strcmp(text + size - n, end) == 0;
}

static void line_read(struct mapped *mapped, const char *line)
{
	const char *path = strchr(line, '/'), *name = path ? strrchr(path, '/') + 1 : NULL;
	unsigned long long offset;
	char rights[5];

	if (!path || sscanf(line, "%*x-%*x %4s %llx", rights, &offset) != 2)
		return;
	mapped->library |= strncmp(name, "libtmtrace.so", 13) == 0;
	if (rights[3] != 's' || offset)
		return;
	mapped->memory |= strcmp(path, MEMORY_LINK) == 0;
	mapped->journal_gone |= ends_with(path, JOURNAL_SUFFIX DELETED);
	if (ends_with(path, JOURNAL_SUFFIX) && !mapped->journal)
		mapped->journal = path_copy(path);
}

/* False if they must not be read. */
static bool maps_read(const struct running *running, struct mapped *mapped)
{
	int fd = openat(running->directory, "maps", O_RDONLY | O_CLOEXEC);
	FILE *maps = fd >= 0 ? fdopen(fd, "r") : NULL;
	char *line = NULL;
	size_t size = 0;

	*mapped = (struct mapped){0};
	if (!maps)
		return errno != EACCES && errno != EPERM;
	while (getline(&line, &size, maps) > 0) {
		mapped->any = true;
		line[strcspn(line, "\n")] = '\0';
		line_read(mapped, line);
	}
	free(line);
	fclose(maps);
	return true;
}

/* The file's name here: that in the process's own tree of folders, unless it is the same one. */
static char *path_here(const struct running *running, const char *path, int fd)
{
	struct stat theirs, ours;

	if (fstat(fd, &theirs) == 0 && stat(path, &ours) == 0 && theirs.st_dev == ours.st_dev &&
	    theirs.st_ino == ours.st_ino)
		return xstrdup(path);
	return xasprintf("/proc/%s/root%s", running->pid, path);
}

/* The page in the journal. */
static void take_journal(struct running *running, const char *journal)
{
	char *name = xasprintf("root%s", journal), *path;
	uint8_t magic[sizeof journal_magic];
	int fd = open_checked(running, name, O_NOFOLLOW, JOURNAL_HEADER_SIZE);

	free(name);
	if (fd < 0)
		return;
	if (pread(fd, magic, sizeof magic, 0) != sizeof magic ||
	    memcmp(magic, journal_magic, sizeof magic) != 0 || !has_page(fd)) {
		close(fd);
		return;
	}
	path = path_here(running, journal, fd);
	path[strlen(path) - strlen(JOURNAL_SUFFIX)] = '\0';
	running->page = fd;
	running->trace = path;
}

/* Calls `take` with each descriptor, as fd/N, and what it is of, until that returns true. */
static void descriptors_each(struct running *running,
			     bool (*take)(struct running *, const char *name, const char *target))
{
	int fd = openat(running->directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	char target[PATH_MAX];
	bool done = false;

	while (directory && !done && (entry = readdir(directory))) {
		ssize_t n = readlinkat(fd, entry->d_name, target, sizeof target - 1);

		if (n <= 0)
			continue;
		target[n] = '\0';
		char *name = xasprintf("fd/%s", entry->d_name);

		done = take(running, name, target);
		free(name);
	}
	if (directory)
		closedir(directory);
}

/* The page that is no file. */
static bool take_memory(struct running *running, const char *name, const char *target)
{
	int fd = strcmp(target, MEMORY_LINK) == 0
			 ? open_checked(running, name, 0, CONTROL_PAGE_SIZE)
			 : -1;

	if (fd < 0)
		return false;
	if (!has_page(fd)) {
		close(fd);
		return false;
	}
	running->page = fd;
	return true;
}

/* The trace that has no journal, by its identity. */
static bool take_trace(struct running *running, const char *name, const char *target)
{
	uint8_t bytes[TMZ_FILE_HEADER_SIZE];
	struct file_header header;
	struct control control;
	int fd = *target == '/' && running_read(running, &control)
			 ? open_checked(running, name, 0, sizeof bytes)
			 : -1;
	bool found = fd >= 0 && pread(fd, bytes, sizeof bytes, 0) == sizeof bytes &&
		     file_header_get(bytes, &header) == FILE_HEADER_OK &&
		     header.identity == control.identity;

	if (found)
		running->trace = path_here(running, target, fd);
	if (fd >= 0)
		close(fd);
	return found;
}

/* Why a process that has the library has no page to be found. */
static char *unreachable(const struct running *running, const struct mapped *mapped)
{
	size_t size;
	char *environment = proc_read(running->directory, "environ", &size);
	const char *why;
	bool childless = false;

	for (size_t at = 0; at < size; at += strlen(environment + at) + 1)
		childless |= strcmp(environment + at, "TMTRACE_CHILDREN=0") == 0 ||
			     strcmp(environment + at, "TMTRACE_CHILDREN=-") == 0;
	free(environment);
	if (mapped->journal)
		why = "its journal cannot be used: it belongs to another user, or to another "
		      "version of tmtrace";
	else if (mapped->journal_gone)
		why = "its journal is gone: it is about to end, or somebody has removed the file";
	else if (mapped->memory)
		why = "it has closed the descriptor by which tmtrace finds it before anything was "
		      "recorded";
	else if (childless)
		why = "it is a child of a program that ran with TMTRACE_CHILDREN=0";
	else
		why = "it runs with elevated privileges, or with another version of libtmtrace.so";
	return xasprintf("%s (%s) cannot be asked: %s", running->pid, running->program, why);
}

static char *without_library(const struct running *running)
{
	char *path = xasprintf("/proc/%s/exe", running->pid), *why = elf_check(path), *message;

	free(path);
	message =
		why ? xasprintf("%s (%s) %s", running->pid, running->program, why)
		    : xasprintf("%s (%s) runs without libtmtrace.so; it is there from the start of "
				"a program or not at all: tmtrace run, with TMTRACE_START=0 to "
				"record nothing before 'tmtrace ctl PID start'",
				running->pid, running->program);
	free(why);
	return message;
}

/* Whether the page is what this process and this command speak. */
static char *page_check(const struct running *running)
{
	struct control control;

	if (!running_read(running, &control) || control.magic != CONTROL_MAGIC)
		return xasprintf("%s has ended", running->pid);
	if (control.version != CONTROL_VERSION)
		return xasprintf(
			"%s (%s) has a libtmtrace.so of another version, which speaks version "
			"%u of what this tmtrace speaks in version %u",
			running->pid, running->program, control.version, CONTROL_VERSION);
	if (control.pid != own_pid(running))
		return xasprintf(
			"%s (%s) has not allocated since it was forked from %u; it cannot be "
			"asked before it does",
			running->pid, running->program, control.pid);
	return NULL;
}

static char *find(struct running *running)
{
	struct mapped mapped;
	char *message = NULL;

	if (!maps_read(running, &mapped))
		return xasprintf("%s (%s) is not yours to look into", running->pid,
				 running->program);
	if (mapped.journal)
		take_journal(running, mapped.journal);
	if (running->page < 0)
		descriptors_each(running, take_memory);
	if (running->page < 0)
		message = mapped.library ? unreachable(running, &mapped)
			  : mapped.any	 ? without_library(running)
					 : xasprintf("%s (%s) is no program: it has no memory",
						     running->pid, running->program);
	else
		message = page_check(running);
	if (!message && !running->trace)
		descriptors_each(running, take_trace);
	free(mapped.journal);
	return message;
}

char *running_open(struct running *running, const char *pid)
{
	char *path = xasprintf("/proc/%s", pid), *group;
	bool stopped;
	size_t size;

	*running = (struct running){.pid = xstrdup(pid), .page = -1};
	running->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	if (running->directory < 0)
		return xasprintf("%s: no such process", pid);
	running->program = proc_read(running->directory, "comm", &size);
	running->program[strcspn(running->program, "\n")] = '\0';
	group = proc_status(running->directory, "Tgid:");
	char *message = group && strtoul(group, NULL, 10) != strtoul(pid, NULL, 10)
				? xasprintf("%s is a thread of process %s", pid, group)
				: find(running);

	free(group);
	if (!running_is_alive(running, &stopped)) {
		free(message);
		message = xasprintf("%s has ended", pid);
	}
	return message;
}

void running_close(struct running *running)
{
	if (running->directory >= 0)
		close(running->directory);
	if (running->page >= 0)
		close(running->page);
	free(running->pid);
	free(running->program);
	free(running->trace);
	*running = (struct running){.directory = -1, .page = -1};
}
