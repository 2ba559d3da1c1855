// SPDX-License-Identifier: MIT
/*
 * The index behind everything that is interned: an open-addressing set of dense ids.
 *
 * The items stand in an array of the caller's, who compares them; the set only finds candidates:
 *
 *	size_t slot = intern_start(&set, hash);
 *
 *	for (; (id = set.slots[slot]) != INTERN_NONE; slot = intern_next(&set, slot))
 *		if (items[id] is the one)
 *			return id;
 *	id = append to items; intern_add(&set, slot, id, hash_of, arg);
 *
 * A set must have had room made by intern_init before its first use.
 */
#ifndef ANALYZER_INTERN_H
#define ANALYZER_INTERN_H

#include <stddef.h>
#include <stdint.h>

#define INTERN_NONE UINT32_MAX

struct intern {
	uint32_t *slots; /* INTERN_NONE where free */
	size_t mask, n;
};

void intern_init(struct intern *set);
void intern_release(struct intern *set);

/*
 * Puts ID into the free SLOT that the search ended at; may move everything, asking hash_of(arg,
 * id).
 */
void intern_add(struct intern *set, size_t slot, uint32_t id,
		uint64_t (*hash_of)(const void *arg, uint32_t id), const void *arg);

static inline size_t intern_start(const struct intern *set, uint64_t hash)
{
	return (size_t)hash & set->mask;
}

static inline size_t intern_next(const struct intern *set, size_t slot)
{
	return (slot + 1) & set->mask;
}

#endif
