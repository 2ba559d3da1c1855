// SPDX-License-Identifier: MIT
/*
 * What memory profilers are known to get wrong, one way at a time: `holes WAY`. What a way leaves
 * behind and prints is told beside it; it is the same with and without a tracer. No way uses stdio
 * while it counts, so that nothing else allocates.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 1000, PAGE = 4096, EARLY = 100, EARLY_SIZE = 10000 };

static const size_t *const volatile no_size = &(const size_t){0};
static void *volatile keep[ROUNDS];
static char text[256];

static void say(const char *format, unsigned long a, unsigned long b)
{
	int n = snprintf(text, sizeof text, format, a, b);

	if (write(1, text, (size_t)n) != n)
		_exit(1);
}

static void expect(bool ok, const char *what)
{
	if (ok)
		return;
	dprintf(2, "holes: not so: %s\n", what);
	_exit(1);
}

/* What a tracer that counts something here counts of its own. */
static void nothing(void)
{
}

/* Frees 1000 blocks of 100 bytes by realloc(p, 0): nothing is left. */
static void realloc_zero(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		void *p = realloc(malloc(100), *no_size);

		expect(!p, "realloc(p, 0) is NULL");
	}
}

static void *move_blocks(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < 20000; i++) {
		void *p = malloc(2000 + i % 7 * 16);

		p = realloc(p, 4000 + i % 5 * 16); /* moves, as another block is behind */
		p = realloc(p, 9000);
		free(p);
	}
	return NULL;
}

/* Four threads move blocks in one arena, where what one leaves is at once another's: nothing is left. */
static void realloc_race(void)
{
	pthread_t threads[4];

	mallopt(M_ARENA_MAX, 1);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, move_blocks, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* 1000 blocks of 100 bytes survive a realloc that fails. */
static void realloc_fails(void)
{
	volatile size_t huge = (size_t)PTRDIFF_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		void *p = malloc(100);

		keep[i] = p;
		expect(!realloc(p, huge) && errno == ENOMEM, "realloc(p, huge) fails");
	}
}

/* 1000 calls of each fail: nothing is allocated. */
static void malloc_fails(void)
{
	volatile size_t huge = (size_t)PTRDIFF_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		errno = 0;
		expect(!malloc(huge) && errno == ENOMEM, "malloc(huge) fails");
		errno = 0;
		expect(!calloc(1, huge) && errno == ENOMEM, "calloc(1, huge) fails");
	}
}

/* 50 blocks of 4096 bytes of the functions that align stay. */
static void aligned(void)
{
	for (int i = 0; i < 50; i += 5) {
		void *p;

		keep[i] = memalign(64, PAGE);
		keep[i + 1] = valloc(PAGE);
		keep[i + 2] = pvalloc(PAGE);
		keep[i + 3] = aligned_alloc(PAGE, PAGE);
		expect(posix_memalign(&p, 256, PAGE) == 0, "posix_memalign succeeds");
		keep[i + 4] = p;
	}
}

static atomic_int turn;
static bool in_turns;

static void wait_for(int own)
{
	while (in_turns ? turn % 2 != own : own && turn < 2 * ROUNDS)
		sched_yield();
}

static void *take_turns(void *number)
{
	int own = (int)(intptr_t)number;

	for (int i = 0; i < ROUNDS; i++) {
		wait_for(own);
		void *p = malloc(100); /* alternating, the other's comes before this one's free */

		turn++;
		wait_for(own);
		free(p);
		turn++;
	}
	return NULL;
}

static void two_threads(bool alternate)
{
	pthread_t threads[2];

	in_turns = alternate;
	for (intptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, take_turns, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* Two threads allocate and free 1000 blocks each, one event of each in turn, or one after the other. */
static void alternating(void)
{
	two_threads(true);
}

static void successive(void)
{
	two_threads(false);
}

/* Prints how many pages are resident that mremap added, and that a mremap that fails changes nothing. */
static void mremap_grows(void)
{
	static unsigned char resident[16384];
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long pages = 0;

	*p = 'x';
	p = mremap(p, PAGE, sizeof resident * PAGE, MREMAP_MAYMOVE);
	expect(p != MAP_FAILED && *p == 'x', "mremap keeps the bytes");
	expect(mincore(p, sizeof resident * PAGE, resident) == 0, "mincore succeeds");
	for (size_t i = 0; i < sizeof resident; i++)
		pages += resident[i] & 1;
	expect(mremap(p, PAGE, (size_t)1 << 60, MREMAP_MAYMOVE) == MAP_FAILED,
	       "a mremap that is too large fails");
	expect(*p == 'x', "and the mapping stays");
	say("%lu of %lu pages resident\n", pages, sizeof resident);
}

static char *early[EARLY];

static void __attribute__((constructor(101))) allocate_early(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "callocs") != 0)
		return;
	for (int i = 0; i < EARLY; i++) {
		early[i] = calloc(EARLY_SIZE / 100, 100);
		memset(early[i], 1 + i, EARLY_SIZE);
	}
}

/* What is allocated before main is each its own block, zeroed and as large as was asked for. */
static void callocs(void)
{
	volatile size_t many = SIZE_MAX / 8;

	for (int i = 0; i < EARLY; i++)
		expect(early[i][0] == 1 + i && early[i][EARLY_SIZE - 1] == 1 + i,
		       "each early block is its own");
	errno = 0;
	expect(!calloc(many, 16) && errno == ENOMEM, "calloc says why it fails");
}

/* Prints threads and children, and whether a namespace can be made, which a second thread forbids. */
static void alone(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned long threads = 0;

	for (struct dirent *entry; (entry = readdir(tasks));)
		threads += *entry->d_name != '.';
	closedir(tasks);
	bool none = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;

	say("threads: %lu, children: %lu\n", threads, !none);
	say("unshare: %lu\n", unshare(CLONE_NEWUSER) == 0 || errno == EPERM || errno == ENOSPC, 0);
}

/* 10 blocks of no size stay; what is freed or fails is no event. */
static void zero_sizes(void)
{
	volatile size_t many = SIZE_MAX / 2;

	for (int i = 0; i < 10; i++) {
		keep[i] = malloc(*no_size);
		expect(keep[i], "malloc(0) is a block");
		free(NULL);
		expect(!calloc(many, 3) && !reallocarray(NULL, many, 3), "overflow fails");
	}
}

static void *churn(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *p = malloc(16 + i % 97 * 8 + i * i % 4001);

		keep[i * 7 % ROUNDS] = p;
		free(p);
	}
	return NULL;
}

/* Half a million events, which take more room than there is where the test lets them be written. */
static void many_events(void)
{
	churn(250000);
}

/* Prints a number made of the sizes and distances of blocks; then uses every byte that blocks have. */
static void layout(void)
{
	unsigned long sum = 0;
	char *before = NULL;

	for (size_t i = 1; i < ROUNDS; i++) {
		char *p = malloc(i);
		size_t usable = malloc_usable_size(p);

		sum = sum * 31 + usable + (before ? (unsigned long)(p - before) : 0);
		memset(p, 0xff, usable);
		keep[i] = before = p;
	}
	for (size_t i = 1; i < ROUNDS; i++)
		free(keep[i]);
	say("layout %lx%.0lu\n", sum, 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{"nothing", nothing},
		{"realloc_zero", realloc_zero},
		{"realloc_race", realloc_race},
		{"realloc_fails", realloc_fails},
		{"malloc_fails", malloc_fails},
		{"aligned", aligned},
		{"alternating", alternating},
		{"successive", successive},
		{"mremap", mremap_grows},
		{"callocs", callocs},
		{"alone", alone},
		{"zero_sizes", zero_sizes},
		{"many_events", many_events},
		{"layout", layout},
	};

	for (size_t i = 0; argc == 2 && i < sizeof ways / sizeof *ways; i++)
		if (strcmp(argv[1], ways[i].name) == 0)
			return ways[i].run(), 0;
	return 2;
}
