// SPDX-License-Identifier: MIT
/*
 * torture [CASE...]: runs all cases, or these. Prints each name once it is through.
 */
#include "torture.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{
void *volatile sink;

/* ---- exceptions ---- */

struct trouble {
	char text[100];
	explicit trouble(int n)
	{
		snprintf(text, sizeof text, "%d", n);
	}
};

/* Allocates while it is constructed, and while an exception destroys it. */
struct guard {
	char *block;
	explicit guard(size_t size) : block(new char[size])
	{
		take(3000);
	}
	guard(const guard &) = delete;
	guard &operator=(const guard &) = delete;
	~guard()
	{
		take(3001);
		delete[] block;
	}
};

APART int thrower(int depth)
{
	guard held(64);

	if (!depth)
		throw trouble(depth);
	int below = thrower(depth - 1);

	KEEP();
	return below + held.block[0];
}

APART int catcher(int depth)
{
	guard held(65);

	try {
		return thrower(depth);
	} catch (const trouble &) {
		take(3002);
		if (depth % 2)
			throw;
		try {
			thrower(2);
		} catch (const trouble &inner) {
			take(3003);
			return inner.text[0];
		}
	}
	return 0;
}

void case_exceptions()
{
	for (int depth = 0; depth < 20; depth++) {
		try {
			catcher(depth);
		} catch (...) {
			take(3004);
		}
	}
}

APART void promise(int n) noexcept
{
	try {
		thrower(n);
	} catch (int) {
		take(3005);
	} catch (...) {
		take(3006);
	}
}

struct base {
	virtual ~base() = default;
	virtual void act(int n) = 0;
};

struct left : virtual base {
	long padding = 1;
	void act(int n) override
	{
		take(3100 + (size_t)n);
	}
};

struct right : virtual base {
	long padding = 2;
};

/* Virtual bases: calls go through thunks that adjust `this` and jump. */
struct both final : right, left {
	void act(int n) override
	{
		take(3200);
		left::act(n);
	}
};

void case_thunks()
{
	both object;
	base *volatile pointer = &object;

	for (int i = 0; i < 5; i++) {
		pointer->act(i);
		promise(i);
	}
}

/* ---- threads ---- */

pthread_key_t key;

void at_key_end(void *value)
{
	take(3300);
	if ((long)value < 3)
		pthread_setspecific(key, (void *)((long)value + 1));
}

struct of_thread {
	char *block = new char[10];
	~of_thread()
	{
		take(3301);
		delete[] block;
	}
};

thread_local of_thread local;

void at_cleanup(void *)
{
	take(3302);
}

APART void leave_thread(int depth)
{
	guard held(66);

	if (!depth)
		pthread_exit(nullptr);
	leave_thread(depth - 1);
	KEEP();
}

void *run_thread(void *number)
{
	local.block[0] = 1;
	pthread_setspecific(key, (void *)1);
	pthread_cleanup_push(at_cleanup, nullptr);
	if ((long)number % 2)
		leave_thread(3);
	case_exceptions();
	pthread_cleanup_pop(1);
	return nullptr;
}

void case_threads()
{
	pthread_t threads[6];

	pthread_key_create(&key, at_key_end);
	for (long i = 0; i < 6; i++)
		pthread_create(&threads[i], nullptr, run_thread, (void *)i);
	for (pthread_t thread : threads)
		pthread_join(thread, nullptr);
	pthread_key_delete(key);
}

/* ---- processes ---- */

APART void fork_deep(int depth)
{
	if (depth) {
		fork_deep(depth - 1);
		take(3400);
		return;
	}
	fflush(stdout);
	pid_t child = fork();

	take(3401);
	if (!child) {
		case_exceptions();
		case_alloca();
		exit(0);
	}
	waitpid(child, nullptr, 0);
}

void case_fork()
{
	fork_deep(5);
}

/* ---- libraries ---- */

void *open_library(const char *name, int flags)
{
	static char path[4200];
	ssize_t n = readlink("/proc/self/exe", path, 4096);

	path[n > 0 ? n : 0] = '\0';
	snprintf(strrchr(path, '/') + 1, 100, "%s", name);
	void *library = dlopen(path, flags);

	if (!library) {
		fprintf(stderr, "torture: %s\n", dlerror());
		_exit(1);
	}
	return library;
}

template <class function> function *find(void *library, const char *name)
{
	return reinterpret_cast<function *>(dlsym(library, name));
}

APART void visit(const char *name, const char *function)
{
	void *library = open_library(name, RTLD_NOW);

	find<void(int)>(library, function)(3);
	dlclose(library);
	take(3500);
}

/* Two libraries with other frames at one address. */
void case_reload()
{
	for (int i = 0; i < 10; i++) {
		visit("libtorture_small.so", "allocate_small");
		visit("libtorture_large.so", "allocate_large");
	}
}

volatile bool closing;

APART void allocate_deep(int depth)
{
	take(3550);
	if (depth)
		allocate_deep(depth - 1);
	take(3551);
}

void *allocate_meanwhile(void *)
{
	for (int i = 0; closing || i < 10; i++)
		allocate_deep(i % 10);
	return nullptr;
}

/* The same while other threads allocate. */
void case_closing()
{
	pthread_t threads[2];

	closing = true;
	for (pthread_t &thread : threads)
		pthread_create(&thread, nullptr, allocate_meanwhile, nullptr);
	case_reload();
	closing = false;
	for (pthread_t thread : threads)
		pthread_join(thread, nullptr);
}

/*
 * Bound at the first call: the loader notes the dependency, which allocates, and runs a resolver that
 * allocates too.
 */
void case_lazy()
{
	void *target = open_library("libtorture_target.so", RTLD_LAZY | RTLD_GLOBAL);
	void *caller = open_library("libtorture_caller.so", RTLD_LAZY);

	find<int(int)>(caller, "call_target")(3);
	dlclose(caller);
	dlclose(target);
	take(3600);
}

/* ---- before and after main ---- */

struct global {
	global()
	{
		take(3700);
	}
	~global()
	{
		take(3701);
	}
};
global object;

__attribute__((constructor(200))) void early()
{
	take(3702);
}

__attribute__((destructor(200))) void late()
{
	take(3703);
}

void at_end()
{
	take(3704);
}

void case_exit()
{
	atexit(at_end);
}

const struct {
	const char *name;
	void (*run)();
} cases[] = {
	{"alloca", case_alloca},
	{"aligned", case_aligned},
	{"huge", case_huge},
	{"deep", case_deep},
	{"tail", case_tail},
	{"noreturn", case_noreturn},
	{"callbacks", case_callbacks},
	{"contexts", case_contexts},
	{"switch", case_switch},
	{"copied", case_copied},
	{"jump", case_jump},
	{"handler", case_handler},
	{"alternate", case_alternate},
	{"exact", case_exact},
	{"storm", case_storm},
	{"vdso", case_vdso},
	{"exceptions", case_exceptions},
	{"thunks", case_thunks},
	{"threads", case_threads},
	{"fork", case_fork},
	{"reload", case_reload},
	{"closing", case_closing},
	{"lazy", case_lazy},
	{"exit", case_exit},
	{"bare", case_bare},
};
} // namespace

int main(int argc, char **argv)
{
	for (const auto &one : cases) {
		bool wanted = argc == 1;

		for (int i = 1; i < argc; i++)
			wanted |= !strcmp(argv[i], one.name);
		if (!wanted)
			continue;
		one.run();
		puts(one.name);
	}
	sink = nullptr;
	return 0;
}
