// SPDX-License-Identifier: MIT
/*
 * Allocates at every moment of a process: before main in .preinit_array and in constructors of
 * several priorities, and after it in static destructors, atexit, destructors and a library's
 * destructor. Prints "leaks BYTES LINE MOMENT" for each block it leaves; BYTES is a different
 * number for each.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

static void say(size_t size, int line, const char *moment)
{
	char text[200]; // no stdio: that would allocate at the wrong moments

	if (write(1, text,
		  (size_t)snprintf(text, sizeof text, "leaks %zu %d %s\n", size, line, moment)) < 0)
		abort();
}

static void *volatile sink;
#define LEAK(size, moment) (sink = malloc(size), free(malloc(9)), say(size, __LINE__, moment))

static void preinit(int, char **, char **)
{
	LEAK(1001, "preinit_array");
}
__attribute__((section(".preinit_array"), used)) static void (*preinit_entry)(int, char **,
									      char **) = preinit;

__attribute__((constructor(101))) static void constructor_first()
{
	LEAK(1002, "constructor 101");
}

__attribute__((constructor)) static void constructor_default()
{
	LEAK(1003, "constructor");
}

__attribute__((constructor(65535))) static void constructor_last()
{
	LEAK(1004, "constructor 65535");
}

struct global {
	global()
	{
		LEAK(1005, "static constructor");
	}
	~global()
	{
		LEAK(1006, "static destructor");
	}
};
static global object;

__attribute__((destructor(101))) static void destructor_last()
{
	LEAK(1007, "destructor 101, the last");
}

__attribute__((destructor)) static void destructor_default()
{
	LEAK(1008, "destructor");
}

int main()
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);

	path[n > 0 ? n : 0] = '\0';
	strcpy(strrchr(path, '/'), "/liblate.so");
	LEAK(1009, "main");
	atexit([] { LEAK(1010, "atexit"); });
	return dlopen(path, RTLD_NOW) ? 0 : 1;
}
