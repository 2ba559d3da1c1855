// SPDX-License-Identifier: MIT
/*
 * Asks for what lives while it does: tmtrace_get_traced_memory and tmtrace_get_object_traceback,
 * beside sums of its own. Each part prints what holds, "ok FACT" or "not ok FACT"; how it is started,
 * and what the trace must say, is in tests/preload/live.sh.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../preload/tmtrace.h"
#include "ticker.h"

#define MILLION 1000000u
#define GIGA ((size_t)1 << 30)
#define PAGE ((size_t)4096)

static const char *row = "";

/* Written without stdio, which would allocate while it is asked. */
static void fact(int holds, const char *text)
{
	char line[256];
	int n = snprintf(line, sizeof line, "%s %s: %s\n", holds ? "ok" : "not ok", row, text);

	if (write(1, line, (size_t)n) != n)
		abort();
}

static size_t current(void)
{
	size_t now = 0, peak = 0;

	return tmtrace_get_traced_memory(&now, &peak) == 0 ? now : (size_t)-1;
}

static size_t peak(void)
{
	size_t now = 0, most = 0;

	return tmtrace_get_traced_memory(&now, &most) == 0 ? most : (size_t)-1;
}

/* Whether what lives and lived at most is that much more than `base`. */
static int is(size_t base, size_t now, size_t most)
{
	size_t a = 0, b = 0;
	int error = tmtrace_get_traced_memory(&a, &b);

	if (error == 0 && a - base == now && b - base == most)
		return 1;
	printf("    error %d, %zu and %zu wanted, %zu and %zu found\n", error, now, most, a - base,
	       b - base);
	fflush(stdout);
	return 0;
}

/* Here is a mark of that name; what the process itself says then. */
static void tell(const char *mark)
{
	char line[64];
	int n;

	tmtrace_take_snapshot(mark);
	n = snprintf(line, sizeof line, "%zu %zu\n", current(), peak());
	if (write(1, line, (size_t)n) != n)
		abort();
}

static void *volatile kept;

__attribute__((noinline)) static void *allocate(size_t size)
{
	kept = malloc(size);
	return kept;
}

static void release(void *block)
{
	free(block);
	kept = NULL;
}

__attribute__((noinline)) static void *deep(unsigned depth, size_t size)
{
	void *block = depth ? deep(depth - 1, size) : allocate(size);

	kept = block;
	return block;
}

/* tracemalloc's example: +100, +50, -100 -> (50, 150); reset -> (50, 50); +10 -> (60, 60). */
static void sums(void)
{
	void *first, *second, *third;

	row = "RT-4";
	fact(getenv("TMTRACE_LIVE") ? is(0, 0, 0) : current() == (size_t)-1,
	     "before a start nothing lives, or it is not known that there will be a table");
	tmtrace_start(1 | TMTRACE_LIVE);
	size_t base = current();

	first = allocate(100 * MILLION);
	second = allocate(50 * MILLION);
	release(first);
	fact(is(base, 50 * MILLION, 150 * MILLION), "what lives, and what lived at most");
	row = "RT-5";
	tmtrace_reset_peak();
	fact(is(base, 50 * MILLION, 50 * MILLION), "the peak is reset");
	third = allocate(10 * MILLION);
	fact(is(base, 60 * MILLION, 60 * MILLION), "and grows again");
	row = "RT-6";
	tmtrace_clear_traces();
	fact(is(0, 0, 0), "a clear forgets all");
	release(third);
	fact(is(0, 0, 0), "the free of a block that was forgotten changes nothing");
	release(second);
	row = "RT-7";
	size_t before = 0, after = 0;

	tmtrace_get_tracer_memory(&before);
	first = allocate(MILLION);
	tmtrace_get_tracer_memory(&after);
	fact(after >= before && after > 1u << 20, "the recorder's memory has the table in it");
	row = "RT-4";
	tmtrace_stop();
	fact(is(0, 0, 0), "after a stop nothing lives");
	release(first);
	tmtrace_start(1 | TMTRACE_LIVE);
	fact(is(0, 0, 0), "nor after the next start");
	second = allocate(7);
	fact(is(0, 7, 7), "but what is allocated then");
	release(second);
	row = "RT-3";
	fact(tmtrace_start(2) == 0 && is(0, 0, 7), "a second start changes nothing");
}

static void sizes(void)
{
	void *block, *more;
	size_t base = current();

	row = "RT-4";
	tmtrace_reset_peak();
	block = allocate(0);
	fact(is(base, 0, 0), "malloc(0) has no size");
	fact(tmtrace_get_object_traceback((uintptr_t)block, NULL, 0, &(unsigned){0}) == 0,
	     "but is there");
	release(block);
	kept = block = calloc(100, 10);
	fact(is(base, 1000, 1000), "calloc has the product");
	kept = block = realloc(block, 3000);
	fact(is(base, 3000, 3000), "realloc has the new size, and never both");
	more = realloc(block, (size_t)-1 / 2);
	fact(!more && is(base, 3000, 3000), "a realloc that fails changes nothing");
	more = realloc(block, 0);
	fact(!more && is(base, 0, 3000), "realloc to 0 is a free");
	if (posix_memalign(&block, 4096, 555) != 0)
		return;
	fact(is(base, 555, 3000), "aligned blocks count what was asked for");
	release(block);
	kept = block = malloc(5 * GIGA); /* never touched */
	if (block) {
		fact(is(base, 5 * GIGA, 5 * GIGA), "5 GiB are 5 GiB");
		fact(tmtrace_get_object_traceback((uintptr_t)block, NULL, 0, &(unsigned){0}) == 0,
		     "and are found");
		release(block);
	}
	fact(is(base, 0, block ? 5 * GIGA : 3000), "and go");
	kept = block = strdup("twelve bytes");
	fact(is(base, 13, block ? 5 * GIGA : 3000), "strdup is seen as well");
	release(block);
	for (unsigned i = 0; i < 64; i++) {
		more = malloc(1 + i * i);
		kept = more;
		free(more);
	}
	fact(current() == base, "whatever comes and goes");
	tell("sizes");
}

static void domains(void)
{
	size_t base = current();
	int good = 1;

	row = "CA-1";
	tmtrace_reset_peak();
	tmtrace_track(7, 16, 100);
	tmtrace_track(8, 16, 1000);
	tmtrace_track(4294967295u, 3, 10000);
	tmtrace_track(7, UINTPTR_MAX, 100000);
	fact(is(base, 111100, 111100), "domains count together");
	row = "CA-3";
	tmtrace_track(7, 16, 200);
	tmtrace_track(7, UINTPTR_MAX, 1);
	tmtrace_track(8, 16, 5 * GIGA);
	tmtrace_track(8, 16, 1);
	tmtrace_track(8, 16, 6 * GIGA);
	tmtrace_track(8, 16, 2000);
	fact(current() - base == 12201, "what is tracked again is replaced, of whatever size");
	row = "CA-4";
	tmtrace_untrack(7, 16);
	tmtrace_untrack(7, 16);
	tmtrace_untrack(9, 4711);
	fact(current() - base == 12001, "untrack takes it away, once");
	fact(tmtrace_get_object_traceback(16, NULL, 0, &(unsigned){0}) == ENOENT,
	     "a block of a domain of the program's is none of the heap");
	tmtrace_untrack(8, 16);
	tmtrace_untrack(4294967295u, 3);
	tmtrace_untrack(7, UINTPTR_MAX);
	fact(current() == base, "to the last");
	for (uintptr_t i = 0; i < 100000; i++)
		good = good && tmtrace_track(11, i, i) == 0;
	fact(good && current() - base == 99999ul * 100000 / 2, "a hundred thousand handles");
	for (uintptr_t i = 0; i < 100000; i++)
		good = good && tmtrace_untrack(11, i) == 0;
	fact(good && current() == base, "come and go");
	for (uint32_t domain = 100; domain < 300; domain++)
		tmtrace_track(domain, 32, domain);
	fact(current() - base == (100 + 299) * 200 / 2, "two hundred domains");
	for (uint32_t domain = 100; domain < 300; domain++)
		tmtrace_untrack(domain, 32);
	fact(current() == base, "are no trouble");
	tell("domains");
}

static void mapped(void)
{
	size_t base = current();
	char *at;

	row = "mapped";
	tmtrace_reset_peak();
	at = mmap(NULL, 10 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fact(is(base, 10 * PAGE, 10 * PAGE), "mmap counts whole pages");
	munmap(at + 3 * PAGE, 2 * PAGE);
	fact(is(base, 8 * PAGE, 10 * PAGE), "a part is unmapped");
	munmap(at, 4 * PAGE);
	fact(is(base, 5 * PAGE, 10 * PAGE), "what is not mapped any more does not count twice");
	fact(munmap(at, (size_t)-PAGE) != 0 && is(base, 5 * PAGE, 10 * PAGE),
	     "an munmap that fails changes nothing");
	mmap(at + PAGE, 6 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	fact(is(base, 9 * PAGE, 10 * PAGE), "a mapping over others replaces them");
	mprotect(at + PAGE, 2 * PAGE, PROT_NONE);
	fact(is(base, 7 * PAGE, 10 * PAGE), "what has no access is not counted");
	mprotect(at + PAGE, PAGE, PROT_READ);
	fact(is(base, 8 * PAGE, 10 * PAGE), "until it has some again");
	munmap(at, 10 * PAGE);
	fact(is(base, 0, 10 * PAGE), "all goes at once");
	at = mmap(NULL, 1000 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fact(is(base, 0, 10 * PAGE), "a reservation counts nothing");
	at = mremap(at, 1000 * PAGE, 2000 * PAGE, MREMAP_MAYMOVE);
	fact(is(base, 0, 10 * PAGE), "also when it moves");
	munmap(at, 2000 * PAGE);
	at = mmap(NULL, 100 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	at = mremap(at, 100 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
	fact(is(base, 300 * PAGE, 300 * PAGE), "mremap is an unmapping and a mapping");
	munmap(at, 300 * PAGE);
	fact(current() == base, "and all of it goes");
	tell("mapped");
}

static unsigned same(const uintptr_t *a, const uintptr_t *b, unsigned n)
{
	unsigned i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/* The frames of the innermost functions, as far as they are known: all return addresses - 1. */
static void tracebacks(void)
{
	static uintptr_t frames[600], again[600];
	unsigned n = 0, m = 0, limit = 0;
	void *shallow = deep(3, 100), *block = deep(500, 10), *third;

	row = "RT-8";
	tmtrace_get_traceback_limit(&limit);
	fact(tmtrace_get_object_traceback((uintptr_t)block, frames, 600, &n) == 0 && n > 500,
	     "a block's stack is known, to its depth");
	fact(frames[0] - (uintptr_t)allocate < 200, "the most recent frame comes first");
	if (limit && limit < 500)
		fact(frames[limit - 1] && !frames[limit], "as many frames as the limit says");
	else
		fact(frames[2] == frames[3] && frames[100] == frames[499], "and all others follow");
	memset(again, 0, sizeof again);
	fact(tmtrace_get_object_traceback((uintptr_t)block, again, 2, &m) == 0 && m == n &&
		     again[0] && again[1] && !again[2],
	     "no more frames than there is room for");
	fact(tmtrace_get_object_traceback((uintptr_t)block + 1, again, 2, &m) == ENOENT && !m &&
		     tmtrace_get_object_traceback(0, again, 2, &m) == ENOENT &&
		     tmtrace_get_object_traceback(UINTPTR_MAX, again, 2, &m) == ENOENT,
	     "a block is found by where it begins");
	fact(tmtrace_get_object_traceback((uintptr_t)shallow, again, 600, &m) == 0 && m < n,
	     "each block has its own stack");
	row = "RT-12";
	release(block);
	fact(tmtrace_get_object_traceback((uintptr_t)block, again, 2, &m) == ENOENT,
	     "not once it is freed");
	third = realloc(shallow, 4000);
	fact(tmtrace_get_object_traceback((uintptr_t)third, again, 600, &m) == 0 &&
		     (third == shallow ||
		      tmtrace_get_object_traceback((uintptr_t)shallow, frames, 2, &n) == ENOENT) &&
		     again[0] - (uintptr_t)tracebacks < 2000,
	     "realloc gives a block the stack of its own call");
	release(third);
	third = deep(3, 100);
	shallow = deep(3, 200);
	tmtrace_get_object_traceback((uintptr_t)third, frames, 600, &n);
	tmtrace_get_object_traceback((uintptr_t)shallow, again, 600, &m);
	fact(n == m && same(frames, again, 4) == (limit && limit < 4 ? limit : 4),
	     "the same stack is the same");
	release(third);
	release(shallow);
}

/* Blocks are handed from thread to thread, while others start, clear and ask. */
#define BOXES 256
static void *boxes[BOXES];
static volatile int over;
static int wrong;

static void *hand_over(void *argument)
{
	unsigned random = (unsigned)(uintptr_t)argument;

	for (unsigned i = 0; i < 60000; i++) {
		random = random * 1103515245 + 12345;
		void *mine = malloc(1 + (random >> 8) % 3000);

		if (random >> 28 == 0)
			mine = realloc(mine, 5000);
		if (random >> 28 == 1)
			tmtrace_track(9, (uintptr_t)mine, 1);
		else if (random >> 28 == 2)
			tmtrace_untrack(9, (uintptr_t)mine);
		free(__atomic_exchange_n(&boxes[(random >> 16) % BOXES], mine, __ATOMIC_ACQ_REL));
	}
	return argument;
}

static void *ask(void *argument)
{
	size_t now, most;

	while (!over) {
		uintptr_t frames[8];
		unsigned n;
		void *block = boxes[(uintptr_t)argument++ % BOXES];
		int error = tmtrace_get_object_traceback((uintptr_t)block, frames, 8, &n);

		wrong |= error && error != ENOENT;
		wrong |= tmtrace_get_traced_memory(&now, &most) != 0 || most < now;
	}
	return NULL;
}

static void storm(void)
{
	pthread_t threads[4], asker;
	size_t base = current(), before = peak(), now;

	row = "storm";
	pthread_create(&asker, NULL, ask, NULL);
	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, hand_over, (void *)(i + 1));
	if (getenv("CLEAR"))
		for (unsigned i = 0; i < 20; i++) {
			usleep(3000);
			wrong |= tmtrace_clear_traces() != 0;
		}
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	over = 1;
	pthread_join(asker, NULL);
	fact(!wrong, "all may be asked at any time");
	tell("storm");
	now = current();
	for (unsigned i = 0; i < BOXES; i++)
		free(boxes[i]);
	if (getenv("CLEAR")) {
		tmtrace_clear_traces();
		fact(is(0, 0, 0), "clears among the changes of others leave nothing behind");
		return;
	}
	fact(now > base && now - base < BOXES * 5000 + 60000 * 4, "it adds up");
	fact(peak() >= now && peak() >= before, "and the peak is no less");
}

static int in_child(pid_t pid, int (*function)(void))
{
	int status = 1;

	if (pid == 0)
		_exit(function());
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static size_t parents;
static void *of_parent;

static int child(void)
{
	unsigned n = 0;
	int good = current() == parents;
	void *own = allocate(1000);

	good = good && current() == parents + 1000;
	release(of_parent);
	good = good && current() == parents + 1000 - 3 * MILLION;
	release(own);
	good = good && tmtrace_get_object_traceback((uintptr_t)of_parent, NULL, 0, &n) == ENOENT;
	return !good || in_child(fork(), NULL) < 0;
}

static int child_of_storm(void)
{
	size_t now = current();

	allocate(10);
	return current() != now + 10;
}

static void *until_over(void *argument)
{
	while (!over)
		hand_over(argument);
	return NULL;
}

static void forks(void)
{
	pthread_t thread;
	int bad = 0;

	row = "RT-10";
	of_parent = allocate(3 * MILLION);
	parents = current();
	fact(in_child(fork(), child) == 0, "a child goes on with what it inherited");
	fact(current() == parents, "which its parent does not notice");
	pthread_create(&thread, NULL, until_over, (void *)1);
	for (unsigned i = 0; i < 50; i++)
		bad |= in_child(fork(), child_of_storm);
	over = 1;
	pthread_join(thread, NULL);
	fact(!bad, "also while another thread allocates");
}

static volatile sig_atomic_t n_signals, wrong_signals;
static void *standing;

static void on_signal(int number)
{
	uintptr_t frames[4];
	unsigned n;
	size_t now, most;

	(void)number;
	n_signals++;
	wrong_signals |=
		tmtrace_get_object_traceback((uintptr_t)standing, frames, 4, &n) != 0 || n < 2;
	wrong_signals |= tmtrace_get_traced_memory(&now, &most) != 0 || most < now;
	wrong_signals |= tmtrace_track(7, 48, MILLION) != 0;
	wrong_signals |= tmtrace_track(7, 49, MILLION) != 0;
	wrong_signals |= tmtrace_untrack(7, 48) != 0;
	wrong_signals |= tmtrace_untrack(7, 49) != 0;
}

static void signals(void)
{
	timer_t timer = ticker_make(on_signal);

	row = "signals";
	standing = allocate(MILLION);
	size_t base = current();

	ticker_set(timer, 100000);
	while (n_signals < 2000)
		for (size_t i = 1; i < 50; i++) {
			release(allocate(i * 8));
			tmtrace_track(8, i, 1);
			tmtrace_untrack(8, i);
		}
	timer_delete(timer);
	fact(!wrong_signals, "a handler may ask, whatever it interrupted");
	release(allocate(1));
	fact(current() == base, "and the sum is what it was");
}

static void stops(void)
{
	unsigned n = 1;
	size_t a = 1, b = 1;

	row = "stops";
	tmtrace_stop();
	fact(tmtrace_get_object_traceback((uintptr_t)kept, NULL, 0, &n) == ENOENT && !n,
	     "when stopped no block is known");
	tmtrace_start(1);
	fact(getenv("TMTRACE_LIVE") ? is(0, 0, 0)
				    : tmtrace_get_traced_memory(&a, &b) == ENOTSUP && !a && !b,
	     "a start without the flag has a table if the environment says so");
}

static void poor(void)
{
	struct rlimit limit = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
	size_t now, most;
	void *block;
	int error = 0;

	row = "poor";
	release(allocate(10));
	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = 1 << 20; /* less than there is: no mapping succeeds any more */
	setrlimit(RLIMIT_AS, &limit);
	for (uintptr_t i = 1; i < 40 && !error; i++) {
		tmtrace_track(7, i << 40, 1);
		error = tmtrace_get_traced_memory(&now, &most);
	}
	for (uintptr_t i = 1; i < 100000 && !error; i++) {
		tmtrace_track(7, (i << 4) + 1, 1);
		error = tmtrace_get_traced_memory(&now, &most);
	}
	fact(error == ENOMEM, "without memory for the table, it says so");
	block = malloc(10);
	fact(block != NULL, "and the program goes on");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_AS, &limit);
	tmtrace_clear_traces();
	fact(tmtrace_get_traced_memory(&now, &most) == 0 && now == 0,
	     "once all is forgotten nothing is missing");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{"sums", sums},	    {"sizes", sizes}, {"domains", domains},
		{"mapped", mapped}, {"storm", storm}, {"tracebacks", tracebacks},
		{"forks", forks},   {"stops", stops}, {"signals", signals},
		{"poor", poor},
	};

	for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (argc == 2 && strcmp(parts[i].name, argv[1]) == 0) {
			if (parts[i].run != sums)
				tmtrace_start(65535 | TMTRACE_LIVE);
			parts[i].run();
			return 0;
		}
	return 2;
}
