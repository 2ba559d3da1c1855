// SPDX-License-Identifier: MIT
/*
 * What may hang under a preloaded library, while another thread forks, or loads and unloads
 * libconstruct.so, without end:
 *
 *     deadlocks CASE fork|load
 *
 *     iterate   dl_iterate_phdr, whose callbacks allocate and wait for a thread that does
 *     atfork    atfork handlers that allocate
 *     handler   a timer's handlers that interrupt malloc and allocate
 *     end       threads that allocate and free in the destructors of keys and of thread_local, and
 *               end by a return, by pthread_exit, or detached
 *     cancel    threads that are cancelled where they may be, and free what they have
 *     async     threads that are cancelled anywhere inside malloc
 *     jump      a timer's handler that jumps out of malloc
 *     stack     threads on stacks of 16 KiB that allocate far down in them
 *     altstack  handlers that allocate on the smallest signal stack that serves malloc
 *
 * Those that interrupt malloc itself (handler, async, jump) need libbump.so behind the library.
 */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_ROOM 6000 /* of 16 KiB: the thread itself and malloc get the rest */
#define WORKERS 2

extern int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *dso);
extern void *__dso_handle;

static atomic_bool done;
static char library[4096];
static void *volatile sink;

static void allocate(size_t size)
{
	void *block = malloc(size);

	free(realloc(malloc(size + 20), size + 200));
	free(block);
}

static void start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	if (pthread_create(thread, NULL, run, argument))
		abort();
}

/* What another thread does all the time. */
static void *fork_again(void *unused)
{
	while (!done) {
		pid_t child = fork();

		if (child == 0) {
			allocate(33);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		usleep(1000);
	}
	return unused;
}

static void *load_again(void *unused)
{
	while (!done) {
		void *handle = dlopen(library, RTLD_NOW);

		if (!handle)
			abort();
		dlclose(handle);
		usleep(200);
	}
	return unused;
}

/* A thread that allocates whenever it is asked to. */
static sem_t asked[WORKERS], answered[WORKERS];

static void *answer(void *number)
{
	size_t self = (size_t)number;

	while (sem_wait(&asked[self]) == 0 && !done) {
		allocate(70);
		sem_post(&answered[self]);
	}
	return NULL;
}

static int allocate_in_callback(struct dl_phdr_info *info, size_t size, void *number)
{
	(void)info, (void)size;
	allocate(60);
	sem_post(&asked[(size_t)number]);
	sem_wait(&answered[(size_t)number]);
	return 0;
}

static void *iterate(void *number)
{
	pthread_t other;

	start(&other, answer, number);
	for (int i = 0; i < 100; i++)
		dl_iterate_phdr(allocate_in_callback, number);
	pthread_detach(other);
	return NULL;
}

static void allocate_at_fork(void)
{
	allocate(90);
}

static void *fork_with_handlers(void *argument)
{
	for (int i = 0; i < 10; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		for (int j = 0; j < 200; j++)
			allocate(30);
		waitpid(child, NULL, 0);
	}
	return argument;
}

static void tick(int number)
{
	(void)number;
	allocate(40);
}

static void set_timer(int microseconds)
{
	struct itimerval timer = {{0, microseconds}, {0, microseconds}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigaction(number, &action, NULL);
}

static void *allocate_much(void *argument)
{
	for (int i = 0; i < 30000; i++)
		allocate(50);
	return argument;
}

static pthread_key_t key;

static void end_key(void *block)
{
	free(block);
	pthread_setspecific(key, malloc(80)); /* in every round; the last one leaks */
}

static void end_object(void *block)
{
	allocate(100);
	free(block);
}

static void *end_somehow(void *argument)
{
	__cxa_thread_atexit_impl(end_object, malloc(110), &__dso_handle);
	pthread_setspecific(key, malloc(120));
	if ((size_t)argument % 3 == 1)
		pthread_exit(argument);
	return argument;
}

static atomic_int n_detached;

static void *end_detached(void *argument)
{
	end_somehow(0);
	n_detached--;
	return argument;
}

static void *end_threads(void *argument)
{
	for (size_t i = 0; i < 100; i++) {
		pthread_t thread;

		if (i % 3 == 2) {
			n_detached++;
			start(&thread, end_detached, NULL);
			pthread_detach(thread);
		} else {
			start(&thread, end_somehow, (void *)i);
			pthread_join(thread, NULL);
		}
	}
	return argument;
}

static void *wait_for_cancel(void *asynchronous)
{
	void *block = malloc(130);

	pthread_cleanup_push(free, block);
	if (asynchronous)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;) {
		allocate(10);
		pthread_testcancel();
	}
	pthread_cleanup_pop(1);
	return NULL;
}

static void cancel_threads(void *asynchronous)
{
	for (int i = 0; i < 100; i++) {
		pthread_t thread;

		start(&thread, wait_for_cancel, asynchronous);
		usleep(i * 7);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
	}
}

static void *cancel(void *argument)
{
	cancel_threads(NULL);
	return argument;
}

static void *cancel_anywhere(void *argument)
{
	cancel_threads(&done);
	return argument;
}

static sigjmp_buf back;

static void jump(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

/* By its own thread only: the other ones keep the signal off. */
static void *jump_out(void *argument)
{
	volatile int jumps = 0;
	sigset_t alarms;

	if (argument)
		return NULL;
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	if (sigsetjmp(back, 1))
		jumps++;
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	while (jumps < 200)
		allocate(50);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	return NULL;
}

static void *allocate_far_down(void *argument)
{
	char room[STACK_ROOM];

	memset(room, 1, sizeof room);
	for (int i = 0; i < 50; i++)
		free(malloc((size_t)(i * 13 + room[i])));
	return argument;
}

static void *small_stacks(void *argument)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 16384);
	for (int i = 0; i < 50; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &attributes, allocate_far_down, NULL))
			abort();
		pthread_join(thread, NULL);
	}
	return argument;
}

static void *signal_stack(void *argument)
{
	size_t size = (size_t)sysconf(_SC_MINSIGSTKSZ) + 2048; /* malloc needs that */
	stack_t stack = {.ss_sp = malloc(size), .ss_size = size};

	sigaltstack(&stack, NULL);
	for (int i = 0; i < 500; i++)
		pthread_kill(pthread_self(), SIGUSR1);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	free(stack.ss_sp);
	return argument;
}

struct test {
	const char *name;
	void *(*run)(void *number);
};

static void prepare(const char *name)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	if (strcmp(name, "atfork") == 0)
		pthread_atfork(allocate_at_fork, allocate_at_fork, allocate_at_fork);
	handle(SIGALRM, strcmp(name, "jump") == 0 ? jump : tick, SA_RESTART);
	handle(SIGUSR1, tick, SA_ONSTACK);
	tick(0); /* lazy binding needs more than a small stack */
	pthread_key_create(&key, end_key);
	if (strcmp(name, "jump") == 0)
		pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	if (strcmp(name, "jump") == 0 || strcmp(name, "handler") == 0)
		set_timer(300);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{"iterate", iterate},	    {"atfork", fork_with_handlers},
		{"handler", allocate_much}, {"end", end_threads},
		{"cancel", cancel},	    {"async", cancel_anywhere},
		{"jump", jump_out},	    {"stack", small_stacks},
		{"altstack", signal_stack},
	};
	const struct test *test = NULL;
	pthread_t workers[WORKERS], other;

	for (size_t i = 0; argc > 2 && i < sizeof tests / sizeof *tests; i++)
		if (strcmp(argv[1], tests[i].name) == 0)
			test = &tests[i];
	if (!test)
		return 2;
	snprintf(library, sizeof library, "%.*s/libconstruct.so",
		 (int)(strrchr(argv[0], '/') - argv[0]), argv[0]);
	prepare(test->name);
	start(&other, strcmp(argv[2], "fork") == 0 ? fork_again : load_again, NULL);
	for (size_t i = 0; i < WORKERS; i++)
		start(&workers[i], test->run, (void *)i);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	set_timer(0);
	while (n_detached)
		usleep(100);
	done = true;
	pthread_join(other, NULL);
	puts("done");
	return 0;
}
