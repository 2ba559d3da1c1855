// SPDX-License-Identifier: MIT
/*
 * One descriptor, as high as the limit allows up to 512 and above, so that the program gets the
 * numbers it would get untraced; checked by device and inode before each use, because a program may
 * close all descriptors and open its own in their place.
 */
#include "trace_file.h"

#include <string.h>

#include "common/journal.h"
#include "descriptor.h"
#include "disk.h"
#include "sys.h"
#include "writer.h"

#define SUFFIX_MAX 10000
#define OPEN_FLAGS (O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)

static struct trace_file {
	int fd; /* valid while `open` */
	bool open;
	bool stays; /* it is out of the program's way; else it is open only while we need it */
	dev_t device;
	ino_t inode;
	char path[PATH_MAX];
} file;

static bool is_ours(int fd)
{
	return descriptor_is(fd, file.device, file.inode);
}

void trace_file_close(void)
{
	if (file.open && is_ours(file.fd))
		sys_close(file.fd);
	file.open = false;
}

/* After each use. */
static void let_go(void)
{
	if (!file.stays)
		trace_file_close();
}

/* A fresh, empty file; if it cannot be taken it goes. */
static int take(int fd, const char *path, size_t size)
{
	struct stat status;
	bool stays;
	int result;

	fd = descriptor_move_high(fd, &stays);
	result = sys_fstat(fd, &status);
	if (result < 0) {
		sys_close(fd);
		sys_unlink(path);
		return result;
	}
	file = (struct trace_file){.fd = fd,
				   .open = true,
				   .stays = stays,
				   .device = status.st_dev,
				   .inode = status.st_ino};
	memcpy(file.path, path, size + 1);
	let_go();
	return 0;
}

/* A journal that somebody left would be taken for this trace's. */
static bool has_journal(struct line *path)
{
	size_t size = path->size;
	bool found;

	line_add(path, JOURNAL_SUFFIX);
	found = !path->cut && sys_exists(path->text);
	path->size = size;
	path->text[size] = '\0';
	return found;
}

int trace_file_create(struct line *path)
{
	size_t base = path->size;

	for (uint64_t suffix = 1; suffix < SUFFIX_MAX; suffix++) {
		int fd = path->size >= PATH_MAX ? -ENAMETOOLONG
			 : has_journal(path)
				 ? -EEXIST
				 : sys_open(path->text, OPEN_FLAGS | O_CREAT | O_EXCL, 0600);

		if (fd >= 0)
			return take(fd, path->text, path->size);
		if (fd != -EEXIST)
			return fd;
		path->size = base;
		line_add(path, ".");
		line_add_number(path, suffix);
	}
	return -EEXIST;
}

int trace_file_adopt(const char *path)
{
	struct stat status;
	size_t size = strlen(path);
	int fd = size < PATH_MAX ? sys_open(path, OPEN_FLAGS, 0) : -ENAMETOOLONG;

	if (fd < 0)
		return fd;
	if (sys_fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0)
		return take(fd, path, size);
	sys_close(fd);
	return -EEXIST;
}

void trace_file_discard(const char *path)
{
	if (trace_file_adopt(path) == 0)
		trace_file_remove();
}

/* The program may have closed our descriptor: then the file is opened again by its path. */
static int ensure_open(void)
{
	int fd;

	if (file.open && is_ours(file.fd))
		return 0;
	file.open = false;
	fd = sys_open(file.path, OPEN_FLAGS, 0);
	if (fd < 0)
		return fd;
	fd = descriptor_move_high(fd, &file.stays);
	if (!is_ours(fd)) {
		sys_close(fd);
		return -ENOENT;
	}
	file.fd = fd;
	file.open = true;
	return 0;
}

static int write_all(const void *bytes, size_t size, uint64_t offset)
{
	size_t done = 0;
	int interrupted = 0;

	if (!sys_within_file_limit(offset + size))
		return -EFBIG;
	while (done < size) {
		long n =
			sys_pwrite(file.fd, (const char *)bytes + done, size - done, offset + done);

		if (n == -EINTR && ++interrupted < SYS_TRIES)
			continue;
		if (n <= 0)
			return n ? (int)n : -ENOSPC;
		done += (size_t)n;
	}
	return 0;
}

static int put(void *arg, const void *bytes, size_t size, uint64_t offset)
{
	int result = ensure_open();

	(void)arg;
	if (result < 0)
		return result;
	result = write_all(bytes, size, offset);
	if (result < 0)
		sys_ftruncate(file.fd, offset);
	let_go();
	return result;
}

const struct sink trace_file_sink = {.put = put};

bool trace_file_rewrite(const void *bytes, size_t size, uint64_t offset)
{
	bool done = ensure_open() == 0;

	if (done) {
		done = write_all(bytes, size, offset) == 0;
		let_go();
	}
	return done;
}

void *trace_file_map(uint64_t offset, size_t size)
{
	uint64_t page = offset / 4096 * 4096;
	char *at = NULL;

	if (ensure_open() < 0)
		return NULL;
	if (disk_keeps_room(file.fd))
		at = sys_mmap(NULL, offset - page + size, PROT_READ | PROT_WRITE, MAP_SHARED,
			      file.fd, page);
	let_go();
	return at ? at + (offset - page) : NULL;
}

void trace_file_remove(void)
{
	if (ensure_open() == 0)
		sys_unlink(file.path);
	trace_file_close();
}

void trace_file_forked(void)
{
	trace_file_close();
	file = (struct trace_file){0};
}

const char *trace_file_path(void)
{
	return file.path;
}
