// SPDX-License-Identifier: MIT
/*
 * New answers of a cached module, and its bytes: the old answers are added to the new ones, so that
 * both are written in one way.
 */
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "demangle.h"
#include "die.h"
#include "symbol_cache_format.h"

/* Room for one item more. */
#define ROOM(items, n, cap)                                                                        \
	do {                                                                                       \
		if ((n) == (cap)) {                                                                \
			(cap) = (cap)*2 + 64;                                                      \
			(items) = xreallocarray((items), (cap), sizeof *(items));                  \
		}                                                                                  \
	} while (0)

static uint64_t hash_pointer(const void *arg, uint32_t id)
{
	return hash_mix((uintptr_t)((const struct symbol_cache *)arg)->pointers[id].text);
}

static uint64_t hash_text(const char *text)
{
	return hash_checksum(text, strlen(text));
}

static uint64_t hash_name(const void *arg, uint32_t id)
{
	return hash_text(((const struct symbol_cache *)arg)->new_names[id].text);
}

static uint64_t hash_of_node(const struct cache_node *node)
{
	return hash_mix((hash_mix((uint64_t)node->function << 32 | node->outer) ^ node->line) +
			((uint64_t)node->file << 32 | node->linkage));
}

static uint64_t hash_node(const void *arg, uint32_t id)
{
	return hash_of_node(&((const struct symbol_cache *)arg)->new_nodes[id]);
}

static uint32_t intern_name(struct symbol_cache *c, const char *text)
{
	size_t slot = intern_start(&c->by_text, hash_text(text));
	uint32_t id;

	for (; (id = c->by_text.slots[slot]) != INTERN_NONE; slot = intern_next(&c->by_text, slot))
		if (strcmp(c->new_names[id].text, text) == 0)
			return id + 1;
	ROOM(c->new_names, c->n_new_names, c->cap_new_names);
	id = (uint32_t)c->n_new_names++;
	c->new_names[id] = (struct new_name){.text = text};
	intern_add(&c->by_text, slot, id, hash_name, c);
	return id + 1;
}

/* The number of a name; 0 for NULL. */
static uint32_t name_of(struct symbol_cache *c, const char *text)
{
	size_t slot = intern_start(&c->by_pointer, hash_mix((uintptr_t)text));
	uint32_t id;

	if (!text)
		return 0;
	for (; (id = c->by_pointer.slots[slot]) != INTERN_NONE;
	     slot = intern_next(&c->by_pointer, slot))
		if (c->pointers[id].text == text)
			return c->pointers[id].name;
	ROOM(c->pointers, c->n_pointers, c->cap_pointers);
	id = (uint32_t)c->n_pointers++;
	c->pointers[id] = (struct known_pointer){.text = text, .name = intern_name(c, text)};
	intern_add(&c->by_pointer, slot, id, hash_pointer, c);
	return c->pointers[id].name;
}

static bool same_node(const struct cache_node *a, const struct cache_node *b)
{
	return a->function == b->function && a->linkage == b->linkage && a->file == b->file &&
	       a->line == b->line && a->outer == b->outer;
}

static uint32_t intern_node(struct symbol_cache *c, const struct cache_node *node)
{
	size_t slot = intern_start(&c->by_node, hash_of_node(node));
	uint32_t id;

	for (; (id = c->by_node.slots[slot]) != INTERN_NONE; slot = intern_next(&c->by_node, slot))
		if (same_node(&c->new_nodes[id], node))
			return id + 1;
	ROOM(c->new_nodes, c->n_new_nodes, c->cap_new_nodes);
	id = (uint32_t)c->n_new_nodes++;
	c->new_nodes[id] = *node;
	intern_add(&c->by_node, slot, id, hash_node, c);
	return id + 1;
}

void symbol_cache_add(struct symbol_cache *c, uint64_t address, const struct symbol *frames,
		      size_t n)
{
	struct cache_node node = {0};

	while (n-- > 0) {
		node.function = name_of(c, frames[n].function);
		node.linkage = name_of(c, frames[n].linkage);
		node.file = name_of(c, frames[n].file);
		node.line = frames[n].line;
		if (node.function)
			c->new_names[node.function - 1].function = true;
		node.outer = intern_node(c, &node);
	}
	ROOM(c->new_answers, c->n_new_answers, c->cap_new_answers);
	c->new_answers[c->n_new_answers++] = (struct new_answer){address, node.outer};
}

void symbol_cache_add_file(struct symbol_cache *c, const char *path,
			   const struct file_identity *identity)
{
	uint32_t number = name_of(c, path); /* may move the names */
	struct new_name *name = &c->new_names[number - 1];

	if (name->file)
		return;
	ROOM(c->new_files, c->n_new_files, c->cap_new_files);
	c->new_files[c->n_new_files++] = (struct cache_file){.identity = *identity, .path = number};
	name->file = (uint32_t)c->n_new_files;
}

/* False when one of them is among the new ones, but not the same. */
static bool add_old_files(struct symbol_cache *c)
{
	const struct cache_view *v = &c->old;

	for (uint32_t i = 0; v->header && i < v->header->n_files; i++) {
		const struct cache_file *file = &v->files[i];
		const char *path = symbol_cache_text(v, file->path);

		symbol_cache_add_file(c, path, &file->identity);
		uint32_t number = name_of(c, path), at = c->new_names[number - 1].file;

		if (!file_identity_same(&c->new_files[at - 1].identity, &file->identity))
			return false;
	}
	return true;
}

/* What is readable of the old names need not be made again. */
static void add_old(struct symbol_cache *c)
{
	const struct cache_view *v = &c->old;

	for (uint32_t i = 0; v->header && i < v->header->n_answers; i++) {
		struct symbol *frames;
		size_t n = symbol_cache_find(c, v->addresses[i], false, &frames);

		if (n)
			symbol_cache_add(c, v->addresses[i], frames, n);
		free(frames);
	}
	for (uint32_t i = 0; v->header && i < v->header->n_names; i++) {
		const struct cache_name *name = &v->names[i];

		if (name->readable && name->readable < v->header->text_size &&
		    name->text < v->header->text_size) {
			uint32_t number = name_of(c, v->text + name->text);

			c->new_names[number - 1].readable = v->text + name->readable;
		}
	}
}

static void make_readable(struct symbol_cache *c, struct name_map *names)
{
	for (size_t i = 0; i < c->n_new_names; i++) {
		struct new_name *name = &c->new_names[i];

		if (!name->function || name->readable)
			continue;
		if (!name_map_find(names, name->text, &name->readable)) {
			char *made = demangle(name->text);

			name_map_add(names, name->text, made);
			name->readable = made;
		}
	}
}

/* Where TEXT stands when it is put behind the *SIZE bytes so far; 0 for none. */
static uint32_t place_text(const char *text, size_t *size)
{
	size_t at = *size;

	if (!text)
		return 0;
	*size += strlen(text) + 1;
	return at <= UINT32_MAX ? (uint32_t)at : 0;
}

static int compare_answers(const void *a, const void *b)
{
	const struct new_answer *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static void put_answers(struct symbol_cache *c, struct put *out)
{
	size_t n = c->n_new_answers;

	if (n)
		qsort(c->new_answers, n, sizeof *c->new_answers, compare_answers);
	for (size_t i = 0; i < n; i++)
		put_fixed(out, c->new_answers[i].address, 8);
	for (size_t i = 0; i < n; i++)
		put_fixed(out, c->new_answers[i].node, 4);
}

/* The names, behind which their texts begin with an empty one: nothing else is at 0. */
static void put_names(struct symbol_cache *c, struct put *out)
{
	size_t size = 1;

	for (size_t i = 0; i < c->n_new_names; i++) {
		put_fixed(out, place_text(c->new_names[i].text, &size), 4);
		put_fixed(out, place_text(c->new_names[i].readable, &size), 4);
	}
	put_fixed(out, 0, 1);
	for (size_t i = 0; i < c->n_new_names; i++) {
		const struct new_name *name = &c->new_names[i];

		put_bytes(out, name->text, strlen(name->text) + 1);
		if (name->readable)
			put_bytes(out, name->readable, strlen(name->readable) + 1);
	}
}

static size_t text_size(const struct symbol_cache *c)
{
	size_t size = 1;

	for (size_t i = 0; i < c->n_new_names; i++) {
		place_text(c->new_names[i].text, &size);
		place_text(c->new_names[i].readable, &size);
	}
	return size;
}

void *symbol_cache_bytes(struct symbol_cache *c, struct name_map *names, size_t *size)
{
	struct cache_header header = {.magic = CACHE_MAGIC};
	const size_t summed = offsetof(struct cache_header, key);

	if (!add_old_files(c))
		return NULL;
	add_old(c);
	make_readable(c, names);
	header.key = name_of(c, c->key);
	header.n_files = (uint32_t)c->n_new_files;
	header.n_answers = (uint32_t)c->n_new_answers;
	header.n_nodes = (uint32_t)c->n_new_nodes;
	header.n_names = (uint32_t)c->n_new_names;
	header.text_size = text_size(c);
	*size = sizeof header + c->n_new_files * sizeof *c->new_files +
		c->n_new_answers * (sizeof(uint64_t) + sizeof(uint32_t)) +
		c->n_new_nodes * sizeof *c->new_nodes + c->n_new_names * sizeof(struct cache_name) +
		header.text_size;
	uint8_t *bytes = xmalloc(*size);
	struct put out = put_into(bytes, *size);

	put_bytes(&out, &header, sizeof header);
	put_bytes(&out, c->new_files, c->n_new_files * sizeof *c->new_files);
	put_answers(c, &out);
	put_bytes(&out, c->new_nodes, c->n_new_nodes * sizeof *c->new_nodes);
	put_names(c, &out);
	header.checksum = hash_checksum(bytes + summed, *size - summed);
	memcpy(bytes, &header, sizeof header);
	return bytes;
}

bool symbol_cache_save(struct symbol_cache *c, struct name_map *names)
{
	size_t size;
	void *bytes = symbol_cache_bytes(c, names, &size);
	bool ok = bytes && cache_folder_write(c->name, bytes, size);

	free(bytes);
	return ok;
}
