// SPDX-License-Identifier: MIT
/*
 * Those that write elsewhere each time (btrfs, ZFS) need room for it each time. An overlay gives its
 * own name and passes on the numbers of the one below, of which btrfs counts no files and ZFS has two
 * sizes of blocks.
 */
#include "disk.h"

#include "sys.h"

enum {
	EXT_MAGIC = 0xef53,
	XFS_MAGIC = 0x58465342,
	TMPFS_MAGIC = 0x01021994,
	OVERLAY_MAGIC = 0x794c7630
};

bool disk_keeps_room(int fd)
{
	struct statfs status;

	if (sys_fstatfs(fd, &status) < 0)
		return false;
	if (status.f_type == OVERLAY_MAGIC)
		return status.f_files && status.f_frsize == status.f_bsize;
	return status.f_type == EXT_MAGIC || status.f_type == XFS_MAGIC ||
	       status.f_type == TMPFS_MAGIC;
}
