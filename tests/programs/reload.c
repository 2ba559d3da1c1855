// SPDX-License-Identifier: MIT
/*
 * Loads library A, allocates in it, unloads it, loads B, which lands at the same address, allocates
 * in it, and so on. A tracer that remembers addresses takes one for the other. Prints "same
 * address" or "elsewhere": the kernel decides.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *visit(const char *directory, const char *name, const char *function, int n)
{
	char path[5000];
	void (*allocate)(int);

	snprintf(path, sizeof path, "%s/%s", directory, name);
	void *library = dlopen(path, RTLD_NOW);
	if (!library) {
		fprintf(stderr, "reload: %s\n", dlerror());
		_exit(1);
	}
	*(void **)&allocate = dlsym(library, function);
	allocate(n);
	void *address = (void *)allocate;
	dlclose(library);
	return address;
}

int main(void)
{
	char directory[4096];
	ssize_t n = readlink("/proc/self/exe", directory, sizeof directory - 1);
	bool same = true;

	directory[n > 0 ? n : 0] = '\0';
	*strrchr(directory, '/') = '\0';
	for (int i = 0; i < 10; i++) {
		void *a = visit(directory, "libreload_a.so", "allocate_in_a", 10);
		same &= a == visit(directory, "libreload_b.so", "allocate_in_b", 20);
	}
	puts(same ? "same address" : "elsewhere");
	return 0;
}
