// SPDX-License-Identifier: MIT
/*
 * An arena allocator that tells tmtrace of the objects in it: an example for tmtrace.h.
 *
 * malloc knows only the arena's slabs, each of one size and all from the same line. What the arena
 * hands out is told to tmtrace in a domain of its own, so that `tmtrace stats x.tmz --domain-filter
 * include,7` shows who has how much of it. Untraced, the program does the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../preload/tmtrace.h"

#define POOL_DOMAIN 7
#define SLAB_SIZE 65536u

struct slab {
	struct slab *next;
	size_t used;
	_Alignas(16) char bytes[];
};

/* In front of each object, so that all can be forgotten together. */
struct object {
	struct object *next;
	size_t size;
};

struct pool {
	struct slab *slabs;
	struct object *objects;
};

static void *pool_get(struct pool *pool, size_t size)
{
	size_t need = (sizeof(struct object) + size + 15) / 16 * 16;

	if (!pool->slabs || SLAB_SIZE - pool->slabs->used < need) {
		struct slab *slab = malloc(sizeof *slab + SLAB_SIZE);

		if (!slab)
			return NULL;
		slab->next = pool->slabs;
		slab->used = 0;
		pool->slabs = slab;
	}
	struct object *object = (struct object *)(void *)(pool->slabs->bytes + pool->slabs->used);

	pool->slabs->used += need;
	object->next = pool->objects;
	object->size = size;
	pool->objects = object;
	tmtrace_track(POOL_DOMAIN, (uintptr_t)(object + 1), size);
	return object + 1;
}

/* Everything in it at once, as arenas do. */
static void pool_release(struct pool *pool)
{
	for (struct object *object = pool->objects; object; object = object->next)
		tmtrace_untrack(POOL_DOMAIN, (uintptr_t)(object + 1));
	for (struct slab *slab = pool->slabs, *next; slab; slab = next) {
		next = slab->next;
		free(slab);
	}
	*pool = (struct pool){0};
}

struct node {
	struct node *left, *right;
};

static struct node *make_tree(struct pool *pool, unsigned depth)
{
	struct node *node = pool_get(pool, sizeof *node);

	node->left = depth ? make_tree(pool, depth - 1) : NULL;
	node->right = depth ? make_tree(pool, depth - 1) : NULL;
	return node;
}

static char *make_name(struct pool *pool, unsigned number)
{
	char *name = pool_get(pool, 100);

	snprintf(name, 100, "object number %u", number);
	return name;
}

static unsigned count(const struct node *node)
{
	return node ? 1 + count(node->left) + count(node->right) : 0;
}

int main(void)
{
	struct pool kept = {0}, scratch = {0};
	const char *last = "";

	tmtrace_name_domain(POOL_DOMAIN, "pool");
	const struct node *tree = make_tree(&kept, 9);

	for (unsigned i = 0; i < 500; i++)
		last = make_name(&scratch, i);
	tmtrace_take_snapshot("before the release");
	printf("%u nodes; %s\n", count(tree), last);
	pool_release(&scratch);
	tmtrace_take_snapshot("after the release");
	return 0;
}
