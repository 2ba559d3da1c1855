// SPDX-License-Identifier: MIT
/*
 * Maps, splits, replaces, moves, protects and unmaps memory in a window of addresses, some of it in
 * vain, and knows of every page what became of it. Prints what lives at the end and lived at the
 * most. `storm THREADS ROUNDS`: threads that map and unmap the same addresses. `odd`: from small
 * stacks, handlers and children. `flags`: each kind of mapping, and each way to fail. `stacks`: of
 * which a part goes.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u
#define PAGES 512u
#define STEPS 20000u
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

enum access { NONE, RESERVED, OPEN };

/* Where the kernel puts nothing by itself: what is unmapped there must not become somebody else's. */
static char *const window = (char *)0x100000000000;
static struct {
	enum access access;
	unsigned origin; /* the step that gave the access */
} pages[PAGES];
static unsigned long open_pages, most, calls, failures;
static uint64_t state = 1;

static unsigned below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static void *at(unsigned page)
{
	return window + (size_t)page * PAGE;
}

static void set(unsigned page, unsigned n, enum access access, unsigned origin)
{
	for (unsigned i = page; i < page + n; i++) {
		open_pages += (access == OPEN) - (pages[i].access == OPEN);
		pages[i].access = access;
		pages[i].origin = access == OPEN ? origin : 0;
	}
}

static bool all(unsigned page, unsigned n, enum access access)
{
	for (unsigned i = page; i < page + n; i++)
		if (pages[i].access != access)
			return false;
	return true;
}

static bool done(bool good, int wanted)
{
	calls++;
	if (!good && errno != wanted && errno != EFAULT) {
		perror("mappings: a call fails for another reason");
		exit(1);
	}
	failures += !good;
	return good;
}

/* Less than whole pages are asked for, and whole ones are got. */
static void map(unsigned page, unsigned n, unsigned step)
{
	int protection = below(5) ? RW : PROT_NONE,
	    fixed = below(2) ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	void *p = mmap(at(page), n * PAGE - below(PAGE), protection, ANON | fixed, -1, 0);

	if (done(p != MAP_FAILED, EEXIST))
		set(page, n, protection ? OPEN : RESERVED, step);
}

static void unmap(unsigned page, unsigned n)
{
	unsigned less = below(8) ? 0 : 1;

	if (done(!munmap((char *)at(page) + less, n * PAGE), EINVAL))
		set(page, n, NONE, 0);
}

static void protect(unsigned page, unsigned n, unsigned step)
{
	bool none = below(2);
	unsigned holes = 0;

	/* What lies before a hole would be protected all the same. */
	while (holes < n && pages[page + holes].access != NONE)
		holes++;
	if (!holes || !done(!mprotect(at(page), holes * PAGE, none ? PROT_NONE : RW), 0))
		return;
	for (unsigned i = page; i < page + holes; i++)
		if ((pages[i].access == OPEN) == none)
			set(i, 1, none ? RESERVED : OPEN, step);
}

/* To a place inside the window, over whatever is there. Of one kind, or the kernel's rules differ. */
static void move(unsigned page, unsigned n, unsigned step)
{
	unsigned size = 1 + below(8), to = below(PAGES - size);
	enum access access = pages[page].access;
	bool apart = to >= page + n || page >= to + size;
	void *p;

	if (access != NONE && !all(page, n, access))
		return;
	p = mremap(at(page), n * PAGE, size * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(to));
	if (done(p != MAP_FAILED, EINVAL)) {
		set(page, n, NONE, 0);
		set(to, size, access, step);
	} else if (apart) {
		/* Some kernels unmap the new place before they look at the old one. */
		munmap(at(to), size * PAGE);
		set(to, size, NONE, 0);
	}
}

/* Where it is: smaller, or larger if nothing is behind it. */
static void resize(unsigned page, unsigned n, unsigned step)
{
	unsigned size = 1 + below(8);
	enum access access = pages[page].access;

	if (access == NONE || !all(page, n, access) || page + size > PAGES)
		return;
	if (size > n && page + n < PAGES && pages[page + n].access == access)
		return; /* the range may end inside of what the kernel has as one */
	if (!done(mremap(at(page), n * PAGE, size * PAGE, 0) != MAP_FAILED, ENOMEM))
		return;
	set(page, n, NONE, 0);
	set(page, size, access, step);
}

static void print_truth(void)
{
	unsigned long traces = 0, reserved = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		traces += pages[i].access == OPEN && (!i || pages[i - 1].origin != pages[i].origin);
		reserved += pages[i].access == RESERVED;
	}
	printf("truth %lu %lu %lu %lu\n", open_pages * PAGE, traces, most * PAGE, reserved * PAGE);
	printf("%lu calls, %lu failures\n", calls, failures);
}

/* For who reads a list of system calls: what is between the two is meant. */
static void mark(const char *name)
{
	(void)!access(name, F_OK);
}

static void walk(void)
{
	if (mmap(window, PAGES * PAGE, PROT_NONE, ANON | MAP_FIXED_NOREPLACE, -1, 0) != window)
		exit(1);
	munmap(window, PAGES * PAGE);
	mark("/mappings/begin");
	for (unsigned step = 1; step <= STEPS; step++) {
		unsigned n = 1 + below(below(6) ? 8 : 64), page = below(PAGES - n);

		switch (below(8)) {
		case 0:
		case 1:
		case 2:
			map(page, n, step);
			break;
		case 3:
		case 4:
			unmap(page, n);
			break;
		case 5:
			protect(page, n, step);
			break;
		case 6:
			move(page, n, step);
			break;
		case 7:
			resize(page, n, step);
			break;
		}
		most = open_pages > most ? open_pages : most;
	}
	mark("/mappings/end");
	print_truth();
}

#define SLOTS 64u

static struct storm {
	struct held {
		char *p;
		unsigned n;
	} slots[SLOTS];
	pthread_mutex_t locks[SLOTS];
	unsigned long rounds;
} storm;

/* Maps a few pages and gives them to whoever comes next to a slot, who unmaps them in two parts. */
static void *storm_thread(void *number)
{
	uint64_t random = (uintptr_t)number * 0x9e3779b97f4a7c15u;

	for (unsigned long i = 0; i < storm.rounds; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		unsigned slot = (unsigned)(random >> 40) % SLOTS,
			 n = 2 + (unsigned)(random >> 33) % 3;
		struct held mine = {mmap(NULL, n * PAGE, RW, ANON, -1, 0), n}, old;

		if (mine.p == MAP_FAILED)
			_exit(1);
		pthread_mutex_lock(&storm.locks[slot]);
		old = storm.slots[slot];
		storm.slots[slot] = mine;
		pthread_mutex_unlock(&storm.locks[slot]);
		if (!old.p)
			continue;
		munmap(old.p + PAGE, (old.n - 1) * PAGE);
		if (i % 100)
			munmap(old.p, PAGE);
		else
			__atomic_add_fetch(&open_pages, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void run_storm(long threads)
{
	pthread_t all_threads[64];
	unsigned long traces;

	for (unsigned i = 0; i < SLOTS; i++)
		pthread_mutex_init(&storm.locks[i], NULL);
	for (long i = 0; i < threads; i++)
		pthread_create(&all_threads[i], NULL, storm_thread, (void *)(i + 1));
	for (long i = 0; i < threads; i++)
		pthread_join(all_threads[i], NULL);
	traces = open_pages;
	for (unsigned i = 0; i < SLOTS; i++) {
		open_pages += storm.slots[i].n;
		traces += storm.slots[i].p != NULL;
	}
	printf("truth %lu %lu\n", open_pages * PAGE, traces);
}

static char *mapped;

static void map_one(void)
{
	mapped = mmap(NULL, 10 * PAGE, RW, ANON, -1, 0);
	munmap(mapped + PAGE, PAGE);
	mapped[0] = 1;
}

static void *small_thread(void *unused)
{
	map_one();
	return unused;
}

static void on_signal(int signal)
{
	(void)signal;
	map_one();
}

/* Each leaves two traces, of 9 pages; what a forked child does is not the parent's. */
static void run_odd(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int status = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 16384);
	pthread_create(&thread, &attributes, small_thread, NULL);
	pthread_join(thread, NULL);
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	pid_t child = vfork();

	if (child == 0) {
		map_one();
		_exit(0);
	}
	waitpid(child, &status, 0);
	mapped[0]++; /* a vfork child shares our memory */
	child = fork();
	if (child == 0) {
		munmap(mapped, PAGE);
		map_one();
		exit(0);
	}
	waitpid(child, &status, 0);
	printf("truth %u 6 %d\n", 3 * 9 * PAGE, status);
}

static void show(const char *call, bool good)
{
	printf("%s: %s\n", call, good ? "good" : strerror(errno));
	errno = 4321;
}

/* Counts what is there for good; how large it is may differ from what was asked for. */
static void *kept(void *p, unsigned n)
{
	if (p == MAP_FAILED) {
		perror("mappings: a call fails");
		exit(1);
	}
	open_pages += n;
	calls++;
	return p;
}

static void run_flags(void)
{
	const size_t gib = (size_t)1 << 30;
	int fd = memfd_create("mappings", 0);
	char *p, *space;

	if (ftruncate(fd, 6 * (off_t)gib))
		exit(1);
	kept(mmap(NULL, PAGE + 1, PROT_READ, MAP_SHARED, fd, 4 * (off_t)gib + PAGE), 2);
	kept(mmap64(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 5 * (off64_t)gib), 1);
	kept(mmap(NULL, 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0), 8);
	p = kept(mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 4);
	kept(mremap(p, 0, 4 * PAGE, MREMAP_MAYMOVE), 4); /* the same pages once more */
	p = kept(mmap(NULL, 3 * PAGE, RW, ANON, -1, 0), 3);
	kept(mremap(p, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), 3);
	space = mmap(NULL, 100 * gib, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	mprotect(space + gib, 2 * PAGE, RW);
	kept(space, 2);
	pkey_mprotect(space + 2 * gib, 5 * PAGE, PROT_READ, -1);
	kept(space, 5);
	mprotect(space + gib, 2 * PAGE, PROT_READ); /* nothing new */
	munmap(space + 50 * gib, 50 * gib);
	errno = 4321;
	show("mmap of nothing", mmap(NULL, 0, RW, ANON, -1, 0) != MAP_FAILED);
	show("mmap of all", mmap(NULL, SIZE_MAX, RW, ANON, -1, 0) != MAP_FAILED);
	show("mmap of no file", mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0) != MAP_FAILED);
	show("munmap of nothing", !munmap(p, 0));
	show("munmap of half a page", !munmap(p + 1, PAGE));
	show("munmap of all", !munmap(p, SIZE_MAX));
	show("mremap with odd flags", mremap(p, PAGE, PAGE, 1 << 20) != MAP_FAILED);
	show("mremap to nothing", mremap(p, PAGE, 0, 0) != MAP_FAILED);
	show("mprotect of half a page", !mprotect(p + 1, PAGE, RW));
	show("munmap where nothing is", !munmap(window, PAGE));
	printf("errno %d\n", errno);
	printf("truth %lu %lu %lu\n", open_pages * PAGE, calls, 50 * gib - 7 * PAGE);
}

/*
 * Calls `function` on the stack that ends at `top`. Of that it says nothing: its caller seems to
 * stand above `top`.
 */
void call_on(char *top, void (*function)(void));
__asm__(".text\n"
	".globl call_on\n"
	".type call_on, @function\n"
	"call_on:\n"
	"	.cfi_startproc\n"
	"	push %rbx\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdi, %rsp\n"
	"	call *%rsi\n"
	"	mov %rbx, %rsp\n"
	"	pop %rbx\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size call_on, . - call_on\n");

static __attribute__((noinline)) void descend(unsigned frames)
{
	volatile char page[PAGE];
	void *volatile block;

	page[0] = 1;
	if (frames) {
		descend(frames - 1);
	} else {
		block = malloc(10);
		free(block);
	}
	page[1] = page[0]; /* not the last call: each has a frame */
}

static void go_deep(void)
{
	descend(PAGES * 3 / 4);
}

static void go_on(void)
{
	descend(0);
}

static volatile int other_may_unmap; /* 1: what other_unmaps() waits for, 2: it has */

static void *other_unmaps(void *half)
{
	while (other_may_unmap != 1)
		sched_yield();
	munmap(half, (size_t)PAGES / 2 * PAGE);
	other_may_unmap = 2;
	return NULL;
}

/* A stack of which the upper half goes, and the lower one is used further. */
static void run_stacks(void)
{
	static const char *const ways[] = {"unmapped", "protected", "unmapped by another thread"};
	pthread_t thread;

	/* Before: to create it is to allocate, on a stack that is none of these. */
	pthread_create(&thread, NULL, other_unmaps, window + (size_t)PAGES / 2 * PAGE);
	for (int way = 0; way < 3; way++) {
		char *half = window + (size_t)PAGES / 2 * PAGE,
		     *top = window + (size_t)PAGES * PAGE;

		mmap(window, (size_t)PAGES * PAGE, RW, ANON | MAP_FIXED, -1, 0);
		call_on(top - 64, go_deep);
		if (way == 0) {
			munmap(half, (size_t)(top - half));
		} else if (way == 1) {
			mprotect(half, (size_t)(top - half), PROT_NONE);
		} else {
			other_may_unmap = 1;
			while (other_may_unmap != 2)
				sched_yield();
		}
		call_on(half, go_on);
		puts(ways[way]);
		fflush(stdout);
	}
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "storm") == 0) {
		storm.rounds = strtoul(argv[3], NULL, 10);
		run_storm(strtol(argv[2], NULL, 10));
	} else if (argc > 1 && strcmp(argv[1], "flags") == 0) {
		run_flags();
	} else if (argc > 1 && strcmp(argv[1], "stacks") == 0) {
		run_stacks();
	} else if (argc > 1) {
		run_odd();
	} else {
		walk();
	}
	return 0;
}
