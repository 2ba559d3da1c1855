// SPDX-License-Identifier: MIT
/*
 * Allocates at every level of a recursion 100,000 deep, and frees on the way back. Every level
 * keeps one block of 24 bytes and frees one of 48: prints "depth N".
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long depth = 100000;
static void *volatile sink;

static unsigned long descend(unsigned long level) /* not a tail call: it frees afterwards */
{
	void *volatile p = malloc(48);
	unsigned long below = level ? descend(level - 1) + 1 : 0;

	sink = malloc(24);
	free(p);
	return below;
}

static void *start(void *arg)
{
	*(unsigned long *)arg = descend(depth);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	pthread_t id;
	unsigned long reached = 0;

	if (argc > 1)
		depth = strtoul(argv[1], NULL, 10);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, depth * 256 + (1 << 20));
	if (pthread_create(&id, &attributes, start, &reached))
		return 1;
	pthread_join(id, NULL);
	printf("depth %lu\n", reached);
	return 0;
}
