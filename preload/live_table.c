// SPDX-License-Identifier: MIT
/*
 * Sums follow what they are of by a moment, and nothing but differences is ever added: however the
 * steps of threads and handlers fall between each other, in the end the sum is that of what is there.
 */
#include "live_table.h"

#include "common/event.h"
#include "live_odd.h"
#include "live_shadow.h"
#include "live_total.h"
#include "memory.h"
#include "process.h"

static struct live_total total;
static uint32_t starts, clears;
static bool incomplete, unsure; /* something that lives is not there; the sum may be wrong */
static bool unclean;		/* nothing is recorded, but the table may not be empty */

static void set_incomplete(void)
{
	__atomic_store_n(&incomplete, true, __ATOMIC_RELAXED);
}

static uint32_t clears_now(void)
{
	return __atomic_load_n(&clears, __ATOMIC_RELAXED);
}

static struct live_thread *state_of(struct thread *thread)
{
	if (__builtin_expect(!thread->live, 0)) {
		struct live_thread *made = memory_map(sizeof *made);

		__atomic_store_n(&thread->live, made, __ATOMIC_RELEASE);
		if (!made)
			set_incomplete();
	}
	return thread->live;
}

static void begin_change(struct live_thread *state)
{
	state->changing = 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void end_change(struct live_thread *state, int64_t added)
{
	if (added)
		total_add(&total, added);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	state->changing = 0;
}

uint32_t live_stack(struct thread *thread, struct unwound walk)
{
	struct live_thread *state = state_of(thread);

	if (!state)
		return STACK_NONE;
	if (state->start != starts)
		state->last_stack.valid = 0;
	state->start = starts;
	return stacks_number(&state->last_stack, unwind_addresses(thread->unwinder), walk);
}

/* As swap, where the shadow has no part in it. */
static struct odd_block swap_odd(struct odd_block *block)
{
	struct lock_held held = lock_take(&epoch->live);
	struct odd_block old = odd_take(block->domain, block->address);

	if (block->stack && !odd_add(*block)) {
		set_incomplete();
		block->size = 0;
	}
	lock_give(&held);
	return old;
}

/*
 * What lives at the address from now on, nothing if its stack is 0; what was there. Where there is no
 * memory for it, its size becomes 0.
 */
static struct odd_block swap(struct odd_block *block)
{
	struct odd_block old = {.domain = block->domain, .address = block->address}, rest = old;
	bool in_shadow = shadow_fits(block->address, 0), fits;
	uint64_t word = 0, old_word = 0;

	if (!in_shadow)
		return block->stack || odd_count() ? swap_odd(block) : old;
	fits = shadow_fits(block->address, block->size);
	if (fits && block->stack)
		word = shadow_word(block->size, block->stack);
	if (!shadow_exchange(block->domain, block->address, word, &old_word))
		fits = false; /* no memory for it there */
	if (block->stack && !fits)
		rest = swap_odd(block);
	else if (!old_word && odd_misplaced() && (block->domain || !block->stack))
		rest = swap_odd(&rest); /* a heap has no two blocks at one address */
	if (!old_word)
		return rest;
	old.size = shadow_word_size(old_word);
	old.stack = shadow_word_stack(old_word);
	return old;
}

static void add(struct live_thread *state, struct odd_block block)
{
	struct odd_block old;

	begin_change(state);
	old = swap(&block);
	end_change(state, (int64_t)block.size - (int64_t)old.size);
}

static struct odd_block take(struct live_thread *state, uint32_t domain, uint64_t address)
{
	struct odd_block old;

	begin_change(state);
	old = swap(&(struct odd_block){.domain = domain, .address = address});
	end_change(state, -(int64_t)old.size);
	return old;
}

static void change_ranges(struct live_thread *state, uint64_t address, uint64_t size,
			  const uint8_t to[3], struct ranges_taken *taken)
{
	uint64_t end = address + size < address ? UINT64_MAX : address + size;
	struct lock_held held = lock_take(&epoch->live);
	int64_t added;

	begin_change(state);
	if (!ranges_change(address, end, to, &added, taken))
		set_incomplete();
	end_change(state, added);
	lock_give(&held);
}

static void map(struct live_thread *state, const struct side_event *event)
{
	static const uint8_t used[] = {RANGE_USED, RANGE_USED, RANGE_USED};
	static const uint8_t reserved[] = {RANGE_RESERVED, RANGE_RESERVED, RANGE_RESERVED};
	static const uint8_t committed[] = {RANGE_NONE, RANGE_USED, RANGE_USED};
	const struct ranges_taken *taken = &state->removed.ranges;
	bool has_access = !(event->flags & EVENT_RESERVED);

	/* What mremap moves has access or none as before. */
	if (event->flags & EVENT_RESIZE && taken->n)
		has_access = taken->piece[0].state == RANGE_USED;
	change_ranges(state, event->address, event->size,
		      event->flags & EVENT_COMMIT ? committed
		      : has_access		  ? used
						  : reserved,
		      NULL);
}

static void unmap(struct live_thread *state, const struct side_event *event)
{
	static const uint8_t none[] = {RANGE_NONE, RANGE_NONE, RANGE_NONE};
	static const uint8_t reserved[] = {RANGE_NONE, RANGE_RESERVED, RANGE_RESERVED};
	bool stays = event->flags & EVENT_RESERVED;

	if (!stays)
		state->removed = (struct live_removed){.since = clears_now()};
	change_ranges(state, event->address, event->size, stays ? reserved : none,
		      stays ? NULL : &state->removed.ranges);
}

static void undo(struct live_thread *state)
{
	static const uint8_t used[] = {RANGE_USED, RANGE_RESERVED, RANGE_USED};
	static const uint8_t reserved[] = {RANGE_RESERVED, RANGE_RESERVED, RANGE_USED};
	struct live_removed *removed = &state->removed;
	const struct live_range *piece = removed->ranges.piece;

	if (removed->since != clears_now())
		return;
	if (removed->stack)
		add(state, (struct odd_block){.address = removed->address,
					      .size = removed->size,
					      .stack = removed->stack});
	if (removed->ranges.n > TAKEN_MOST)
		set_incomplete();
	for (uint32_t i = 0; i < removed->ranges.n && i < TAKEN_MOST; i++)
		change_ranges(state, piece[i].start, piece[i].end - piece[i].start,
			      piece[i].state == RANGE_USED ? used : reserved, NULL);
	removed->stack = removed->ranges.n = 0;
}

static void clear(struct live_thread *state)
{
	struct lock_held held;
	uint64_t size;

	__atomic_add_fetch(&clears, 1, __ATOMIC_RELAXED);
	begin_change(state);
	size = shadow_clear();
	held = lock_take(&epoch->live);
	size += odd_clear() + ranges_sum();
	ranges_clear();
	__atomic_store_n(&incomplete, false, __ATOMIC_RELAXED);
	lock_give(&held);
	end_change(state, -(int64_t)size);
	total_reset_peak(&total);
}

static void note_removed(struct live_thread *state, uint64_t address, uint64_t size, uint32_t stack)
{
	state->removed.since = clears_now();
	state->removed.stack = stack;
	state->removed.address = address;
	state->removed.size = size;
	state->removed.ranges.n = 0;
}

/* Nearly all changes are of the heap, where the shadow has a place for them. */
static bool change_quickly(struct live_thread *state, const struct side_event *event,
			   uint32_t stack)
{
	bool is_free = event->kind == EVENT_FREE;
	uint64_t *at, old;

	if (event->kind > EVENT_FREE || !shadow_fits(event->address, event->size))
		return false;
	at = shadow_heap_word(event->address);
	if (!at)
		return false;
	begin_change(state);
	old = __atomic_exchange_n(at, is_free ? 0 : shadow_word(event->size, stack),
				  __ATOMIC_ACQ_REL);
	end_change(state, (is_free ? 0 : (int64_t)event->size) - (int64_t)shadow_word_size(old));
	if (is_free && !old && odd_misplaced())
		return false;
	if (is_free)
		note_removed(state, event->address, shadow_word_size(old), shadow_word_stack(old));
	return true;
}

void live_change(struct thread *thread, const struct side_event *event, uint32_t stack)
{
	struct live_thread *state = state_of(thread);
	struct odd_block old;

	if (!state || __builtin_expect(change_quickly(state, event, stack), 1))
		return;
	switch (event->kind) {
	case EVENT_TRACK:
		if (event->domain == DOMAIN_MAPPED) {
			map(state, event);
			break;
		}
		__attribute__((fallthrough));
	case EVENT_ALLOC:
		add(state, (struct odd_block){.address = event->address,
					      .size = event->size,
					      .domain = event->domain,
					      .stack = stack});
		break;
	case EVENT_FREE:
		old = take(state, DOMAIN_HEAP, event->address);
		note_removed(state, old.address, old.size, old.stack);
		break;
	case EVENT_UNTRACK:
		take(state, event->domain, event->address);
		break;
	case EVENT_UNMAP:
		unmap(state, event);
		break;
	case EVENT_UNDO:
		undo(state);
		break;
	case EVENT_CLEAR:
		clear(state);
		break;
	case EVENT_RESET_PEAK:
		total_reset_peak(&total);
		break;
	}
}

static bool others_change;

static void look_whether_changing(struct thread *thread)
{
	others_change |= thread != thread_self && thread->live && thread->live->changing;
}

static bool do_others_change(void)
{
	others_change = false;
	thread_each(look_whether_changing);
	if (thread_late)
		look_whether_changing(thread_late);
	return others_change;
}

/* Nothing lives. What somebody is changing meanwhile makes the sum unsure. */
static void empty(void)
{
	struct lock_held late = lock_take(&epoch->late), held = lock_take(&epoch->live);

	__atomic_add_fetch(&clears, 1, __ATOMIC_RELAXED);
	odd_clear();
	ranges_clear();
	shadow_drop();
	total_clear(&total);
	__atomic_store_n(&incomplete, false, __ATOMIC_RELAXED);
	__atomic_store_n(&unsure, do_others_change(), __ATOMIC_RELAXED);
	lock_give(&held);
	lock_give(&late);
}

void live_start(void)
{
	starts++;
	if (unclean)
		empty();
	unclean = false;
}

void live_left_behind(struct thread *thread)
{
	if (thread->live && thread->live->changing)
		__atomic_store_n(&unsure, true, __ATOMIC_RELAXED);
}

/* The hook that a handler interrupted to stop may make a change yet. */
void live_stop(bool quiet)
{
	empty();
	unclean = !quiet || (thread_self && thread_self->busy);
}

/* Of a thread that there is no more. */
static void forget_change(struct thread *thread)
{
	if (thread != thread_self && thread->live)
		thread->live->changing = 0;
}

void live_forked(void)
{
	unclean |= !recording.wanted; /* another thread may have been emptying it */
	if (epoch->live_counted)
		return;
	epoch->live_counted = 1;
	if (!do_others_change())
		return;
	/* What they did not finish is done or not, but the sum does not say which. */
	total.current = (int64_t)(shadow_sum() + odd_sum() + ranges_sum());
	if (total.peak < total.current)
		total.peak = total.current;
	thread_each(forget_change);
	if (thread_late)
		forget_change(thread_late);
	/* What a handler interrupted will be added once more. */
	if (thread_self)
		live_left_behind(thread_self);
}

int live_memory(size_t *current, size_t *peak)
{
	struct live_total now = total_read(&total);

	*current = now.current > 0 ? (size_t)now.current : 0;
	*peak = now.peak > 0 ? (size_t)now.peak : 0;
	return __atomic_load_n(&incomplete, __ATOMIC_RELAXED) ||
			       __atomic_load_n(&unsure, __ATOMIC_RELAXED)
		       ? -ENOMEM
		       : 0;
}

int live_find(uint64_t address, uintptr_t *frames, unsigned capacity, unsigned *nframe)
{
	uint32_t stack =
		shadow_fits(address, 0) ? shadow_word_stack(shadow_look(DOMAIN_HEAP, address)) : 0;

	if (!stack && odd_count()) {
		struct lock_held held = lock_take(&epoch->live);

		stack = odd_look(DOMAIN_HEAP, address).stack;
		lock_give(&held);
	}
	*nframe = stack ? stacks_frames(stack, frames, capacity) : 0;
	if (stack)
		return 0;
	return __atomic_load_n(&incomplete, __ATOMIC_RELAXED) ? -ENOMEM : -ENOENT;
}
