// SPDX-License-Identifier: MIT
/*
 * By thread number, which may be any.
 */
#include "last_free.h"

#include <stdlib.h>

#include "die.h"

void last_frees_init(struct last_frees *last)
{
	*last = (struct last_frees){0};
	intern_init(&last->threads);
}

void last_frees_release(struct last_frees *last)
{
	for (size_t i = 0; i < last->n; i++)
		free(last->of[i]->pieces);
	intern_release(&last->threads);
	arena_release(&last->arena);
	free(last->of);
	last->of = NULL;
	last->n = 0;
}

void last_frees_forget(struct last_frees *last)
{
	for (size_t i = 0; i < last->n; i++)
		last->of[i]->there = false;
}

static uint64_t thread_hash_of(const void *arg, uint32_t slot)
{
	return hash_mix(((const struct last_frees *)arg)->of[slot]->thread);
}

struct last_free *last_frees_get(struct last_frees *last, uint32_t thread)
{
	struct intern *set = &last->threads;
	size_t slot = intern_start(set, hash_mix(thread));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (last->of[id]->thread == thread)
			return last->of[id];
	if (last->n == last->cap) {
		last->cap = last->cap * 2 + 16;
		last->of = xreallocarray(last->of, last->cap, sizeof(*last->of));
	}
	id = (uint32_t)last->n++;
	last->of[id] = arena_get(&last->arena, sizeof **last->of);
	*last->of[id] = (struct last_free){.thread = thread};
	intern_add(set, slot, id, thread_hash_of, last);
	return last->of[id];
}

void last_free_note(struct last_free *last, bool counted)
{
	last->there = true;
	last->counted = counted;
	last->known = false;
	last->n_pieces = 0;
}

void last_free_add(struct last_free *last, const struct range *piece)
{
	if (last->n_pieces == last->cap) {
		last->cap = last->cap * 2 + 4;
		last->pieces = xreallocarray(last->pieces, last->cap, sizeof *last->pieces);
	}
	last->pieces[last->n_pieces++] = *piece;
}
