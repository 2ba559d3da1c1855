// SPDX-License-Identifier: MIT
#include "analyzer/arena.h"

#include <stdint.h>
#include <string.h>

#include "tests/test.h"

TEST(memory_of_an_arena_is_aligned_and_stays)
{
	struct arena arena = {0};
	char *texts[3000];

	for (size_t i = 0; i < 3000; i++) {
		char text[32];
		int size = snprintf(text, sizeof text, "text %zu", i);

		texts[i] = arena_text(&arena, text, (size_t)size);
		CHECK_EQ((uintptr_t)arena_get(&arena, i % 300) % 16, 0);
	}
	memset(arena_get(&arena, 1 << 20), 1, 1 << 20);
	CHECK_STR(texts[0], "text 0");
	CHECK_STR(texts[2999], "text 2999");
	arena_release(&arena);
	arena_release(&arena);
}
