// SPDX-License-Identifier: MIT
/*
 * A compare-and-store that signal handlers cannot come between, without the cost of one that other
 * processors cannot: no lock prefix.
 */
#ifndef PRELOAD_REPLACE_H
#define PRELOAD_REPLACE_H

#include <stdbool.h>
#include <stdint.h>

/* Stores `new` if `*word` is `old`; whether it was. Only for words that one thread writes. */
static inline bool replace(uint64_t *word, uint64_t old, uint64_t new)
{
	bool replaced;

	__asm__ volatile("cmpxchgq %[new], %[word]"
			 : "=@ccz"(replaced), [word] "+m"(*word), "+a"(old)
			 : [new] "r"(new)
			 : "memory");
	return replaced;
}

#endif
