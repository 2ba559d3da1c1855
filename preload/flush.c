// SPDX-License-Identifier: MIT
/*
 * What happens to a block between two events: it is written, grown or shrunk.
 */
#include "flush.h"

#include <string.h>

#include "clock.h"
#include "common/bytes.h"
#include "modules.h"
#include "process.h"
#include "remote.h"
#include "resident.h"
#include "totals.h"
#include "trace_file.h"

void flush_begin_block(struct thread *thread)
{
	thread->fresh = true;
	thread->until_time = 1;
	thread->generation = 0;
	thread->late_number = 0;
	block_set_stamped(&thread->block, thread->stamped);
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

static void flush_blocked(struct thread *thread)
{
	struct block *block = &thread->block;
	bool full = block_count(block) > block->home_capacity / 2;

	modules_check();
	modules_flush();
	thread_write_name(thread);
	bool written = writer_block(block->slot);

	if (!written)
		totals_lose(thread, writer_count(block->slot));
	remote_count();
	if (full)
		write_resources();
	block_next(block, written, thread->stamped);
	if (full && mode_is_recording(epoch->mode))
		block_grow(block);
	flush_begin_block(thread);
}

/* No handler may jump out of this: it would leave a block that is half replaced. */
void flush_block(struct thread *thread)
{
	uint64_t signals;

	if (!block_count(&thread->block))
		return;
	sys_block_signals(&signals);
	flush_blocked(thread);
	sys_restore_signals(&signals);
}

void flush_last(struct thread *thread)
{
	if (block_count(&thread->block))
		flush_block(thread);
	else
		thread_write_name(thread);
}

static bool make_more_room(struct thread *thread, size_t need)
{
	struct block *block = &thread->block;

	if (process_is_vfork_child())
		return block_stretch(block, need);
	flush_block(thread);
	while (need > block_room(block) && block_grow(block))
		;
	if (need <= block_room(block))
		return true;
	/* A very deep stack: room for it and for those that differ little from it. */
	size_t wanted = 2 * need < TMZ_BLOCK_WORDS_MAX ? 2 * need : TMZ_BLOCK_WORDS_MAX;

	if (block_stretch(block, wanted) || block_stretch(block, need))
		return true;
	bool borrowed = block_borrow(block, wanted);

	process_tell_kept();
	return borrowed;
}

bool flush_make_more_room(struct thread *thread, size_t need)
{
	uint64_t signals;

	if (thread_is_dropped(thread))
		return false; /* its one event is counted already */
	sys_block_signals(&signals);
	bool made = make_more_room(thread, need);

	sys_restore_signals(&signals);
	if (!made)
		writer_lost(process_is_vfork_child() ? LOSS_VFORK : LOSS_MEMORY, 1);
	return made;
}

void flush_late_map(void *memory, uint32_t n_words)
{
	struct lock_held held = lock_take(&epoch->late);

	flush_block(thread_late);
	block_move(&thread_late->block, memory, n_words);
	lock_give(&held);
}

void flush_late_map_copied(void *memory, uint32_t n_words, uint64_t at)
{
	flush_late_map(memory, n_words);

	struct lock_held held = lock_take(&epoch->late);

	thread_late->block.copy_at = at;
	flush_late_copy();
	lock_give(&held);
}

/* The words first, then the head that counts them. */
void flush_late_copy(void)
{
	struct block *block = &thread_late->block;
	const struct journal_slot *slot = block->slot;
	uint32_t count = block_count(block), from = block->copied < count ? block->copied : 0;
	uint64_t words_at = block->copy_at + sizeof *slot + from * sizeof(uint64_t);
	struct lock_held held = lock_take(&epoch->writer);

	if (slot == block->home &&
	    trace_file_rewrite(slot->words + from, (count - from) * sizeof(uint64_t), words_at) &&
	    trace_file_rewrite(slot, sizeof *slot, block->copy_at))
		block->copied = count;
	lock_give(&held);
}

/* What is in the raw block is in the trace: to write it again could only fail. */
void flush_late(void)
{
	struct lock_held held = lock_take(&epoch->late);

	if (!thread_late->block.fixed)
		flush_block(thread_late);
	lock_give(&held);
}
