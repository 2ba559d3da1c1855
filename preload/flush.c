// SPDX-License-Identifier: MIT
/*
 * What happens to a block between two events: it is written, grown or shrunk.
 */
#include "flush.h"

#include <string.h>

#include "clock.h"
#include "common/bytes.h"
#include "memory.h"
#include "modules.h"
#include "process.h"
#include "resident.h"

#define BLOCK_WORDS_LAST (64u << 10) /* 512 KiB: a flush takes well under a millisecond */

uint64_t *flush_late_word;

void flush_begin_block(struct thread *thread)
{
	thread->fresh = true;
	thread->until_time = 1;
	thread->generation = 0;
	thread->block.stamped = thread->stamped;
	thread->late_number = 0;
}

/* Resident memory now and at most, as one record. */
static void write_resources(void)
{
	uint8_t record[3 * VARINT_MAX];
	struct put p = put_into(record, sizeof record);
	uint64_t resident, peak;

	resident_read(&resident, &peak);
	put_varint(&p, clock_coarse());
	put_varint(&p, resident);
	put_varint(&p, peak);
	writer_chunk(CHUNK_RESOURCES, 1, record, (size_t)(p.at - record));
}

static void resize_block(struct block *block, uint32_t capacity)
{
	uint64_t *words = memory_map(capacity * sizeof *words);

	if (!words)
		return;
	uint64_t *old = block->words;
	size_t old_size = block->capacity * sizeof *words;

	memcpy(words, old, block->n_words * sizeof *words);
	/* Another thread may fork between any two steps: the child must find room for `capacity`. */
	__atomic_store_n(&block->capacity, block->capacity < capacity ? block->capacity : capacity,
			 __ATOMIC_RELEASE);
	__atomic_store_n(&block->words, words, __ATOMIC_RELEASE);
	__atomic_store_n(&block->capacity, capacity, __ATOMIC_RELEASE);
	memory_unmap(old, old_size);
}

static void flush_blocked(struct thread *thread)
{
	struct block *block = &thread->block;
	bool full = block->n_words > block->capacity / 2;

	modules_check();
	modules_flush();
	if (!thread->named)
		thread_write_name(thread);
	writer_block(block, thread->number);
	if (full)
		write_resources();
	if (thread == thread_late && flush_late_word) {
		__atomic_store_n(flush_late_word, (uint64_t)block->serial << 32, __ATOMIC_RELEASE);
	} else if (epoch->mode != MODE_RECORDING) {
		/* Ended by a handler, the hook that it interrupted may still write there. */
	} else if (full && block->capacity < BLOCK_WORDS_LAST) {
		resize_block(block, block->capacity * 2);
	} else if (block->capacity > BLOCK_WORDS_LAST) {
		resize_block(block, BLOCK_WORDS_LAST);
	}
	flush_begin_block(thread);
}

/* No handler may jump out of this: it would leave a block that is half replaced. */
void flush_block(struct thread *thread)
{
	uint64_t signals;

	if (!thread->block.n_words)
		return;
	sys_block_signals(&signals);
	flush_blocked(thread);
	sys_restore_signals(&signals);
}

bool flush_make_room(struct thread *thread, size_t need)
{
	struct block *block = &thread->block;
	size_t limit = TMZ_BLOCK_WORDS_MAX;

	need += PROLOGUE_WORDS;
	if (need <= block->capacity - block->n_words)
		return true;
	if (!process_is_vfork_child())
		flush_block(thread);
	if (need > block->capacity - block->n_words &&
	    !(thread == thread_late && flush_late_word) && block->n_words + need <= limit) {
		size_t capacity = block->capacity;

		while (capacity < block->n_words + need)
			capacity *= 2;
		uint64_t signals;

		sys_block_signals(&signals);
		resize_block(block, (uint32_t)(capacity < limit ? capacity : limit));
		sys_restore_signals(&signals);
	}
	if (need <= block->capacity - block->n_words)
		return true;
	writer_lost(LOSS_MEMORY, 1);
	return false;
}

void flush_late_map(void *memory, uint32_t n_words)
{
	struct lock_held held = lock_take(&epoch->late);
	struct block *block = &thread_late->block;

	flush_block(thread_late);
	memory_unmap(block->words, block->capacity * sizeof *block->words);
	flush_late_word = memory;
	block->words = flush_late_word + 1;
	block->capacity = n_words;
	__atomic_store_n(flush_late_word, (uint64_t)block->serial << 32, __ATOMIC_RELEASE);
	lock_give(&held);
}

void flush_late_unmapped(void)
{
	flush_late_word = NULL;
}

void flush_late(void)
{
	struct lock_held held = lock_take(&epoch->late);

	flush_block(thread_late);
	lock_give(&held);
}
