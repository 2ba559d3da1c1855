// SPDX-License-Identifier: MIT
/*
 * Descriptors that the program does not notice.
 */
#ifndef PRELOAD_DESCRIPTOR_H
#define PRELOAD_DESCRIPTOR_H

#include "sys.h"

#define DESCRIPTOR_FROM 512

/*
 * Moves a fresh descriptor out of the program's way: to the first free number from 512 on, or as
 * high as the limit allows. Returns where it is now; it stays where it was if there is no room.
 */
static inline int descriptor_move_high(int fd)
{
	struct rlimit limit;
	int from = DESCRIPTOR_FROM, high;

	if (fd < 0)
		return fd;
	if (sys_getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= DESCRIPTOR_FROM)
		from = (int)limit.rlim_cur - 1;
	high = sys_fcntl(fd, F_DUPFD_CLOEXEC, from);
	if (high < 0)
		return fd;
	sys_close(fd);
	return high;
}

#endif
