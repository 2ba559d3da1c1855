// SPDX-License-Identifier: MIT
/*
 * Compares with libunwind frame by frame, and the kept prefix with the stack before.
 */
#define UNW_LOCAL_ONLY
#include "walked_stack.h"

#include <alloca.h>
#include <libunwind.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/test.h"

enum { DEPTH_MAX = 300000 };

__thread struct seen seen;

void *map_zeros(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
}

void seen_begin(void)
{
	seen = (struct seen){
		.unwinder = map_zeros(unwind_state_size()),
		.before = map_zeros(DEPTH_MAX * sizeof(uint64_t)),
		.expected = map_zeros(DEPTH_MAX * sizeof(uint64_t)),
		.generation = 1,
	};
}

void seen_end(void)
{
	unwind_release(seen.unwinder);
	munmap(seen.unwinder, unwind_state_size());
	munmap(seen.before, DEPTH_MAX * sizeof(uint64_t));
	munmap(seen.expected, DEPTH_MAX * sizeof(uint64_t));
}

/* libunwind's look-up addresses from the hook's caller outwards. */
static uint32_t expect(struct unwind_start start)
{
	uint32_t depth = 0;
	bool inside = false;
	unw_context_t context;
	unw_cursor_t cursor;

	unw_getcontext(&context);
	unw_init_local(&cursor, &context);
	do {
		unw_word_t pc, rsp;
		bool interrupted = unw_is_signal_frame(&cursor) > 0;

		unw_get_reg(&cursor, UNW_REG_IP, &pc);
		unw_get_reg(&cursor, UNW_REG_SP, &rsp);
		inside |= pc == unwind_start_pc(start) && rsp == unwind_start_cfa(start);
		if (inside && pc && depth < DEPTH_MAX)
			seen.expected[depth++] = pc - !interrupted;
	} while (unw_step(&cursor) > 0);
	return depth;
}

static bool same_stack(const uint64_t *addresses, struct unwound walk, uint32_t depth)
{
	if (walk.depth != depth)
		return false;
	for (uint32_t i = 0; i < depth; i++)
		if (addresses[i] != seen.expected[depth - 1 - i])
			return false;
	return true;
}

static void note(struct unwound walk, bool same)
{
	const uint64_t *addresses = unwind_addresses(seen.unwinder);
	size_t kept_bytes = walk.kept * sizeof(*addresses);

	seen.walks++;
	seen.different += !same;
	seen.incomplete += !walk.complete;
	seen.kept += walk.kept;
	seen.depth = walk.depth;
	if (walk.kept > walk.depth || walk.kept > seen.n_before ||
	    memcmp(addresses, seen.before, kept_bytes) != 0)
		seen.wrong_kept++;
	memcpy(seen.before, addresses, walk.depth * sizeof(*addresses));
	seen.n_before = walk.depth;
}

__attribute__((noinline)) void hook(void)
{
	struct unwind_start start = UNWIND_START();
	struct unwound walk = unwind(seen.unwinder, start, seen.generation);

	note(walk, same_stack(unwind_addresses(seen.unwinder), walk, expect(start)));
}

__attribute__((noinline)) void hook_alone(void)
{
	struct unwind_start start = UNWIND_START();

	note(unwind(seen.unwinder, start, seen.generation), true);
}

void check_seen(unsigned walks_at_least)
{
	CHECK(seen.walks >= walks_at_least);
	CHECK_EQ(seen.different, 0);
	CHECK_EQ(seen.incomplete, 0);
	CHECK_EQ(seen.wrong_kept, 0);
	seen_end();
}

/* ---- frames of several shapes, called in a random order ---- */

__thread uint32_t random_state;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

__attribute__((noinline)) static void plain_frame(unsigned depth)
{
	climb(depth);
	KEEP_FRAME();
}

__attribute__((noinline)) static void large_frame(unsigned depth)
{
	char bytes[9000];

	__asm__ volatile("" : : "r"(bytes) : "memory");
	climb(depth);
	KEEP_FRAME();
}

__attribute__((noinline)) static void growing_frame(unsigned depth)
{
	char *bytes = alloca(16 + next_random() % 200);

	__asm__ volatile("" : : "r"(bytes) : "memory");
	climb(depth);
	KEEP_FRAME();
}

__attribute__((noinline)) static void aligned_frame(unsigned depth)
{
	_Alignas(128) char bytes[128];

	__asm__ volatile("" : : "r"(bytes) : "memory");
	climb(depth);
	KEEP_FRAME();
}

__attribute__((noinline)) unsigned busy_frame(unsigned depth, unsigned a, unsigned b, unsigned c,
					      unsigned d)
{
	unsigned e = next_random();

	climb(depth);
	KEEP_FRAME();
	return a + b + c + d + e;
}

void climb(unsigned depth)
{
	if (!depth || next_random() % 4 == 0)
		hook();
	for (unsigned n = 1 + next_random() % 2; depth && n; n--) {
		switch (next_random() % 5) {
		case 0:
			plain_frame(depth - 1);
			break;
		case 1:
			large_frame(depth - 1);
			break;
		case 2:
			growing_frame(depth - 1);
			break;
		case 3:
			aligned_frame(depth - 1);
			break;
		default:
			random_state += busy_frame(depth - 1, depth, 2, 3, 4) & 1;
		}
	}
	KEEP_FRAME();
}
