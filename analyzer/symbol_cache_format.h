// SPDX-License-Identifier: MIT
/*
 * The bytes of a cached module.  Private to symbol_cache.c and symbol_cache_bytes.c.
 *
 * Header, files, addresses, answers, nodes, names, text, one behind the other, as in memory.
 * Chains of frames share their outer ends: a node is a frame and the number of the node around it,
 * which is smaller.
 */
#ifndef ANALYZER_SYMBOL_CACHE_FORMAT_H
#define ANALYZER_SYMBOL_CACHE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "cache_folder.h"
#include "file_identity.h"
#include "intern.h"
#include "symbol_cache.h"

/* Its last byte is the version. */
#define CACHE_MAGIC "tmzsym\0\1"

struct cache_header {
	uint8_t magic[8];
	uint32_t checksum; /* hash_checksum of all that follows */
	uint32_t key;	   /* name */
	uint32_t n_files, n_answers, n_nodes, n_names;
	uint64_t text_size;
};

/* Numbers of names and nodes begin with 1; 0 is none. */
struct cache_file {
	struct file_identity identity;
	uint64_t path; /* name */
};

struct cache_node {
	uint32_t function, linkage, file; /* names */
	uint32_t line;
	uint32_t outer; /* the node of what this one was inlined into */
};

/* Where strings stand in the text, which begins with an empty one; there 0 is none. */
struct cache_name {
	uint32_t text;
	uint32_t readable; /* what demangling gives */
};

/* A file in memory, or nothing. */
struct cache_view {
	struct cache_header *header; /* NULL: nothing; else what the pointers point into */
	const struct cache_file *files;
	const uint64_t *addresses; /* sorted */
	const uint32_t *answers;   /* nodes */
	const struct cache_node *nodes;
	const struct cache_name *names;
	const char *text;
};

struct new_name {
	const char *text, *readable;
	bool function;
	uint32_t file; /* where in new_files, from 1; 0: not there */
};

struct known_pointer {
	const char *text;
	uint32_t name;
};

struct new_answer {
	uint64_t address;
	uint32_t node;
};

struct symbol_cache {
	char name[CACHE_NAME_MAX]; /* of the file */
	char *key;
	struct cache_view old;
	/* What was added; strings are known by pointer first, as most come again and again. */
	struct intern by_pointer, by_text, by_node;
	struct known_pointer *pointers;
	struct new_name *new_names;
	struct cache_node *new_nodes;
	struct new_answer *new_answers;
	struct cache_file *new_files;
	size_t n_pointers, cap_pointers, n_new_names, cap_new_names, n_new_nodes, cap_new_nodes;
	size_t n_new_answers, cap_new_answers, n_new_files, cap_new_files;
};

/* The name NUMBER as it is in the file; NULL when there is none. */
const char *symbol_cache_text(const struct cache_view *v, uint64_t number);

#endif
