// SPDX-License-Identifier: MIT
/*
 * Many short threads, eight at a time, that allocate and free to their very end: in the destructors
 * of a C++ thread_local and of a pthread key that arms itself again in every round. Blocks of an
 * ended thread are freed by main. Prints what the program itself did.
 *
 *     short_threads [THREADS]
 */
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>

static std::atomic<unsigned long> allocated, freed, rounds, destroyed;
static pthread_key_t key;

static void *take(size_t size)
{
	allocated++;
	return memset(malloc(size), 1, size);
}

static void give_back(void *p)
{
	freed++;
	free(p);
}

struct last_words {
	void *p;
	last_words() : p(take(40))
	{
	}
	~last_words()
	{
		give_back(p);
		for (int i = 0; i < 3; i++)
			give_back(take(50));
		destroyed++;
	}
};

static thread_local last_words words;

static void key_end(void *p)
{
	give_back(p);
	rounds++;
	pthread_setspecific(key, take(60)); /* the block of the last round leaks */
}

static void *life(void *)
{
	void *left = take(70);

	memset(words.p, 2, 40);
	pthread_setspecific(key, take(60));
	for (int i = 0; i < 5; i++)
		give_back(take(16u << i));
	return left;
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? strtoul(argv[1], nullptr, 10) : 10000;
	pthread_t ids[8];

	pthread_key_create(&key, key_end);
	for (unsigned i = 0; i < n; i += 8) {
		for (auto &id : ids)
			if (pthread_create(&id, nullptr, life, nullptr))
				return 1;
		for (auto &id : ids) {
			void *left;
			pthread_join(id, &left);
			give_back(left);
		}
	}
	printf("allocated %lu freed %lu rounds %lu destroyed %lu\n", allocated.load(), freed.load(),
	       rounds.load(), destroyed.load());
	return 0;
}
