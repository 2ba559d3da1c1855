// SPDX-License-Identifier: MIT
/*
 * Raw events of one stream, from the first that is not a chunk of the trace yet.
 *
 * A block lies in a slot of the journal, so that it outlives the process, or in private memory where
 * there is no room for one. It grows in place, from 64 KiB on; all blocks together are bounded, and
 * the bound of one gets smaller the more there are.
 */
#ifndef PRELOAD_BLOCK_H
#define PRELOAD_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/journal.h"

struct block {
	struct journal_slot *slot; /* NULL before the block is opened for the first time */
	struct journal_slot *home; /* the same, unless an event is too large for it */
	uint32_t capacity;	/* words of `slot` that have room; 0 when the block is not open */
	uint32_t home_capacity; /* the same of `home` */
	uint32_t index;		/* of `home` in the journal */
	bool kept;		/* `home` is in the journal: it outlives the process */
	bool fixed;		/* cannot grow */
	uint64_t copy_at;	/* where in the trace each event is copied to; 0: nowhere */
	uint32_t copied;	/* words of it that are there */
};

static inline uint64_t block_committed(const struct block *block)
{
	return block->slot->committed;
}

static inline uint32_t block_count(const struct block *block)
{
	return block_word_count(block_committed(block));
}

static inline size_t block_room(const struct block *block)
{
	return block->capacity - block_count(block);
}

/*
 * Opens a block, for the first time or after block_detach: `index` is its place in the journal. Not
 * by two threads at once. False if there is no memory, or too much of it in blocks already.
 */
bool block_open(struct block *block, uint32_t index);

/* The stream of a thread begins: empty, serial 0. */
void block_begin_stream(struct block *block, uint32_t thread, uint32_t tid, const char name[16]);

/*
 * What is in it has become a chunk (`written`), or is lost: the next one of the stream begins. A
 * serial without a chunk would be taken for a chunk that is missing.
 */
void block_next(struct block *block, bool written, bool stamped);

/* As long as nothing is in it: whether its stream is stamped from the first event on. */
void block_set_stamped(struct block *block, bool stamped);

/* Twice the room; false if it has all it may have. */
bool block_grow(struct block *block);

/*
 * Room for `need` words more, beyond its share: for a vfork child, which must not write chunks, and
 * for very deep stacks.
 */
bool block_stretch(struct block *block, size_t need);

/*
 * Room for events that are too large for any slot, in an empty block: private memory until
 * block_next. False if there is none.
 */
bool block_borrow(struct block *block, size_t need);

static inline bool block_is_borrowed(const struct block *block)
{
	return block->slot != block->home;
}

/*
 * From now on the block is a raw block in the trace itself, `n_words` large, at `slot`; its own
 * memory is given back.
 */
void block_move(struct block *block, struct journal_slot *slot, uint32_t n_words);

/* An empty block moves into the journal that there now is. */
void block_reopen(struct block *block);

/* In a forked child: private memory in place of what the parent goes on writing to; not open. */
void block_detach(struct block *block);

/* After all blocks of a forked child were detached: none is open. */
void block_forked(void);

/* Bytes that all open blocks together may use, in the journal or not. */
size_t blocks_size(void);

/* Whether every block opened so far outlives the process. */
bool blocks_are_kept(void);

#endif
