// SPDX-License-Identifier: MIT
/* Open addressing, linear probing, at most half full. */
#include "name_map.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "die.h"

struct name_pair {
	uint64_t hash;
	char *key; /* NULL in a free slot */
	char *value;
};

static uint64_t hash_text(const char *text)
{
	return hash_mix(hash_checksum(text, strlen(text)));
}

static struct name_pair *slot(const struct name_map *m, const char *key, uint64_t hash)
{
	size_t i = hash & (m->cap - 1);

	while (m->pair[i].key && (m->pair[i].hash != hash || strcmp(m->pair[i].key, key) != 0))
		i = (i + 1) & (m->cap - 1);
	return &m->pair[i];
}

static void grow(struct name_map *m)
{
	struct name_map old = *m;

	m->cap = old.cap ? 2 * old.cap : 256;
	m->pair = xcalloc(m->cap, sizeof(*m->pair));
	for (size_t i = 0; i < old.cap; i++)
		if (old.pair[i].key)
			*slot(m, old.pair[i].key, old.pair[i].hash) = old.pair[i];
	free(old.pair);
}

bool name_map_find(const struct name_map *m, const char *key, const char **value)
{
	const struct name_pair *p;

	if (!m->n)
		return false;
	p = slot(m, key, hash_text(key));
	*value = p->value;
	return p->key != NULL;
}

void name_map_add(struct name_map *m, const char *key, char *value)
{
	uint64_t hash = hash_text(key);

	if (2 * (m->n + 1) > m->cap)
		grow(m);
	*slot(m, key, hash) = (struct name_pair){hash, xstrdup(key), value};
	m->n++;
}

const char *name_map_intern(struct name_map *m, const char *text)
{
	uint64_t hash = hash_text(text);
	struct name_pair *p;

	if (2 * (m->n + 1) > m->cap)
		grow(m);
	p = slot(m, text, hash);
	if (!p->key) {
		*p = (struct name_pair){hash, xstrdup(text), NULL};
		m->n++;
	}
	return p->key;
}

void name_map_release(struct name_map *m)
{
	for (size_t i = 0; i < m->cap; i++) {
		free(m->pair[i].key);
		free(m->pair[i].value);
	}
	free(m->pair);
	*m = (struct name_map){0};
}
