// SPDX-License-Identifier: MIT
/*
 * The interposed ways out of a process image: _exit and the exec family. The trace is closed before
 * the real call; a failed exec goes on recording. libc's own exec functions reach each other by
 * internal names, so each of them stands here.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "process.h"
#include "real.h"
#include "sys.h"

EXPORT void _exit(int status)
{
	process_finish(ENDED_BY_UNDERSCORE_EXIT);
	process_say_where();
	if (real._exit)
		real._exit(status);
	sys_exit_group(status);
}

EXPORT void _Exit(int status)
{
	_exit(status);
}

/* Its handlers still run, and record into the late stream. */
EXPORT void quick_exit(int status)
{
	process_finish(ENDED_BY_UNDERSCORE_EXIT);
	real_ready()->quick_exit(status);
	sys_exit_group(status);
}

/* Forks, and the parent leaves by libc's own _exit. The child finds the epoch page wiped. */
EXPORT int daemon(int no_chdir, int no_close)
{
	process_finish(ENDED_BY_EXEC);
	int result = real_ready()->daemon(no_chdir, no_close);

	process_resume();
	return result;
}

EXPORT int execve(const char *path, char *const arguments[], char *const environment[])
{
	process_finish(ENDED_BY_EXEC);
	int result = real_ready()->execve(path, arguments, environment);

	process_resume();
	return result;
}

EXPORT int execv(const char *path, char *const arguments[])
{
	return execve(path, arguments, environ);
}

EXPORT int execvpe(const char *file, char *const arguments[], char *const environment[])
{
	process_finish(ENDED_BY_EXEC);
	int result = real_ready()->execvpe(file, arguments, environment);

	process_resume();
	return result;
}

EXPORT int execvp(const char *file, char *const arguments[])
{
	return execvpe(file, arguments, environ);
}

EXPORT int fexecve(int fd, char *const arguments[], char *const environment[])
{
	process_finish(ENDED_BY_EXEC);
	int result = real_ready()->fexecve(fd, arguments, environment);

	process_resume();
	return result;
}

EXPORT int execveat(int fd, const char *path, char *const arguments[], char *const environment[],
		    int flags)
{
	process_finish(ENDED_BY_EXEC);
	int result = real_ready()->execveat(fd, path, arguments, environment, flags);

	process_resume();
	return result;
}

/* The number of arguments after `first`, with the NULL that ends them. */
static size_t count_arguments(va_list *list)
{
	size_t n = 1;

	while (va_arg(*list, char *))
		n++;
	return n;
}

static void copy_arguments(char **arguments, const char *first, size_t n, va_list *list)
{
	arguments[0] = (char *)first;
	for (size_t i = 1; i <= n; i++)
		arguments[i] = va_arg(*list, char *);
}

/* Declares `arguments` from the variable ones; on the stack, since exec must not allocate. */
#define COLLECT_ARGUMENTS(first)                                                                   \
	va_list list;                                                                              \
	va_start(list, first);                                                                     \
	size_t n_arguments = count_arguments(&list);                                               \
	va_end(list);                                                                              \
	char **arguments = __builtin_alloca((n_arguments + 1) * sizeof *arguments);                \
	va_start(list, first);                                                                     \
	copy_arguments(arguments, first, n_arguments, &list)

EXPORT int execl(const char *path, const char *first, ...)
{
	COLLECT_ARGUMENTS(first);
	va_end(list);
	return execve(path, arguments, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	COLLECT_ARGUMENTS(first);
	va_end(list);
	return execvpe(file, arguments, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
	COLLECT_ARGUMENTS(first);
	char *const *environment = va_arg(list, char *const *);

	va_end(list);
	return execve(path, arguments, environment);
}
