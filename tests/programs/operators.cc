// SPDX-License-Identifier: MIT
// operators N [throw]: N rounds of all operators of C++ that allocate and free, 12 pairs each, half of them in loaded code; then N that fail.
#include "liboperators.cc"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[4096];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
	auto folder = std::string(path, size > 0 ? (size_t)size : 0);
	int n = argc > 1 ? atoi(argv[1]) : 0;
	void *library = dlopen((folder.substr(0, folder.rfind('/')) + "/liboperators.so").c_str(),
			       RTLD_LAZY | RTLD_LOCAL);
	void (*loaded)() = nullptr;

	if (library)
		*(void **)&loaded = dlsym(library, "operators_round");
	if (!loaded) {
		puts(dlerror());
		return 1;
	}
	for (int i = 0; i < n; i++)
		i % 2 ? loaded() : operators_round();
	void (*again)() = loaded == operators_round ? nullptr : loaded;
	dlclose(library);
	for (int i = 0; argc > 2 && i < n; i++)
		try {
			operators_round();
			held = operator new(~(size_t)0 >> 8);
			return 1;
		} catch (std::bad_alloc &) {
		}
	printf("%d rounds, %s\n", n, again ? "both" : "one");
	return 0;
}
