// SPDX-License-Identifier: MIT
/*
 * finished FILE THREADS [idle | abort | segv | _exit]: threads allocate and free without end, and
 * count in FILE, which they share with whoever kills them, every call that has returned. With a
 * word: idle threads do nothing, or one of them ends the process so after a while.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCKS 256
#define THREADS_MOST 16

struct counts { /* of one thread; a cache line. The killer knows the order. */
	_Atomic uint64_t allocations, frees;
	uint64_t unused[6];
};

static struct {
	_Atomic uint64_t ready;
	uint64_t unused[7];
	struct counts threads[THREADS_MOST];
} * shared;
static void *_Atomic mailbox[THREADS_MOST];
static const char *how = "";
static pthread_barrier_t barrier;

static void count(_Atomic uint64_t *word)
{
	atomic_store_explicit(word, atomic_load_explicit(word, memory_order_relaxed) + 1,
			      memory_order_release);
}

static __attribute__((noinline)) void *allocate(struct counts *counts, unsigned depth, size_t size)
{
	void *block;

	if (depth) {
		block = allocate(counts, depth - 1, size);
	} else {
		block = size & 1 ? calloc(1, size) : malloc(size);
		count(&counts->allocations);
	}
	__asm__ volatile("" ::: "memory");
	return block;
}

static void release(struct counts *counts, void *block)
{
	if (!block)
		return;
	free(block);
	count(&counts->frees);
}

static void end_some_way(uint64_t turn)
{
	if (turn != 300000)
		return;
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "segv") == 0)
		raise(SIGSEGV);
	if (strcmp(how, "_exit") == 0)
		_exit(7);
}

static void *run(void *argument)
{
	struct counts *counts = argument;
	size_t number = (size_t)(counts - shared->threads);
	uint64_t random = number * 77 + 1;
	void *blocks[BLOCKS] = {0};

	pthread_barrier_wait(&barrier);
	if (strcmp(how, "idle") == 0)
		pause();
	for (uint64_t turn = 0;; turn++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		unsigned i = random >> 33 & (BLOCKS - 1), depth = random >> 41 & 15;
		size_t size = (random >> 45 & 511) + 1;

		if (blocks[i] && size % 5 == 0) {
			blocks[i] = realloc(blocks[i], size);
			count(&counts->allocations);
			count(&counts->frees);
		} else if (size % 7 == 0) { /* somebody else's block for one of ours */
			release(counts, atomic_exchange(&mailbox[size % THREADS_MOST], blocks[i]));
			blocks[i] = NULL;
		} else {
			release(counts, blocks[i]);
			blocks[i] = allocate(counts, depth, size);
		}
		if (number == 0 && *how)
			end_some_way(turn);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 1, fd = argc > 1 ? open(argv[1], O_RDWR) : -1;
	pthread_t thread;

	if (fd < 0 || n < 1 || n > THREADS_MOST)
		return 2;
	how = argc > 3 ? argv[3] : "";
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		return 2;
	close(fd);
	pthread_barrier_init(&barrier, NULL, (unsigned)n + 1);
	for (int i = 1; i < n; i++)
		pthread_create(&thread, NULL, run, &shared->threads[i]);
	pthread_create(&thread, NULL, run, &shared->threads[0]);
	shared->ready = 1;
	pthread_barrier_wait(&barrier);
	pause();
	return 0;
}
