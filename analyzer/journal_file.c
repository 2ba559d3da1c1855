// SPDX-License-Identifier: MIT
/*
 * Slots to blocks. pread, not mmap: a file that shrinks while it is read must not end us with
 * SIGBUS. Only what is committed is read and only words that are events are kept, so that neither
 * holes nor made-up counts cost memory.
 */
#include "journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/journal.h"
#include "die.h"

#define SLOT_HEADER_SIZE sizeof(struct journal_slot)
#define SLOT_SIZE_MAX (SLOT_HEADER_SIZE + TMZ_BLOCK_WORDS_MAX * 8ull)

/* The stamp that an event would have that is recorded now, as CLOCK_TSC defines it. */
static uint64_t stamp_now(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc() / 64;
#else
	return UINT64_MAX;
#endif
}

/* What is to be known of a slot; false: nothing there to read. */
static bool slot_read(const struct source *source, uint64_t offset, struct journal_slot *slot)
{
	return source_read(source, offset, slot, SLOT_HEADER_SIZE) == SLOT_HEADER_SIZE;
}

/*
 * Whether a slot is still at the block that was copied. If not, its block has become a chunk, which
 * the trace, read later, holds; what the slot holds now happened after the copying began.
 */
static bool is_same_block(const struct journal_slot *before, const struct journal_slot *after)
{
	return before->thread == after->thread && before->magic == after->magic &&
	       block_word_serial(before->committed) == block_word_serial(after->committed) &&
	       block_word_count(before->committed) <= block_word_count(after->committed);
}

static void add_block(struct journal_file *journal, const struct journal_slot *slot,
		      uint64_t *words, size_t n, bool bad)
{
	struct journal_block *block;

	journal->blocks = xreallocarray(journal->blocks, journal->n + 1, sizeof *journal->blocks);
	block = &journal->blocks[journal->n++];
	*block = (struct journal_block){
		.thread = slot->thread,
		.serial = block_word_serial(slot->committed),
		.tid = slot->tid,
		.stamped = block_word_stamped(slot->committed),
	};
	memcpy(block->name, slot->name, sizeof slot->name);
	block->sums = block_sum(words, n, block->stamped, UINT64_MAX);
	block->bad = bad || block->sums.bad;
	block->words = xreallocarray(words, block->sums.n_words, sizeof *words);
}

static bool is_zero(const struct journal_slot *slot)
{
	static const struct journal_slot zero;

	return memcmp(slot, &zero, SLOT_HEADER_SIZE) == 0;
}

static void copy_slot(struct journal_file *journal, const struct source *source, uint64_t offset,
		      size_t slot_size)
{
	struct journal_slot slot, after;
	size_t room = (slot_size - SLOT_HEADER_SIZE) / 8;

	if (!slot_read(source, offset, &slot) || is_zero(&slot))
		return;
	if (slot.magic != JOURNAL_SLOT_MAGIC) {
		journal->bad_slots += slot.magic != 0;
		return;
	}
	size_t committed = block_word_count(slot.committed),
	       wanted = committed < room ? committed : room;
	uint64_t *words = xreallocarray(NULL, wanted, sizeof *words);
	size_t n = source_read(source, offset + SLOT_HEADER_SIZE, words, wanted * 8) / 8;

	if (!slot_read(source, offset, &after) || !is_same_block(&slot, &after))
		free(words);
	else
		add_block(journal, &slot, words, n, n < committed);
}

/* The parts of struct journal_header; false when it is not whole or of another format. */
static bool header_read(struct journal_file *journal, const struct source *source,
			const struct file_header *wanted, size_t *slot_size)
{
	uint8_t bytes[sizeof(struct journal_header)] = {0};
	struct get g = get_from(bytes, sizeof bytes);

	source_read(source, 0, bytes, sizeof bytes);
	bool magic = memcmp(get_bytes(&g, 8), journal_magic, 8) == 0;
	uint32_t version = (uint32_t)get_fixed(&g, 4);

	*slot_size = (size_t)get_fixed(&g, 4);
	uint64_t identity = get_fixed(&g, 8);

	get_fixed(&g, 4);
	bool whole = magic && get_fixed(&g, 4) == hash_checksum(bytes, 28),
	     ours = !wanted || identity == wanted->identity;

	if (whole && !ours)
		return false;
	if (!whole && !magic && !(ours && identity && wanted))
		return false;
	if (!whole)
		journal->problem = xstrdup("its header is damaged");
	else if (version != TMZ_VERSION)
		journal->problem = xasprintf("format version %u, but this tmtrace reads version %d",
					     version, TMZ_VERSION);
	else if (*slot_size <= SLOT_HEADER_SIZE || *slot_size > SLOT_SIZE_MAX || *slot_size % 8)
		journal->problem = xasprintf("blocks of %zu bytes cannot be", *slot_size);
	for (unsigned i = 0; i < LOSS_REASON_END; i++)
		journal->lost[i] = get_fixed(&g, 8);
	return !journal->problem;
}

void journal_read(struct journal_file *journal, const struct source *source,
		  const struct file_header *header)
{
	size_t slot_size;

	*journal = (struct journal_file){.stamp = stamp_now()};
	if (!header_read(journal, source, header, &slot_size)) {
		memset(journal->lost, 0, sizeof journal->lost);
		return;
	}
	journal->found = true;
	for (size_t i = 0; i < JOURNAL_SLOTS_MAX; i++) {
		uint64_t offset = JOURNAL_HEADER_SIZE + i * (uint64_t)slot_size;

		if (offset >= source->size)
			break;
		copy_slot(journal, source, offset, slot_size);
	}
}

/* A lease for reading is given on files that nobody can write to. */
static bool is_open_for_writing(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}

/* Not followed if it is a link, as anyone may have put one into a shared folder. */
static int open_beside(const char *path, int *error)
{
	char *name = xasprintf("%s" JOURNAL_SUFFIX, path);
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	*error = fd < 0 ? errno : 0;
	free(name);
	return fd;
}

static int open_journal(const char *path, int *error)
{
	int fd = open_beside(path, error);

	if (fd >= 0 || *error != ENOENT)
		return fd;
	char *real = realpath(path, NULL); /* the trace may have been opened by a link to it */

	if (real && strcmp(real, path) != 0)
		fd = open_beside(real, error);
	free(real);
	return fd;
}

static bool is_trusted(const struct stat *journal, int trace_fd)
{
	struct stat trace;

	return journal->st_uid == geteuid() ||
	       (fstat(trace_fd, &trace) == 0 && trace.st_uid == journal->st_uid);
}

void journal_open(struct journal_file *journal, const char *path, const struct source *source,
		  const struct file_header *header)
{
	struct source file = {.fd = -1};
	struct stat state;
	int error;

	*journal = (struct journal_file){0};
	if (source->bytes)
		return;
	uint64_t stamp = stamp_now(); /* before the size is known: a new block is behind it */

	file.fd = open_journal(path, &error);
	if (file.fd < 0) {
		if (error != ENOENT && error != ELOOP && error != ENAMETOOLONG)
			journal->problem = xstrdup(strerror(error));
		return;
	}
	if (fstat(file.fd, &state) == 0 && S_ISREG(state.st_mode)) {
		file.size = (uint64_t)state.st_size;
		journal_read(journal, &file, header);
		journal->stamp = stamp;
		if (journal->found && !is_trusted(&state, source->fd)) {
			journal_release(journal);
			journal->problem = xstrdup("it belongs to another user");
		}
		journal->used = journal->found && is_open_for_writing(file.fd);
	}
	source_close(&file);
}

void journal_release(struct journal_file *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		free(journal->blocks[i].words);
	free(journal->blocks);
	free(journal->problem);
	*journal = (struct journal_file){0};
}
