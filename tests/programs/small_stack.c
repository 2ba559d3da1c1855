// SPDX-License-Identifier: MIT
/*
 * Threads on the smallest stack, that allocate as deep in it as malloc itself just allows, and
 * handlers on a signal stack of the smallest size plus what malloc needs.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MALLOC_NEEDS 2048 /* glibc's own malloc and free, its slow paths included */

static volatile sig_atomic_t handled;

static void handler(int number)
{
	(void)number;
	free(malloc(100));
	free(realloc(malloc(100), 5000));
	handled++;
}

static void *thread(void *arg)
{
	char room[4096];

	memset(room, 1, sizeof room);
	for (int i = 0; i < 1000; i++)
		free(malloc((size_t)(i * 13 % 3000 + room[i])));
	return arg;
}

static void *thread_with_signal_stack(void *arg)
{
	long minimum = sysconf(_SC_MINSIGSTKSZ);
	size_t size = (size_t)(minimum > 0 ? minimum : 2048) + MALLOC_NEEDS, page = 4096;
	size_t whole = (size + page - 1) / page * page;
	/* Right above a page that must not be touched. */
	char *map = mmap(NULL, page + whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	stack_t stack = {.ss_sp = map + page, .ss_size = size};

	mprotect(map, page, PROT_NONE);
	sigaltstack(&stack, NULL);
	for (int i = 0; i < 500; i++)
		pthread_kill(pthread_self(), SIGUSR1);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	return arg;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
	pthread_attr_t attributes;
	pthread_t id;

	handler(0); /* lazy binding, which needs more than 2 KiB, is done before */
	handled = 0;
	sigaction(SIGUSR1, &action, NULL);
	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, (size_t)sysconf(_SC_THREAD_STACK_MIN)))
		return 1;
	for (int i = 0; i < 20; i++) {
		if (pthread_create(&id, &attributes, i % 2 ? thread : thread_with_signal_stack,
				   NULL))
			return 1;
		pthread_join(id, NULL);
	}
	printf("handled %d\n", (int)handled);
	return 0;
}
