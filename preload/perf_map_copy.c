// SPDX-License-Identifier: MIT
/*
 * A process may come here more than once, when an exec fails: only what the file has grown by is
 * copied then. A forked child has another pid, so another file and nothing of it yet.
 */
#include "perf_map_copy.h"

#include "common/bytes.h"
#include "common/format.h"
#include "line.h"
#include "memory.h"
#include "sys.h"
#include "writer.h"

#define OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define PIECE_SIZE (256u << 10) /* text of a chunk */
#define HEAD_SIZE (2 * VARINT_MAX)

static struct copied {
	int pid;
	dev_t device;
	ino_t inode;
	uint64_t size; /* bytes of it that the trace has */
} copied;

static int open_map(int pid, struct stat *status)
{
	static struct line path; /* static: _exit may be called on a small stack */
	int fd;

	line_clear(&path);
	line_add(&path, PERF_MAP_PREFIX);
	line_add_number(&path, (uint64_t)pid);
	line_add(&path, PERF_MAP_SUFFIX);
	fd = sys_open(path.text, OPEN_FLAGS, 0);
	if (fd >= 0 && sys_fstat(fd, status) < 0) {
		sys_close(fd);
		return -EIO;
	}
	return fd;
}

/* Anybody may put a file there, and a process of long ago may have had the same number. */
static bool is_ours(const struct stat *status, uint64_t start_ns)
{
	uint64_t written =
		(uint64_t)status->st_mtim.tv_sec * 1000000000u + (uint64_t)status->st_mtim.tv_nsec;

	return S_ISREG(status->st_mode) && status->st_nlink == 1 &&
	       status->st_uid == sys_geteuid() && written + PERF_MAP_TICK_NS >= start_ns;
}

/* Bytes read into `text`, fewer than asked for only at the end of the file. */
static size_t read_piece(int fd, uint8_t *text, size_t size, uint64_t offset)
{
	size_t done = 0;
	int interrupted = 0;

	while (done < size) {
		long n = sys_pread(fd, text + done, size - done, offset + done);

		if (n == -EINTR && ++interrupted < SYS_TRIES)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* The text is read behind room for the longest head, and the head put right before it. */
static bool write_piece(uint8_t *memory, size_t size, uint64_t file_size)
{
	uint8_t head[HEAD_SIZE];
	struct put p = put_into(head, sizeof head);

	put_varint(&p, file_size);
	put_varint(&p, copied.size);
	size_t head_size = (size_t)(p.at - head);

	memory += HEAD_SIZE - head_size;
	put_bytes(&(struct put){.at = memory, .end = memory + head_size}, head, head_size);
	return writer_chunk(CHUNK_PERF_MAP, 1, memory, head_size + size);
}

static void copy(int fd, uint8_t *memory, uint64_t file_size)
{
	size_t n;

	do {
		uint64_t left = TMZ_PERF_MAP_MAX - copied.size;

		n = read_piece(fd, memory + HEAD_SIZE, left < PIECE_SIZE ? left : PIECE_SIZE,
			       copied.size);
		if (!n || !write_piece(memory, n, file_size))
			break;
		copied.size += n;
	} while (n == PIECE_SIZE);
}

/* Whether the trace has the beginning of the file. */
static bool is_copied(int pid, const struct stat *status)
{
	return pid == copied.pid && status->st_dev == copied.device &&
	       status->st_ino == copied.inode && (uint64_t)status->st_size >= copied.size;
}

void perf_map_copy(int pid, uint64_t start_ns)
{
	struct stat status;
	int fd = open_map(pid, &status);

	if (fd < 0)
		return;
	if (!is_copied(pid, &status))
		copied = (struct copied){
			.pid = pid, .device = status.st_dev, .inode = status.st_ino};
	uint8_t *memory = is_ours(&status, start_ns) ? memory_map(HEAD_SIZE + PIECE_SIZE) : NULL;

	if (memory)
		copy(fd, memory, (uint64_t)status.st_size);
	memory_unmap(memory, HEAD_SIZE + PIECE_SIZE);
	sys_close(fd);
}
