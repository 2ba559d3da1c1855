// SPDX-License-Identifier: MIT
/*
 * Descriptors that the program does not notice.
 */
#ifndef PRELOAD_DESCRIPTOR_H
#define PRELOAD_DESCRIPTOR_H

#include <errno.h>

#include "sys.h"

#define DESCRIPTOR_FROM 512
#define DESCRIPTOR_LEAST 64 /* where there are fewer, the program may need all of them */

/*
 * The program may have closed it and opened a file of its own in its place: 0 if it still is what it
 * was, -ENOENT if it is something else, or -errno if that cannot be known.
 */
static inline int descriptor_check(int fd, dev_t device, ino_t inode)
{
	struct stat now;
	int result = sys_fstat(fd, &now);

	if (result < 0)
		return result;
	return now.st_dev == device && now.st_ino == inode ? 0 : -ENOENT;
}

static inline bool descriptor_is(int fd, dev_t device, ino_t inode)
{
	return descriptor_check(fd, device, inode) == 0;
}

/*
 * Moves a fresh descriptor out of the program's way: to the first free number from 512 on, or as
 * high as the limit and what the program has open allow. Returns where it is now. `high` says if it
 * is out of the way there: it must not stay open otherwise, as the program would get other numbers.
 */
static inline int descriptor_move_high(int fd, bool *high)
{
	struct rlimit limit;
	int from = DESCRIPTOR_FROM, moved;

	*high = false;
	if (fd < 0)
		return fd;
	if (sys_getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= DESCRIPTOR_FROM)
		from = (int)limit.rlim_cur - 1;
	do
		moved = sys_fcntl(fd, F_DUPFD_CLOEXEC, from);
	while (moved < 0 && (from /= 2) > fd);
	if (moved < 0)
		return fd;
	sys_close(fd);
	*high = moved >= DESCRIPTOR_LEAST;
	return moved;
}

/* The same for one that is closed again at once, wherever it is. */
static inline int descriptor_move_away(int fd)
{
	bool high;

	return descriptor_move_high(fd, &high);
}

#endif
