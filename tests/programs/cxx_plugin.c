// SPDX-License-Identifier: MIT
/*
 * A C program that loads C++ code and ends threads through its frames, by pthread_exit and by
 * cancellation: destructors must run. (A tracer that brings its own _Unwind_* into the global scope
 * makes this crash.)
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*plugin_exit)(void *), *(*plugin_wait)(void *);
static int (*plugin_throw)(int), (*plugin_destroyed)(void);
static int ready[2];

static void *exit_through(void *arg)
{
	return plugin_exit(arg);
}

static void *wait_through(void *arg)
{
	return plugin_wait(arg);
}

int main(int argc, char **argv)
{
	char path[4096];
	pthread_t id;
	void *result;
	char byte;
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);

	(void)argc, (void)argv;
	path[n > 0 ? n : 0] = '\0';
	strcpy(strrchr(path, '/'), "/libplugin.so");
	void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!plugin || pipe(ready)) {
		fprintf(stderr, "cxx_plugin: %s\n", dlerror());
		return 1;
	}
	*(void **)&plugin_exit = dlsym(plugin, "plugin_exit");
	*(void **)&plugin_wait = dlsym(plugin, "plugin_wait");
	*(void **)&plugin_throw = dlsym(plugin, "plugin_throw");
	*(void **)&plugin_destroyed = dlsym(plugin, "plugin_destroyed");
	printf("thrown and caught %d\n", plugin_throw(20));
	for (int i = 0; i < 10; i++) {
		pthread_create(&id, NULL, exit_through, &ready[1]);
		pthread_join(id, &result);
		printf("pthread_exit: %s, destroyed %d\n", (char *)result, plugin_destroyed());
		pthread_create(&id, NULL, wait_through, &ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			return 1;
		pthread_cancel(id);
		pthread_join(id, &result);
		printf("cancelled: %d, destroyed %d\n", result == PTHREAD_CANCELED,
		       plugin_destroyed());
	}
	dlclose(plugin);
	return 0;
}
