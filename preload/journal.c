// SPDX-License-Identifier: MIT
/*
 * The file is opened by its path for each slot and closed again, so that the program finds no
 * second descriptor of ours. Room is made by writing zeros, as fallocate does, but blocks that never
 * reach the disk cost nothing: to free allocated ones takes ext4 4 ms with the option discard. Where
 * the file cannot be opened any more, because a daemon gave up its rights, its root folder or its
 * descriptors, pages of a mapped slot are populated instead, which is slower and needs none.
 */
#include "journal.h"

#include <string.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "descriptor.h"
#include "disk.h"
#include "line.h"
#include "sys.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE 4096
#define ZERO_PARTS 16 /* pages of one write */

static struct journal {
	struct journal_header *header; /* stays mapped: who loses events may be about to say so */
	bool open;
	uint64_t size; /* of the file */
	dev_t device;
	ino_t inode;
	struct line path;
} journal;

/* Makes room for `size` bytes, a multiple of a page, that are all zeros. */
static bool put_zeros(int fd, uint64_t offset, uint64_t size)
{
	static const char zeros[PAGE];
	struct iovec parts[ZERO_PARTS];

	int interrupted = 0;

	for (int i = 0; i < ZERO_PARTS; i++)
		parts[i] = (struct iovec){.iov_base = (void *)zeros, .iov_len = sizeof zeros};
	while (size) {
		uint64_t n = size < sizeof parts / sizeof *parts * PAGE ? size / PAGE : ZERO_PARTS;

		long written = sys_pwritev(fd, parts, (int)n, offset);

		if (written == -EINTR && ++interrupted < SYS_TRIES)
			continue;
		if (written != (long)(n * PAGE))
			return false;
		offset += n * PAGE;
		size -= n * PAGE;
	}
	return true;
}

/* The journal's descriptor, for a moment, or -errno. */
static int open_again(void)
{
	int result, fd = descriptor_move_away(sys_open(
			    journal.path.text, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0));

	if (fd < 0)
		return fd;
	result = descriptor_check(fd, journal.device, journal.inode);
	if (result == 0)
		return fd;
	sys_close(fd);
	return result;
}

static void put_header(uint64_t identity)
{
	struct put p = put_into(journal.header, JOURNAL_HEADER_SIZE);

	put_bytes(&p, journal_magic, sizeof journal_magic);
	put_fixed(&p, TMZ_VERSION, 4);
	put_fixed(&p, JOURNAL_SLOT_SIZE, 4);
	put_fixed(&p, identity, 8);
	put_fixed(&p, 0, 4);
	put_fixed(&p, hash_checksum(journal.header, offsetof(struct journal_header, checksum)), 4);
}

/* In place of what is mapped there, or anywhere at first. */
static bool map_header(int flags, int fd)
{
	void *at = journal.header;

	at = sys_mmap(at, JOURNAL_HEADER_SIZE, PROT_READ | PROT_WRITE, flags | (at ? MAP_FIXED : 0),
		      fd, 0);
	journal.header = at ? at : journal.header;
	return at != NULL;
}

/* Takes a fresh file over. 0 or -errno. */
static int set_up(int fd, uint64_t identity)
{
	struct stat status;
	int result = disk_keeps_room(fd) ? sys_fstat(fd, &status) : -EOPNOTSUPP;

	if (result == 0 && !sys_within_file_limit(JOURNAL_HEADER_SIZE))
		result = -EFBIG;
	if (result == 0 && !put_zeros(fd, 0, JOURNAL_HEADER_SIZE))
		result = -ENOSPC;
	if (result < 0)
		return result;
	journal.device = status.st_dev;
	journal.inode = status.st_ino;
	journal.size = JOURNAL_HEADER_SIZE;
	if (!map_header(MAP_SHARED, fd))
		return -ENOMEM;
	put_header(identity);
	journal.open = true;
	return 0;
}

int journal_create(const char *trace, uint64_t identity)
{
	int fd, result;

	journal.open = false;
	line_clear(&journal.path);
	line_add(&journal.path, trace);
	line_add(&journal.path, JOURNAL_SUFFIX);
	if (journal.path.cut)
		return -ENAMETOOLONG;
	fd = descriptor_move_away(
		sys_open(journal.path.text,
			 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600));
	if (fd < 0)
		return fd;
	result = set_up(fd, identity);
	sys_close(fd);
	if (result < 0)
		sys_unlink(journal.path.text);
	return result;
}

bool journal_is_open(void)
{
	return journal.open;
}

static uint64_t slot_offset(uint32_t index)
{
	return JOURNAL_HEADER_SIZE + (uint64_t)index * JOURNAL_SLOT_SIZE;
}

static struct journal_slot *map_slot(int fd, uint32_t index, struct journal_slot *at,
				     size_t reserved)
{
	uint64_t offset = slot_offset(index), end = offset + JOURNAL_SLOT_SIZE;

	if (!sys_within_file_limit(end))
		return NULL;
	/* The whole slot lies within the file, so that room is all that a page of it can lack. */
	if (end > journal.size && sys_ftruncate(fd, end) < 0)
		return NULL;
	journal.size = end > journal.size ? end : journal.size;
	if (!put_zeros(fd, offset, reserved))
		return NULL;
	return sys_mmap(at, JOURNAL_SLOT_SIZE, PROT_READ | PROT_WRITE,
			MAP_SHARED | (at ? MAP_FIXED : 0), fd, offset);
}

struct journal_slot *journal_map(uint32_t index, struct journal_slot *at, size_t reserved)
{
	int fd = journal_is_open() && index < JOURNAL_SLOTS_MAX ? open_again() : -ENOENT;
	struct journal_slot *slot;

	if (fd < 0)
		return NULL;
	slot = map_slot(fd, index, at, reserved);
	sys_close(fd);
	return slot;
}

bool journal_reserve(struct journal_slot *slot, uint32_t index, size_t from, size_t to)
{
	int fd = open_again();

	if (fd < 0)
		return sys_madvise((char *)slot + from, to - from, MADV_POPULATE_WRITE) == 0;
	bool done = put_zeros(fd, slot_offset(index) + from, to - from);

	sys_close(fd);
	return done;
}

void journal_tell_lost(const uint64_t lost[LOSS_REASON_END])
{
	if (journal_is_open())
		memcpy(journal.header->lost, lost, sizeof journal.header->lost);
}

struct control *journal_control(void)
{
	if (!journal_is_open())
		return NULL;
	return (struct control *)(void *)((char *)journal.header + CONTROL_OFFSET);
}

/*
 * Where it cannot be removed it stays in use: what is lost after the trace was completed, since an
 * exec failed, can be told nowhere else. If it is gone or another file took its place, that is all.
 */
void journal_remove(void)
{
	struct control *control = journal_control();
	int fd, result;

	if (!control)
		return;
	result = fd = open_again();
	if (fd >= 0) {
		result = sys_unlink(journal.path.text);
		sys_close(fd);
	}
	journal.open = result < 0 && result != -ENOENT;
	__atomic_store_n(&control->retired, !journal.open, __ATOMIC_RELEASE);
}

void journal_forked(void)
{
	if (journal.header)
		map_header(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	journal.open = false;
}
