// SPDX-License-Identifier: MIT
/*
 * What stands at a path is looked at before it is opened, which may already do something, and again
 * after: a pipe, a device, or a file of the kernel, which looks regular and may take messages away
 * from others (/proc/kmsg) or never end (/proc/kcore).
 */
#include "regular_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_kernels(const struct statfs *system)
{
	switch ((unsigned long)system->f_type & 0xffffffff) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case TRACEFS_MAGIC:
	case DEBUGFS_MAGIC:
	case SECURITYFS_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case BPF_FS_MAGIC:
	case EFIVARFS_MAGIC:
	case PSTOREFS_MAGIC:
		return true;
	default:
		return false;
	}
}

int regular_file_open(const char *path, struct stat *state)
{
	struct statfs system;

	if (stat(path, state) < 0 || !S_ISREG(state->st_mode) || statfs(path, &system) < 0 ||
	    is_kernels(&system))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && (fstat(fd, state) < 0 || !S_ISREG(state->st_mode) ||
			fstatfs(fd, &system) < 0 || is_kernels(&system))) {
		close(fd);
		fd = -1;
	}
	return fd;
}
