// SPDX-License-Identifier: MIT
/* A map from strings to strings that owns both: what was joined or demangled once is shared. */
#ifndef ANALYZER_NAME_MAP_H
#define ANALYZER_NAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_map {
	struct name_pair *pair;
	size_t n, cap;
};

/* Sets *VALUE and returns true when KEY is in; a value may be NULL. */
bool name_map_find(const struct name_map *m, const char *key, const char **value);
/* KEY must not be in yet and is copied; VALUE is taken over. NULL stands for "nothing". */
void name_map_add(struct name_map *m, const char *key, char *value);
/* The one copy of TEXT in the map. */
const char *name_map_intern(struct name_map *m, const char *text);
void name_map_release(struct name_map *m);

#endif
