// SPDX-License-Identifier: MIT
/*
 * tmtrace.h: what a program may say to tmtrace, which records it, and ask it.
 *
 * Include this and link with nothing. When the program runs under `tmtrace run`, or with
 * libtmtrace.so preloaded, the functions do what they say; otherwise they do nothing and return
 * ENOSYS, at the cost of a load and a compare. For C11 and C++11 or later, with gcc and clang.
 *
 *	tmtrace_name_domain(7, "pool");
 *	...
 *	tmtrace_track(7, (uintptr_t)object, size);     in the pool's allocate
 *	tmtrace_untrack(7, (uintptr_t)object);         and in its release
 *	...
 *	tmtrace_take_snapshot("loaded");               later: tmtrace stats x.tmz@mark:loaded
 *
 * Results are 0 or an error number of errno.h; errno itself is never changed:
 *	ENOSYS   this process is not recorded by tmtrace, or not by one that knows the function
 *	ESRCH    nothing is being recorded now: not started, or stopped
 *	EINVAL   an argument is out of its range
 *	ENOTSUP  it needs what this recording does not have, see there; or a child of vfork calls
 *	EAGAIN   it could not be recorded now: too much came together inside one allocation
 *
 * All functions may be called by any thread at any time, also from inside an allocator. They are
 * async-signal-safe once any of them was called in the same source file: only that first call looks
 * for the library (dlsym), and may allocate.
 *
 * In programs linked with glibc before 2.34, dlsym needs -ldl.
 */
#ifndef TMTRACE_H
#define TMTRACE_H

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library exports this table, and each function also by its own name: tmtrace_start, ... */
struct tmtrace_functions {
	size_t size; /* of the table: later versions have more at its end */
	int (*start)(unsigned nframe);
	int (*stop)(void);
	int (*is_tracing)(void);
	int (*get_traceback_limit)(unsigned *nframe);
	int (*clear_traces)(void);
	int (*take_snapshot)(const char *name);
	int (*track)(uint32_t domain, uintptr_t address, size_t size);
	int (*untrack)(uint32_t domain, uintptr_t address);
	int (*name_domain)(uint32_t domain, const char *name);
	int (*get_tracer_memory)(size_t *bytes);
	int (*get_traced_memory)(size_t *current, size_t *peak);
	int (*reset_peak)(void);
	int (*get_object_traceback)(uintptr_t address, uintptr_t *frames, unsigned capacity,
				    unsigned *nframe);
};

#define TMTRACE_LIVE 0x10000u /* see tmtrace_start */

#ifdef TMTRACE_LIBRARY /* its own source */

int tmtrace_start(unsigned nframe);
int tmtrace_stop(void);
int tmtrace_is_tracing(void);
int tmtrace_get_traceback_limit(unsigned *nframe);
int tmtrace_clear_traces(void);
int tmtrace_take_snapshot(const char *name);
int tmtrace_track(uint32_t domain, uintptr_t address, size_t size);
int tmtrace_untrack(uint32_t domain, uintptr_t address);
int tmtrace_name_domain(uint32_t domain, const char *name);
int tmtrace_get_tracer_memory(size_t *bytes);
int tmtrace_get_traced_memory(size_t *current, size_t *peak);
int tmtrace_reset_peak(void);
int tmtrace_get_object_traceback(uintptr_t address, uintptr_t *frames, unsigned capacity,
				 unsigned *nframe);
extern const struct tmtrace_functions tmtrace_functions;

#else

/*
 * Weak symbols would not do: in programs built with -no-pie -fno-pie they are 0 for good. NULL is
 * RTLD_DEFAULT, which dlfcn.h hides from strict programs.
 */
__attribute__((unused)) static inline const struct tmtrace_functions *tmtrace_find_(void)
{
	static const struct tmtrace_functions *found;
	static struct tmtrace_functions none; /* of size 0: it has no function */
	const struct tmtrace_functions *functions = __atomic_load_n(&found, __ATOMIC_ACQUIRE);

	if (!functions) {
		int error = errno;
		void *symbol = dlsym(NULL, "tmtrace_functions");

		if (!symbol)
			(void)dlerror(); /* or the program would find the message */
		functions = symbol ? (const struct tmtrace_functions *)symbol : &none;
		errno = error;
		__atomic_store_n(&found, functions, __ATOMIC_RELEASE);
	}
	return functions;
}

/*
 * Inlined even without optimization, and never the last thing that the caller does, so that the
 * innermost frame that tmtrace sees is the caller's.
 */
#define TMTRACE_FUNCTION_ __attribute__((always_inline, unused)) static inline int
#define TMTRACE_CALL_(member, arguments)                                                           \
	const struct tmtrace_functions *functions = tmtrace_find_();                               \
	int result = ENOSYS;                                                                       \
                                                                                                   \
	if (functions->size >= offsetof(struct tmtrace_functions, member) + sizeof(void *))        \
		result = functions->member arguments;                                              \
	__asm__ volatile("" : "+r"(result));                                                       \
	return result

/*
 * Begins to record, or goes on after tmtrace_stop, with the `nframe` most recent frames of each
 * stack, 1 to 65535 (else EINVAL, also while recording). Where something is recorded already, also
 * because TMTRACE_START is not 0, it succeeds and changes nothing. The trace is made by the first
 * start; other errors say why it could not be. What was allocated before is not known.
 *
 * With TMTRACE_LIVE, as in tmtrace_start(25 | TMTRACE_LIVE), a table of what lives is kept in the
 * process until the stop, for tmtrace_get_traced_memory and tmtrace_get_object_traceback. It costs
 * time and memory, see libtmtrace(7). The environment's TMTRACE_LIVE=1 does the same for all starts.
 */
TMTRACE_FUNCTION_ tmtrace_start(unsigned nframe)
{
	TMTRACE_CALL_(start, (nframe));
}

/* Forgets all traces and records no more. Succeeds as well when nothing is recorded. */
TMTRACE_FUNCTION_ tmtrace_stop(void)
{
	TMTRACE_CALL_(stop, ());
}

/* 1 or 0, never an error. */
TMTRACE_FUNCTION_ tmtrace_is_tracing(void)
{
	const struct tmtrace_functions *functions = tmtrace_find_();

	return functions->size ? functions->is_tracing() : 0;
}

/*
 * How many of the most recent frames of each stack count; 0 = all. Before the first start it is
 * what TMTRACE_NFRAME says, which is all by default; after a stop it stays what it was.
 */
TMTRACE_FUNCTION_ tmtrace_get_traceback_limit(unsigned *nframe)
{
	TMTRACE_CALL_(get_traceback_limit, (nframe));
}

/*
 * Forgets all traces and the peak and goes on recording; frees of the forgotten blocks are no
 * errors. When nothing is recorded there is nothing to do, and it succeeds.
 */
TMTRACE_FUNCTION_ tmtrace_clear_traces(void)
{
	TMTRACE_CALL_(clear_traces, ());
}

/*
 * Names this moment: `tmtrace stats x.tmz@mark:NAME` shows what lived then, `@mark:NAME#2` at the
 * second moment of that name. 1 to 255 bytes, else EINVAL. Takes half a microsecond, ten times as
 * much when the name is a new one.
 */
TMTRACE_FUNCTION_ tmtrace_take_snapshot(const char *name)
{
	TMTRACE_CALL_(take_snapshot, (name));
}

/*
 * A block of a domain of the program's own (2 to 2^32 - 1; 0 and 1, the heap and mapped memory, are
 * tmtrace's: EINVAL) begins to live, allocated by the caller. Any address, which is never looked at;
 * the same one in another domain is another block. A block that is tracked already is replaced.
 * In a signal handler that interrupted an allocation, and inside a malloc, it has no stack.
 */
TMTRACE_FUNCTION_ tmtrace_track(uint32_t domain, uintptr_t address, size_t size)
{
	TMTRACE_CALL_(track, (domain, address, size));
}

/* It ends. Blocks that are not tracked may be untracked as often as one likes. */
TMTRACE_FUNCTION_ tmtrace_untrack(uint32_t domain, uintptr_t address)
{
	TMTRACE_CALL_(untrack, (domain, address));
}

/*
 * How tables call the domain (2 or more), 1 to 255 bytes; a later name replaces an earlier one. Also
 * while nothing is recorded. ENOMEM beyond some thousands of names.
 */
TMTRACE_FUNCTION_ tmtrace_name_domain(uint32_t domain, const char *name)
{
	TMTRACE_CALL_(name_domain, (domain, name));
}

/* Bytes of memory that tmtrace has mapped in this process for itself, touched or not. */
TMTRACE_FUNCTION_ tmtrace_get_tracer_memory(size_t *bytes)
{
	TMTRACE_CALL_(get_tracer_memory, (bytes));
}

/*
 * Bytes that live now and lived at most, all domains together; 0 and 0 when stopped. What other
 * threads are just allocating comes before or after. ENOTSUP: no table of what lives is kept, see
 * tmtrace_start; the trace tells (`tmtrace info`). ENOMEM: the table lacks something, for which
 * there was no memory, until all is forgotten; the numbers are those of the rest.
 */
TMTRACE_FUNCTION_ tmtrace_get_traced_memory(size_t *current, size_t *peak)
{
	TMTRACE_CALL_(get_traced_memory, (current, peak));
}

/*
 * The peak is what lives now, until more does; `@peak` of the trace is the last such. When nothing
 * is recorded there is nothing to do, and it succeeds.
 */
TMTRACE_FUNCTION_ tmtrace_reset_peak(void)
{
	TMTRACE_CALL_(reset_peak, ());
}

/*
 * The call stack that allocated the heap block that begins at `address`: up to `capacity` addresses
 * in *frames, most recent first and no more than the limit, and in *nframe how deep it was; 0 where
 * no stack could be taken. Each address is one inside of the call, as addr2line wants it. ENOENT: no
 * such block is known. ENOTSUP, ENOMEM: as above.
 */
TMTRACE_FUNCTION_ tmtrace_get_object_traceback(uintptr_t address, uintptr_t *frames,
					       unsigned capacity, unsigned *nframe)
{
	TMTRACE_CALL_(get_object_traceback, (address, frames, capacity, nframe));
}

#undef TMTRACE_FUNCTION_
#undef TMTRACE_CALL_

#endif

#ifdef __cplusplus
}
#endif

#endif
