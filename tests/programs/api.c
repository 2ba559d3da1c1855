// SPDX-License-Identifier: MIT
/*
 * The functions of tmtrace.h, called as a program calls them: C11 and C++ alike. Each part prints
 * what holds, "ok FACT" or "not ok FACT"; what must be in the trace then is checked by
 * tests/preload/api.sh. Sizes from a million on are told apart from what libc allocates.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../preload/tmtrace.h"
#include "ticker.h"

#define MILLION 1000000u
#define LARGEST 4294967295u

static const char *row = "";

static void fact(int holds, const char *text)
{
	printf("%s %s: %s\n", holds ? "ok" : "not ok", row, text);
	fflush(stdout);
}

static unsigned limit(void)
{
	unsigned nframe = 4711;

	return tmtrace_get_traceback_limit(&nframe) == 0 ? nframe : 4711;
}

static void *volatile kept;

__attribute__((noinline)) static void *allocate(size_t size)
{
	kept = malloc(size);
	return kept;
}

__attribute__((noinline)) static void *deep(unsigned depth, size_t size)
{
	void *block = depth ? deep(depth - 1, size) : allocate(size);

	kept = block;
	return block;
}

static void toggles(void)
{
	row = "RT-1";
	fact(!tmtrace_is_tracing(), "with TMTRACE_START=0 nothing is recorded");
	fact(tmtrace_start(1) == 0 && tmtrace_is_tracing(), "start begins it");
	fact(tmtrace_stop() == 0 && !tmtrace_is_tracing(), "stop ends it");
	fact(tmtrace_stop() == 0 && !tmtrace_is_tracing(), "stop may be repeated");
	fact(tmtrace_start(65535) == 0 && tmtrace_is_tracing(), "it may begin again");
}

static void limits(void)
{
	row = "RT-2";
	fact(limit() == 0, "the limit is that of the environment, all, before any start");
	fact(tmtrace_start(0) == EINVAL && tmtrace_start(65536) == EINVAL &&
		     tmtrace_start(LARGEST) == EINVAL && !tmtrace_is_tracing(),
	     "a limit outside of 1 to 65535 is refused");
	fact(tmtrace_start(3) == 0 && limit() == 3, "a limit is taken");
	fact(tmtrace_start(0) == EINVAL && tmtrace_start(65536) == EINVAL && limit() == 3,
	     "a wrong one is refused while recording as well");
	deep(10, MILLION + 3);
	row = "RT-3";
	fact(tmtrace_start(7) == 0 && limit() == 3, "a second start changes nothing");
	tmtrace_take_snapshot("three");
	row = "RT-2";
	fact(tmtrace_stop() == 0 && limit() == 3, "the limit stays what it was after a stop");
	fact(tmtrace_start(1) == 0 && limit() == 1, "the next start has its own");
	deep(10, MILLION + 1);
}

/* tracemalloc's example: +100, +50, -100 -> (50, 150); reset -> (50, 50); +10 -> (60, 60). */
static void memory(void)
{
	size_t current = 1, peak = 1, before = 0, after = 0;
	void *first;

	row = "RT-4";
	fact(tmtrace_get_traced_memory(&current, &peak) == ENOTSUP && !current && !peak,
	     "without a table of what lives, its size is not known in the process");
	tmtrace_start(1);
	first = allocate(100 * MILLION);
	allocate(50 * MILLION);
	free(first);
	tmtrace_take_snapshot("fifty");
	row = "RT-5";
	if (getenv("RESET"))
		fact(tmtrace_reset_peak() == 0, "the peak may be reset");
	allocate(10 * MILLION);
	row = "RT-6";
	if (getenv("CLEAR"))
		fact(tmtrace_clear_traces() == 0, "all blocks may be forgotten");
	tmtrace_take_snapshot("cleared");
	free(kept);
	row = "RT-7";
	fact(tmtrace_get_tracer_memory(&before) == 0 && before > 0,
	     "the recorder tells its memory");
	tmtrace_clear_traces();
	fact(tmtrace_get_tracer_memory(&after) == 0 && after <= before,
	     "it has no more after a clear");
	tmtrace_stop();
	fact(tmtrace_reset_peak() == 0 && tmtrace_clear_traces() == 0,
	     "neither reset_peak nor clear_traces is an error when stopped");
}

static void stopped(void)
{
	uintptr_t frames[4];
	unsigned n = 1;
	char name[258];

	memset(name, 'x', sizeof name);
	name[256] = '\0';
	row = "RT-8";
	fact(tmtrace_get_object_traceback((uintptr_t)kept, frames, 4, &n) == ENOTSUP && n == 0,
	     "without a table of what lives, nobody is asked for a block's stack");
	row = "RT-9";
	tmtrace_stop();
	fact(tmtrace_take_snapshot("nothing") == ESRCH, "no snapshot when stopped");
	tmtrace_start(1);
	fact(tmtrace_take_snapshot(NULL) == EINVAL && tmtrace_take_snapshot("") == EINVAL &&
		     tmtrace_take_snapshot(name) == EINVAL,
	     "a name of a snapshot has 1 to 255 bytes");
	fact(tmtrace_take_snapshot(name + 1) == 0, "255 are not too many");
	row = "CA-5";
	tmtrace_stop();
	fact(tmtrace_track(7, 16, 1) == ESRCH, "track fails when stopped");
	fact(tmtrace_untrack(7, 16) == ESRCH, "untrack fails when stopped");
}

static void *track_many(void *argument)
{
	uintptr_t base = (uintptr_t)argument;

	for (uintptr_t i = 0; i < 1000; i++)
		if (tmtrace_track(8, base + i, MILLION) != 0)
			return argument;
	for (uintptr_t i = 0; i < 1000; i += 2)
		if (tmtrace_untrack(8, base + i) != 0)
			return argument;
	return NULL;
}

__attribute__((noinline)) static int tail(void)
{
	return tmtrace_track(7, 77, MILLION + 77);
}

static void domains(void)
{
	pthread_t threads[4];
	void *wrong = NULL;

	row = "CA-1";
	fact(tmtrace_track(0, 16, 1) == EINVAL && tmtrace_track(1, 16, 1) == EINVAL &&
		     tmtrace_untrack(0, 16) == EINVAL && tmtrace_name_domain(1, "x") == EINVAL,
	     "the heap and mapped memory are not the program's");
	fact(tmtrace_name_domain(7, "") == EINVAL && tmtrace_name_domain(7, NULL) == EINVAL,
	     "a domain's name has 1 to 255 bytes");
	fact(tmtrace_name_domain(7, "old") == 0 && tmtrace_name_domain(7, "pool") == 0 &&
		     tmtrace_name_domain(7, "pool") == 0,
	     "a domain gets a name, and another one");
	fact(tmtrace_track(7, 16, MILLION + 1) == 0 && tmtrace_track(LARGEST, 16, MILLION + 2) == 0,
	     "the same address in two domains is tracked twice");
	fact(tmtrace_track(7, 0, MILLION + 3) == 0 && tmtrace_track(7, UINTPTR_MAX, 0) == 0,
	     "any address and any size will do");
	fact(tail() == 0, "also by the last call of a function");
	row = "CA-3";
	fact(tmtrace_track(7, 16, MILLION + 4) == 0, "what is tracked may be tracked again");
	row = "CA-4";
	fact(tmtrace_untrack(LARGEST, 16) == 0 && tmtrace_untrack(LARGEST, 16) == 0 &&
		     tmtrace_untrack(9, 4711) == 0,
	     "untrack may be repeated");
	row = "CA-2";
	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, track_many, (void *)(i << 32));
	for (unsigned i = 0; i < 4; i++) {
		void *result;

		pthread_join(threads[i], &result);
		wrong = result ? result : wrong;
	}
	fact(!wrong, "threads track and untrack side by side");
}

static void blocks(void)
{
	void *block;

	row = "RT-11";
	block = malloc(0);
	fact(block != NULL, "malloc(0) gives a block");
	allocate(MILLION + 11);
	row = "RT-12";
	block = allocate(MILLION);
	free(block);
	for (unsigned i = 0; i < 2; i++) {
		block = malloc(MILLION + 12);
		if (i == 0)
			free(block);
	}
	kept = realloc(block, 2 * MILLION + 12);
	fact(kept != NULL, "a block moves by realloc");
}

static void marks(void)
{
	row = "marks";
	allocate(MILLION + 1);
	fact(tmtrace_take_snapshot("step") == 0, "a mark is set");
	allocate(MILLION + 2);
	fact(tmtrace_take_snapshot("step") == 0, "and once more");
	fact(tmtrace_take_snapshot("other@home") == 0, "a name may have any letters");
	allocate(MILLION + 3);
}

static int in_child(pid_t pid, int (*function)(void))
{
	int status = 1;

	if (pid == 0)
		_exit(function());
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static int child_records(void)
{
	int recorded = tmtrace_is_tracing();

	allocate(MILLION + 10);
	return !recorded || tmtrace_take_snapshot("child") != 0;
}

static int child_stops(void)
{
	return tmtrace_stop() != 0 || tmtrace_is_tracing();
}

static int child_starts(void)
{
	int recorded = tmtrace_is_tracing();

	allocate(MILLION);
	if (tmtrace_start(2) != 0)
		return 1;
	allocate(MILLION + 20);
	return recorded;
}

static int vfork_child(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		int good = tmtrace_is_tracing() && tmtrace_stop() == ENOTSUP &&
			   tmtrace_track(7, 99, MILLION + 99) == 0 &&
			   tmtrace_take_snapshot("parent's") == 0 &&
			   tmtrace_take_snapshot("new in a vfork child") == ENOTSUP;

		_exit(!good);
	}
	return in_child(pid, NULL);
}

static void forks(void)
{
	row = "RT-10";
	allocate(MILLION + 1);
	fact(tmtrace_take_snapshot("parent's") == 0, "the parent records");
	tmtrace_name_domain(7, "pool");
	fact(in_child(fork(), child_records) == 0, "its child goes on recording");
	fact(in_child(fork(), child_stops) == 0, "a child may stop at once");
	fact(vfork_child() == 0,
	     "a child of vfork tracks into its parent's trace, and stops nothing");
	tmtrace_stop();
	fact(in_child(fork(), child_starts) == 0, "the child of a stopped one may start");
	fact(!tmtrace_is_tracing(), "which starts nothing in the parent");
}

/* Threads that allocate all the time, while another one starts and stops. */
static volatile int storm_over;

static void *storm(void *argument)
{
	while (!storm_over)
		for (size_t i = 1; i < 20; i++) {
			char *block = (char *)malloc(i * 16);

			block[0] = 1;
			block = (char *)realloc(block, i * 64);
			tmtrace_track(9, (uintptr_t)block, i);
			tmtrace_untrack(9, (uintptr_t)block);
			free(block);
		}
	return argument;
}

static void storms(void)
{
	pthread_t threads[3];
	int good = 1;

	row = "storm";
	for (unsigned i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, storm, NULL);
	for (unsigned i = 0; i < 200; i++) {
		good = good && tmtrace_start(1 + i) == 0 && tmtrace_is_tracing();
		usleep(500);
		if (i % 5 == 0)
			good = good && tmtrace_clear_traces() == 0;
		if (i % 7 == 0)
			good = good && tmtrace_take_snapshot("in the storm") == 0;
		good = good && tmtrace_stop() == 0 && !tmtrace_is_tracing();
	}
	tmtrace_start(1);
	allocate(MILLION + 5);
	storm_over = 1;
	for (unsigned i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	tmtrace_take_snapshot("calm");
	fact(good, "start, stop, clear and marks work while others allocate");
}

static volatile sig_atomic_t n_signals, wrong_signals;

static void on_signal(int number)
{
	(void)number;
	n_signals++;
	switch (n_signals % 6) {
	case 0: /* until the next one nothing is recorded */
		wrong_signals |= tmtrace_stop() != 0;
		break;
	case 1:
		wrong_signals |= tmtrace_start(2) != 0;
		wrong_signals |= tmtrace_take_snapshot("signal") != 0;
		break;
	case 2:
		wrong_signals |= tmtrace_track(7, 1, MILLION) != 0;
		break;
	case 3:
		wrong_signals |= tmtrace_untrack(7, 1) != 0;
		break;
	case 4:
		wrong_signals |= tmtrace_clear_traces() != 0;
		break;
	default:
		wrong_signals |= tmtrace_reset_peak() != 0;
		wrong_signals |= tmtrace_name_domain(7, "signals") != 0;
	}
}

static void signals(void)
{
	timer_t timer = ticker_make(on_signal);

	row = "signals";
	tmtrace_start(2);
	ticker_set(timer, 50000);
	while (n_signals < 3000)
		for (size_t i = 1; i < 50; i++)
			free(allocate(i * 8));
	timer_delete(timer);
	fact(!wrong_signals, "all of it may be done in a signal handler");
	tmtrace_stop();
	tmtrace_start(1);
	allocate(MILLION + 6);
	tmtrace_take_snapshot("quiet");
}

static volatile int may_end;

static void *wait_and_end(void *argument)
{
	allocate(MILLION);
	__atomic_store_n((int *)argument, 1, __ATOMIC_RELEASE);
	while (!may_end)
		usleep(100);
	free(malloc(100));
	return NULL;
}

static void *allocate_and_end(void *argument)
{
	allocate(MILLION + 30);
	return argument;
}

static void ended_threads(void)
{
	pthread_t first, second;
	int begun = 0;

	row = "threads";
	tmtrace_start(1);
	pthread_create(&first, NULL, wait_and_end, &begun);
	while (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
		usleep(100);
	tmtrace_stop();
	may_end = 1;
	pthread_join(first, NULL);
	fact(tmtrace_start(1) == 0, "a thread may end while nothing is recorded");
	pthread_create(&second, NULL, allocate_and_end, NULL);
	pthread_join(second, NULL);
}

static void ends(void)
{
	row = "ends";
	tmtrace_start(1);
	allocate(MILLION);
	tmtrace_stop();
	execl("/no/such/program", "program", (char *)NULL);
	fact(tmtrace_start(1) == 0, "after an exec that failed, a start goes on");
	allocate(MILLION + 7);
	execl("/no/such/program", "program", (char *)NULL);
	allocate(MILLION + 8);
	fact(tmtrace_take_snapshot("both") == 0, "and so does the recording after another one");
	tmtrace_stop();
	execl("/bin/true", "true", (char *)NULL);
}

static void killed(void)
{
	tmtrace_start(1);
	allocate(MILLION + 9);
	tmtrace_take_snapshot("alive");
	tmtrace_stop();
	tmtrace_start(2);
	allocate(MILLION + 10);
	kill(getpid(), SIGKILL);
}

static void late_forks(void)
{
	row = "forks";
	fact(in_child(fork(), child_starts) == 0, "a child may be recorded, its parent not");
	fact(!tmtrace_is_tracing(), "which the parent does not notice");
}

static void refused(void)
{
	row = "refused";
	fact(tmtrace_start(3) == ENOENT && !tmtrace_is_tracing() && limit() == 0,
	     "where no trace can be a start says why and changes nothing");
}

static void untraced(void)
{
	unsigned n = 5;
	size_t a = 5, b = 5;

	row = "untraced";
	errno = 4711;
	fact(!tmtrace_is_tracing(), "nothing is recorded");
	fact(tmtrace_start(1) == ENOSYS && tmtrace_stop() == ENOSYS &&
		     tmtrace_get_traceback_limit(&n) == ENOSYS &&
		     tmtrace_clear_traces() == ENOSYS && tmtrace_take_snapshot("a") == ENOSYS &&
		     tmtrace_track(7, 1, 1) == ENOSYS && tmtrace_untrack(7, 1) == ENOSYS &&
		     tmtrace_name_domain(7, "a") == ENOSYS &&
		     tmtrace_get_tracer_memory(&a) == ENOSYS &&
		     tmtrace_get_traced_memory(&a, &b) == ENOSYS &&
		     tmtrace_reset_peak() == ENOSYS &&
		     tmtrace_get_object_traceback(1, NULL, 0, &n) == ENOSYS,
	     "every function says ENOSYS");
	fact(errno == 4711, "and leaves errno alone");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{"toggles", toggles}, {"limits", limits},     {"memory", memory},
		{"stopped", stopped}, {"domains", domains},   {"blocks", blocks},
		{"marks", marks},     {"forks", forks},	      {"storm", storms},
		{"signals", signals}, {"untraced", untraced}, {"threads", ended_threads},
		{"ends", ends},	      {"killed", killed},     {"late_forks", late_forks},
		{"refused", refused},
	};

	for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (argc == 2 && strcmp(parts[i].name, argv[1]) == 0) {
			parts[i].run();
			return 0;
		}
	return 2;
}
