// SPDX-License-Identifier: MIT
/*
 * How much room blocks get, and where.
 */
#include "block.h"

#include <string.h>

#include "journal.h"
#include "memory.h"
#include "sys.h"

#define FIRST_SIZE (64u << 10) /* bytes of a slot that a block begins with */
#define LAST_SIZE (768u << 10) /* a flush takes a millisecond or two */
#define ALL_SIZE (64u << 20)   /* bytes of all blocks together */

static uint64_t all_size;
static uint32_t n_open;
static bool some_are_private;

static uint32_t words_of(size_t size)
{
	return (uint32_t)((size - sizeof(struct journal_slot)) / sizeof(uint64_t));
}

static size_t size_of(uint32_t words)
{
	return sizeof(struct journal_slot) + words * sizeof(uint64_t);
}

static struct journal_slot *map_private(struct journal_slot *at)
{
	return sys_mmap(at, JOURNAL_SLOT_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED : 0), -1, 0);
}

static void give_size(size_t size)
{
	__atomic_sub_fetch(&all_size, size, __ATOMIC_RELAXED);
}

/* Takes `size` bytes of what all blocks may have. */
static bool take_size(size_t size)
{
	if (__atomic_add_fetch(&all_size, size, __ATOMIC_RELAXED) <= ALL_SIZE)
		return true;
	give_size(size);
	return false;
}

bool block_open(struct block *block, uint32_t index)
{
	if (!take_size(FIRST_SIZE))
		return false;
	struct journal_slot *slot = journal_map(index, block->home, FIRST_SIZE);
	bool kept = slot != NULL;

	if (!kept)
		slot = map_private(block->home);
	if (!slot) {
		give_size(FIRST_SIZE);
		return false;
	}
	some_are_private |= !kept;
	*block = (struct block){.slot = slot,
				.home = slot,
				.capacity = words_of(FIRST_SIZE),
				.home_capacity = words_of(FIRST_SIZE),
				.index = index,
				.kept = kept};
	__atomic_add_fetch(&n_open, 1, __ATOMIC_RELAXED);
	return true;
}

void block_begin_stream(struct block *block, uint32_t thread, uint32_t tid, const char name[16])
{
	struct journal_slot *slot = block->home;

	/* A kill between these must not leave a new thread with the serial of an old one. */
	__atomic_store_n(&slot->magic, 0, __ATOMIC_RELEASE);
	slot->thread = thread;
	slot->tid = tid;
	memcpy(slot->name, name, sizeof slot->name);
	__atomic_store_n(&slot->committed, block_word(0, false, 0), __ATOMIC_RELEASE);
	__atomic_store_n(&slot->magic, JOURNAL_SLOT_MAGIC, __ATOMIC_RELEASE);
}

/* One store says that the events are gone from here and which chunk comes next. */
void block_next(struct block *block, bool written, bool stamped)
{
	struct journal_slot *borrowed = block_is_borrowed(block) ? block->slot : NULL;
	uint32_t serial = block_word_serial(block_committed(block)), capacity = block->capacity;

	__atomic_store_n(&block->home->committed, block_word(serial + written, stamped, 0),
			 __ATOMIC_RELEASE);
	if (!borrowed)
		return;
	block->capacity = block->home_capacity;
	__atomic_store_n(&block->slot, block->home, __ATOMIC_RELEASE);
	memory_unmap(borrowed, size_of(capacity));
}

void block_set_stamped(struct block *block, bool stamped)
{
	uint64_t word = block_committed(block);

	if (block_word_count(word) == 0)
		__atomic_store_n(&block->slot->committed,
				 block_word(block_word_serial(word), stamped, 0), __ATOMIC_RELEASE);
}

/* Makes sure of room up to `size` bytes of the slot. */
static bool extend(struct block *block, size_t size)
{
	size_t old = size_of(block->capacity);

	if (block->fixed || block_is_borrowed(block) || size > JOURNAL_SLOT_SIZE ||
	    !take_size(size - old))
		return false;
	if (block->kept && !journal_reserve(block->home, block->index, old, size)) {
		give_size(size - old);
		return false;
	}
	block->capacity = block->home_capacity = words_of(size);
	return true;
}

bool block_grow(struct block *block)
{
	size_t size = size_of(block->capacity) * 2;
	size_t open = __atomic_load_n(&n_open, __ATOMIC_RELAXED); /* 0: this one is fixed */

	size = size < LAST_SIZE ? size : LAST_SIZE;
	return size > size_of(block->capacity) && size * open <= ALL_SIZE / 2 &&
	       extend(block, size);
}

bool block_stretch(struct block *block, size_t need)
{
	size_t size = size_of(block->capacity),
	       wanted = size_of(block_count(block) + (uint32_t)need);

	while (size < wanted)
		size += FIRST_SIZE;
	return extend(block, size);
}

bool block_borrow(struct block *block, size_t need)
{
	struct journal_slot *slot = memory_map(size_of((uint32_t)need));

	if (!slot)
		return false;
	memcpy(slot, block->home, sizeof *slot);
	__atomic_store_n(&block->slot, slot, __ATOMIC_RELEASE);
	block->capacity = (uint32_t)need;
	some_are_private = true;
	return true;
}

static void give_back(struct block *block)
{
	give_size(size_of(block->home_capacity));
	__atomic_sub_fetch(&n_open, 1, __ATOMIC_RELAXED);
}

void block_move(struct block *block, struct journal_slot *slot, uint32_t n_words)
{
	struct journal_slot *old = block->home;

	memcpy(slot, old, sizeof *slot);
	give_back(block);
	*block = (struct block){.slot = slot,
				.home = slot,
				.capacity = n_words,
				.home_capacity = n_words,
				.kept = true,
				.fixed = true};
	sys_munmap(old, JOURNAL_SLOT_SIZE);
}

void block_reopen(struct block *block)
{
	struct journal_slot head, *slot;

	if (block->fixed || !block->capacity)
		return;
	head = *block->home;
	slot = journal_map(block->index, block->home, FIRST_SIZE);
	if (!slot) {
		some_are_private = true; /* as good as: the memory of a file that is gone */
		return;
	}
	*slot = head;
	give_size(size_of(block->home_capacity) - FIRST_SIZE);
	block->capacity = block->home_capacity = words_of(FIRST_SIZE);
	block->kept = true;
}

void block_detach(struct block *block)
{
	if (block->fixed)
		*block = (struct block){0};
	block->capacity = block->home_capacity = 0;
	block->slot = block->home;
	if (block->home)
		map_private(block->home);
}

void block_forked(void)
{
	all_size = n_open = 0;
	some_are_private = false;
}

bool blocks_are_kept(void)
{
	return !some_are_private;
}

size_t blocks_size(void)
{
	return __atomic_load_n(&all_size, __ATOMIC_RELAXED);
}
