// SPDX-License-Identifier: MIT
// The C++ code that cxx_plugin.c loads.
#include <atomic>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

static std::atomic<int> destroyed;
static volatile bool no_one_leaves;

struct guard {
	std::string text = std::string(100, 'g');
	~guard()
	{
		std::vector<std::string> more(3, text); // allocates while the stack unwinds
		destroyed += (int)more.size();
	}
};

__attribute__((noinline)) static void leave(int depth)
{
	guard g;

	if (depth)
		leave(depth - 1);
	else if (!no_one_leaves)
		pthread_exit(const_cast<char *>("left"));
	g.text += "x";
}

__attribute__((noinline)) static void wait_for_ever(int depth, int fd)
{
	guard g;

	if (depth) {
		wait_for_ever(depth - 1, fd);
	} else {
		if (write(fd, "r", 1) != 1)
			return;
		for (;;) {
			auto block = std::make_unique<std::string>(1000, 'w');
			pthread_testcancel();
			usleep(100);
		}
	}
	g.text += "x";
}

__attribute__((noinline)) static int throw_from(int depth)
{
	guard g;

	if (!depth)
		throw std::runtime_error(g.text);
	return throw_from(depth - 1) + 1;
}

extern "C" void *plugin_exit(void *)
{
	leave(5);
	return nullptr;
}

extern "C" void *plugin_wait(void *fd)
{
	wait_for_ever(5, *static_cast<int *>(fd));
	return nullptr;
}

extern "C" int plugin_throw(int times)
{
	int caught = 0;

	for (int i = 0; i < times; i++)
		try {
			throw_from(i);
		} catch (const std::exception &e) {
			caught += std::string(e.what()).size() == 100;
		}
	return caught;
}

extern "C" int plugin_destroyed()
{
	return destroyed;
}
