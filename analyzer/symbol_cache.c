// SPDX-License-Identifier: MIT
/*
 * Opening a cached module, and looking into it.  What its checksum and sizes promise is believed
 * for the sections; each number in them is looked at when it is used.
 */
#include "symbol_cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "die.h"
#include "symbol_cache_format.h"

#define CHAIN_MAX 4096 /* frames; more than units.c gives */

static const void *section(struct get *g, uint32_t n, size_t size)
{
	return get_bytes(g, (size_t)n * size);
}

/* False unless the sections fill the SIZE bytes exactly and the text ends. */
static bool view_init(struct cache_view *v, uint8_t *bytes, size_t size)
{
	const size_t summed = offsetof(struct cache_header, key);
	struct cache_header *h = (struct cache_header *)bytes;
	struct get g = get_from(bytes, size);

	if (!get_bytes(&g, sizeof *h) || memcmp(h->magic, CACHE_MAGIC, sizeof h->magic) != 0 ||
	    hash_checksum(bytes + summed, size - summed) != h->checksum)
		return false;
	*v = (struct cache_view){.header = h};
	v->files = section(&g, h->n_files, sizeof *v->files);
	v->addresses = section(&g, h->n_answers, sizeof *v->addresses);
	v->answers = section(&g, h->n_answers, sizeof *v->answers);
	v->nodes = section(&g, h->n_nodes, sizeof *v->nodes);
	v->names = section(&g, h->n_names, sizeof *v->names);
	v->text = (const char *)g.at;
	return !g.bad && h->text_size && h->text_size == get_left(&g) && g.end[-1] == '\0';
}

/* NULL when OFFSET is none. */
static const char *text_at(const struct cache_view *v, uint64_t offset)
{
	return offset && offset < v->header->text_size ? v->text + offset : NULL;
}

const char *symbol_cache_text(const struct cache_view *v, uint64_t number)
{
	if (!number || number > v->header->n_names)
		return NULL;
	return text_at(v, v->names[number - 1].text);
}

/* Sets *TEXT; false for a number that is none. */
static bool name_at(const struct cache_view *v, uint32_t number, bool readable, const char **text)
{
	*text = symbol_cache_text(v, number);
	if (*text && readable && v->names[number - 1].readable)
		*text = text_at(v, v->names[number - 1].readable);
	return *text || !number;
}

static bool is_current(const struct cache_view *v, const char *key)
{
	const char *own = symbol_cache_text(v, v->header->key);

	if (!own || strcmp(own, key) != 0)
		return false;
	for (uint32_t i = 0; i < v->header->n_files; i++) {
		const char *path = symbol_cache_text(v, v->files[i].path);
		struct file_identity now;

		if (!path)
			return false;
		now = file_identity_of_path(path);
		if (!file_identity_same(&now, &v->files[i].identity))
			return false;
	}
	return true;
}

struct symbol_cache *symbol_cache_from(void *memory, size_t size, const char *key)
{
	struct symbol_cache *c = xcalloc(1, sizeof *c);

	c->key = xstrdup(key);
	intern_init(&c->by_pointer);
	intern_init(&c->by_text);
	intern_init(&c->by_node);
	if (!memory || !view_init(&c->old, memory, size) || !is_current(&c->old, key)) {
		free(memory);
		c->old = (struct cache_view){0};
	}
	return c;
}

struct symbol_cache *symbol_cache_open(const uint8_t *build_id, size_t build_id_size,
				       const char *key)
{
	char name[CACHE_NAME_MAX];
	size_t size = 0;

	if (!cache_folder_name(name, build_id, build_id_size, key))
		return NULL;
	void *memory = cache_folder_read(name, &size);
	struct symbol_cache *c = symbol_cache_from(memory, size, key);

	strcpy(c->name, name);
	return c;
}

void symbol_cache_free(struct symbol_cache *c)
{
	if (!c)
		return;
	intern_release(&c->by_pointer);
	intern_release(&c->by_text);
	intern_release(&c->by_node);
	free(c->pointers);
	free(c->new_names);
	free(c->new_nodes);
	free(c->new_answers);
	free(c->new_files);
	free(c->old.header);
	free(c->key);
	free(c);
}

bool symbol_cache_is_filled(const struct symbol_cache *c)
{
	return c->old.header != NULL;
}

size_t symbol_cache_added(const struct symbol_cache *c)
{
	return c->n_new_answers;
}

static bool read_node(const struct cache_view *v, const struct cache_node *node, bool readable,
		      struct symbol *frame)
{
	*frame = (struct symbol){.line = node->line, .inlined = node->outer != 0};
	return name_at(v, node->function, readable, &frame->function) &&
	       name_at(v, node->linkage, false, &frame->linkage) &&
	       name_at(v, node->file, false, &frame->file);
}

/* The length of the chain that begins at node NUMBER; 0 when it is damaged. */
static size_t chain_length(const struct cache_view *v, uint32_t number)
{
	size_t n = 0;

	if (number > v->header->n_nodes)
		return 0;
	while (number && n < CHAIN_MAX) {
		uint32_t outer = v->nodes[number - 1].outer;

		if (outer >= number)
			return 0;
		number = outer;
		n++;
	}
	return number ? 0 : n;
}

static size_t read_chain(const struct cache_view *v, uint32_t number, bool readable,
			 struct symbol **frames)
{
	size_t n = chain_length(v, number);

	*frames = NULL;
	if (!n)
		return 0;
	*frames = xmalloc(n * sizeof **frames);
	for (size_t i = 0; i < n; i++) {
		const struct cache_node *node = &v->nodes[number - 1];

		if (!read_node(v, node, readable, &(*frames)[i])) {
			free(*frames);
			*frames = NULL;
			return 0;
		}
		number = node->outer;
	}
	return n;
}

size_t symbol_cache_find(const struct symbol_cache *c, uint64_t address, bool readable,
			 struct symbol **frames)
{
	const struct cache_view *v = &c->old;
	size_t low = 0, high = v->header ? v->header->n_answers : 0;

	*frames = NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (v->addresses[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!v->header || low == v->header->n_answers || v->addresses[low] != address)
		return 0;
	return read_chain(v, v->answers[low], readable, frames);
}
