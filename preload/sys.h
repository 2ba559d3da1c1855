// SPDX-License-Identifier: MIT
/*
 * System calls as inline instructions that return -errno.
 *
 * No libc wrapper: so no cancellation point inside malloc, nothing that the program may interpose,
 * and errno stays as it is. The one place through which the library reaches the kernel, and so the
 * seam for fault injection. Names follow the calls; see their manual pages in section 2.
 */
#ifndef PRELOAD_SYS_H
#define PRELOAD_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <termios.h>
#include <time.h>

/* Into the kernel, whatever a test wants to fail: for calls that are the program's own. */
static inline long sys_trap(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#ifdef TMTRACE_FAULTS
/* Of a build for tests, tests/faults/fault_call.c: does as a plan says. */
long fault_call(long number, long a, long b, long c, long d, long e, long f);
#define sys_call fault_call
#else
static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	return sys_trap(number, a, b, c, d, e, f);
}
#endif

static inline int sys_open(const char *path, int flags, unsigned mode)
{
	return (int)sys_call(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

static inline int sys_close(int fd)
{
	return (int)sys_call(SYS_close, fd, 0, 0, 0, 0, 0);
}

static inline long sys_read(int fd, void *bytes, size_t size)
{
	return sys_call(SYS_read, fd, (long)bytes, (long)size, 0, 0, 0);
}

static inline long sys_pread(int fd, void *bytes, size_t size, uint64_t offset)
{
	return sys_call(SYS_pread64, fd, (long)bytes, (long)size, (long)offset, 0, 0);
}

static inline long sys_writev(int fd, const struct iovec *parts, int n)
{
	return sys_call(SYS_writev, fd, (long)parts, n, 0, 0, 0);
}

/* Whether a write would not wait, as far as the kernel can tell. */
static inline bool sys_takes_more(int fd)
{
	struct pollfd poll = {.fd = fd, .events = POLLOUT};

	return sys_call(SYS_poll, (long)&poll, 1, 0, 0, 0, 0) != 0;
}

static inline long sys_pwrite(int fd, const void *bytes, size_t size, uint64_t offset)
{
	return sys_call(SYS_pwrite64, fd, (long)bytes, (long)size, (long)offset, 0, 0);
}

#define SYS_TRIES                                                                                  \
	100 /* of a call that was interrupted: a handler cannot, and nothing else may go on for ever */

/* Of the two calls that tell it, a sandbox may know only one. */
static inline int sys_fstat(int fd, struct stat *status)
{
	if (sys_call(SYS_fstat, fd, (long)status, 0, 0, 0, 0) == 0)
		return 0;
	return (int)sys_call(SYS_newfstatat, fd, (long)"", (long)status, AT_EMPTY_PATH, 0, 0);
}

static inline int sys_ftruncate(int fd, uint64_t size)
{
	return (int)sys_call(SYS_ftruncate, fd, (long)size, 0, 0, 0, 0);
}

static inline long sys_pwritev(int fd, const struct iovec *parts, int n, uint64_t offset)
{
	return sys_call(SYS_pwritev, fd, (long)parts, n, (long)offset, 0, 0);
}

static inline int sys_fstatfs(int fd, struct statfs *status)
{
	return (int)sys_call(SYS_fstatfs, fd, (long)status, 0, 0, 0, 0);
}

/* Whether there surely is something by that name, also a symbolic link that leads nowhere. */
static inline bool sys_exists(const char *path)
{
	struct stat status;

	return sys_call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&status, AT_SYMLINK_NOFOLLOW, 0,
			0) == 0;
}

/* Sealable, close-on-exec. Newer kernels want to be told that it is not for execution. */
static inline int sys_memfd(const char *name)
{
	enum { CLOEXEC = 1, ALLOW_SEALING = 2, NOEXEC_SEAL = 8 };
	int fd = (int)sys_call(SYS_memfd_create, (long)name, CLOEXEC | ALLOW_SEALING | NOEXEC_SEAL,
			       0, 0, 0, 0);

	if (fd != -EINVAL)
		return fd;
	return (int)sys_call(SYS_memfd_create, (long)name, CLOEXEC | ALLOW_SEALING, 0, 0, 0, 0);
}

static inline int sys_fcntl(int fd, int command, long argument)
{
	return (int)sys_call(SYS_fcntl, fd, command, argument, 0, 0, 0);
}

static inline int sys_unlink(const char *path)
{
	return (int)sys_call(SYS_unlink, (long)path, 0, 0, 0, 0, 0);
}

static inline long sys_readlink(const char *path, char *target, size_t size)
{
	return sys_call(SYS_readlink, (long)path, (long)target, (long)size, 0, 0, 0);
}

/* The length with the NUL, or -errno. */
static inline long sys_getcwd(char *path, size_t size)
{
	return sys_call(SYS_getcwd, (long)path, (long)size, 0, 0, 0, 0);
}

/* TSan sees no call here: what one thread has unmapped another may be given. */
#ifdef __SANITIZE_THREAD__
extern char **environ;
void __tsan_acquire(void *word);
void __tsan_release(void *word);
#define SYS_MAPPED() __tsan_acquire(&environ)
#define SYS_UNMAPS() __tsan_release(&environ)
#else
#define SYS_MAPPED() ((void)0)
#define SYS_UNMAPS() ((void)0)
#endif

/* MAP_FAILED never: NULL on failure. */
static inline void *sys_mmap(void *at, size_t size, int protection, int flags, int fd,
			     uint64_t offset)
{
	long result = sys_call(SYS_mmap, (long)at, (long)size, protection, flags, fd, (long)offset);

	SYS_MAPPED();
	return result < 0 && result > -4096 ? NULL : (void *)result;
}

static inline int sys_munmap(void *at, size_t size)
{
	SYS_UNMAPS();
	return (int)sys_call(SYS_munmap, (long)at, (long)size, 0, 0, 0, 0);
}

static inline int sys_mprotect(void *address, size_t size, int protection)
{
	return (int)sys_call(SYS_mprotect, (long)address, (long)size, protection, 0, 0, 0);
}

static inline int sys_madvise(void *at, size_t size, int advice)
{
	return (int)sys_call(SYS_madvise, (long)at, (long)size, advice, 0, 0, 0);
}

static inline int sys_getpid(void)
{
	return (int)sys_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_getppid(void)
{
	return (int)sys_call(SYS_getppid, 0, 0, 0, 0, 0, 0);
}

static inline unsigned sys_geteuid(void)
{
	return (unsigned)sys_call(SYS_geteuid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_tgkill(int pid, int tid, int signal)
{
	return (int)sys_call(SYS_tgkill, pid, tid, signal, 0, 0, 0);
}

static inline int sys_gettid(void)
{
	return (int)sys_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_getrlimit(int resource, struct rlimit *limit)
{
	return (int)sys_call(SYS_prlimit64, 0, resource, 0, (long)limit, 0, 0);
}

/* Whether a file may be that large. A write beyond the limit would raise SIGXFSZ. */
static inline bool sys_within_file_limit(uint64_t end)
{
	struct rlimit limit;

	return sys_getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
	       end <= limit.rlim_cur;
}

static inline int sys_getrusage(struct rusage *usage)
{
	return (int)sys_call(SYS_getrusage, RUSAGE_SELF, (long)usage, 0, 0, 0, 0);
}

static inline int sys_uname(struct utsname *names)
{
	return (int)sys_call(SYS_uname, (long)names, 0, 0, 0, 0, 0);
}

static inline bool sys_is_terminal(int fd)
{
	struct termios settings;

	return sys_call(SYS_ioctl, fd, TCGETS, (long)&settings, 0, 0, 0) == 0;
}

static inline int sys_prctl(int option, long a)
{
	return (int)sys_call(SYS_prctl, option, a, 0, 0, 0, 0);
}

static inline int sys_membarrier(int command)
{
	return (int)sys_call(SYS_membarrier, command, 0, 0, 0, 0, 0);
}

static inline int sys_sigaltstack(stack_t *old)
{
	return (int)sys_call(SYS_sigaltstack, 0, (long)old, 0, 0, 0, 0);
}

static inline int sys_clock_gettime(int clock, struct timespec *now)
{
	return (int)sys_call(SYS_clock_gettime, clock, (long)now, 0, 0, 0, 0);
}

static inline int sys_nanosleep(long nanoseconds)
{
	struct timespec pause = {.tv_nsec = nanoseconds};

	return (int)sys_call(SYS_nanosleep, (long)&pause, 0, 0, 0, 0, 0);
}

_Noreturn static inline void sys_exit_group(int status)
{
	for (;;)
		sys_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

#define SYS_NOT_BLOCKED (~(uint64_t)0) /* no mask of a thread: SIGKILL is in none */

/* The kernel's signal set; all of them, those that libc keeps for itself too. A sandbox may forbid it. */
static inline void sys_block_signals(uint64_t *old)
{
	uint64_t all = ~(uint64_t)0;

	if (sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)old, sizeof all, 0, 0) < 0)
		*old = SYS_NOT_BLOCKED;
}

static inline void sys_restore_signals(const uint64_t *old)
{
	if (*old == SYS_NOT_BLOCKED)
		return;
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)old, 0, sizeof *old, 0, 0);
}

static inline uint64_t sys_signal_set(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

/* Of the calling thread or its process; those that are blocked. */
static inline uint64_t sys_pending_signals(void)
{
	uint64_t set = 0;

	sys_call(SYS_rt_sigpending, (long)&set, sizeof set, 0, 0, 0, 0);
	return set;
}

/* A pending signal of the set is not delivered. */
static inline void sys_take_signal(uint64_t set)
{
	struct timespec now = {0};

	sys_call(SYS_rt_sigtimedwait, (long)&set, 0, (long)&now, sizeof set, 0, 0);
}

static inline void sys_futex_wait(const int *word, int value)
{
	struct timespec at_most = {.tv_nsec = 10000000};

	sys_call(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, value, (long)&at_most, 0, 0);
}

static inline void sys_futex_wake(const int *word)
{
	sys_call(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}

#endif
