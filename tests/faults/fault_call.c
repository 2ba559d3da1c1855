// SPDX-License-Identifier: MIT
/*
 * In place of the system calls of a library that is built with TMTRACE_FAULTS: counts them by their
 * number and lets those fail that a plan says.
 *
 * The plan is a file, named by FAULT_PLAN in the environment and shared by all processes of a run,
 * so that a call is the n-th of them all; faults.py writes and reads it. It is looked for at the
 * first call, before libc knows its environment, hence through /proc.
 */
#ifndef TMTRACE_FAULTS
#define TMTRACE_FAULTS /* for the declaration, whoever compiles this */
#endif
#include "tests/faults/fault_plan.h"

#include <string.h>

#include "preload/sys.h"

#define ENVIRON_MOST (256u << 10)

static struct fault_plan *plan;
static bool looked;

static long trap(long number, long a, long b, long c)
{
	return sys_trap(number, a, b, c, 0, 0, 0);
}

/* The value of FAULT_PLAN, or NULL. */
static const char *find_name(char *text, long size)
{
	static const char variable[] = "FAULT_PLAN=";

	for (long at = 0; at < size; at += (long)strlen(text + at) + 1)
		if (strncmp(text + at, variable, sizeof variable - 1) == 0)
			return text + at + sizeof variable - 1;
	return NULL;
}

static long read_environment(char *text)
{
	long fd = trap(SYS_open, (long)"/proc/self/environ", O_RDONLY, 0), size = 0, n = 1;

	while (fd >= 0 && n > 0 && size < ENVIRON_MOST - 1) {
		n = trap(SYS_read, fd, (long)(text + size), ENVIRON_MOST - 1 - size);
		size += n > 0 ? n : 0;
	}
	trap(SYS_close, fd, 0, 0);
	return size;
}

static void find_plan(void)
{
	static char text[ENVIRON_MOST];
	const char *name = find_name(text, read_environment(text));
	long fd = name ? trap(SYS_open, (long)name, O_RDWR, 0) : -1, at;

	looked = true;
	if (fd < 0)
		return;
	at = sys_trap(SYS_mmap, 0, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	trap(SYS_close, fd, 0, 0);
	if (at > 0)
		plan = (struct fault_plan *)at;
}

/* A probe of memory is no change of the signal mask; and one that is put back has been good before. */
static long kind_of(long number, long a, long c)
{
	if (number != SYS_rt_sigprocmask)
		return number;
	return a == -1 ? FAULT_PROBE : c ? number : FAULT_NEVER;
}

static long fail(long result, long number, long a, long b, long c, long d, long e, long f)
{
	__atomic_fetch_add(&plan->injected, 1, __ATOMIC_RELAXED);
	switch (result) {
	case FAULT_HALF:
		if (number == SYS_pwritev)
			return sys_trap(SYS_pwrite64, a, (long)((struct iovec *)b)->iov_base, 1000,
					d, 0, 0);
		return sys_trap(number, a, b, c > 1 ? c / 2 : c, d, e, f);
	case FAULT_NOTHING:
		return 0;
	default:
		/* What close says, the descriptor is gone. */
		if (number == SYS_close)
			trap(number, a, 0, 0);
		return result;
	}
}

/* How a call of a kind may fail that was drawn; 0: it never does. */
static long usual_result(long kind)
{
	switch (kind) {
	case SYS_getpid:
	case SYS_exit_group:
	case SYS_sigaltstack:
	case SYS_rt_sigtimedwait:
	case FAULT_NEVER:
		return 0;
	case SYS_mmap:
	case SYS_munmap:
	case SYS_madvise:
		return -ENOMEM;
	case SYS_openat:
		return -EMFILE;
	case SYS_futex:
	case SYS_nanosleep:
		return -EINTR;
	case SYS_rt_sigprocmask:
		return -EPERM;
	case FAULT_PROBE:
		return -EFAULT;
	default:
		return -EIO;
	}
}

/* The same calls of the same kinds for the same seed. */
static bool is_drawn(long kind, uint64_t count)
{
	uint64_t lot = (plan->from * 1000003 + (uint64_t)kind) * 1000003 + count;

	lot = (lot ^ lot >> 31) * 0x9e3779b97f4a7c15;
	return usual_result(kind) && (lot >> 33) % 1000 < plan->to;
}

long fault_call(long number, long a, long b, long c, long d, long e, long f)
{
	uint64_t count;
	long kind = kind_of(number, a, c);

	if (!looked)
		find_plan();
	if (!plan)
		return sys_trap(number, a, b, c, d, e, f);
	count = __atomic_add_fetch(&plan->counts[kind], 1, __ATOMIC_RELAXED);
	if (plan->kind == FAULT_ANY && is_drawn(kind, count))
		return fail(usual_result(kind), number, a, b, c, d, e, f);
	if (kind == plan->kind && count >= plan->from && count <= plan->to)
		return fail(plan->result, number, a, b, c, d, e, f);
	return sys_trap(number, a, b, c, d, e, f);
}
