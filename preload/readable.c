// SPDX-License-Identifier: MIT
/*
 * The probe is rt_sigprocmask with a `how` that does not exist: the kernel copies the set first
 * (EFAULT) and looks at `how` then (EINVAL), so nothing changes. It needs no descriptor and no
 * sandbox forbids it.
 */
#include "readable.h"

#include <string.h>

#include "sys.h"

enum { PAGE = 4096 };
enum {
	FRAME_MAX = 16 << 20, /* of which every page is probed; frames may be larger */
	MOVES_MAX = 256,      /* stack switches and signal frames in one walk */
	DOWNWARDS_MAX =
		64 * PAGE, /* from one walk to the next; farther down, the range starts anew */
};

/* The first page is nobody's, and its address, NULL, would mean "no set". */
static bool probe(uintptr_t address)
{
	return address && sys_call(SYS_rt_sigprocmask, -1, (long)address, 0, 8, 0, 0) == -EINVAL;
}

static uintptr_t page_of(uintptr_t address)
{
	return address & ~(uintptr_t)(PAGE - 1);
}

/*
 * Extends the range up to and with the page of `to` - 1; false at the first page that is not
 * readable.
 */
static bool extend(struct readable *range, uintptr_t to)
{
	while (range->high < to) {
		if (!probe(range->high))
			return false;
		range->high += PAGE;
	}
	return true;
}

static bool extend_down(struct readable *range, uintptr_t from)
{
	if (from >= range->low || range->low - from > DOWNWARDS_MAX)
		return false;
	while (range->low > from) {
		if (!probe(range->low - PAGE))
			return false;
		range->low -= PAGE;
	}
	return true;
}

bool readable_move(struct readable *range, uintptr_t from, uintptr_t to)
{
	struct readable moved = {
		.low = page_of(from), .high = page_of(from), .moves = range->moves + 1};

	if (from & 7 || from >= to || to - from > FRAME_MAX || to >> 47)
		return false;
	if (moved.moves > MOVES_MAX || !extend(&moved, to))
		return false;
	*range = moved;
	return true;
}

void readable_start_slowly(struct readable *range, uintptr_t rsp)
{
	if (extend_down(range, rsp - 8))
		return;
	range->low = page_of(rsp - 8);
	range->high = range->low + PAGE; /* the hook's return address was just written there */
}

bool readable_reach(struct readable *range, uintptr_t rsp, uintptr_t from, uintptr_t to)
{
	bool ahead = from >= rsp && to > from && rsp >= range->low && rsp <= range->high;

	if (ahead && to <= range->high + FRAME_MAX && !(to & 7) && extend(range, to))
		return true;
	return readable_move(range, from, to);
}

bool readable_load(const struct readable *range, uintptr_t address, unsigned size, uint64_t *value)
{
	uintptr_t last = address + size - 1;

	if (last < address || last >> 47)
		return false;
	if (!readable_holds(range, address) && !probe(page_of(address)))
		return false;
	if (!readable_holds(range, last) && !probe(page_of(last)))
		return false;
	*value = 0;
	memcpy(value, (const void *)address, size);
	return true;
}
