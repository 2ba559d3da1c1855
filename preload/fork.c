// SPDX-License-Identifier: MIT
/*
 * The interposed fork, for one case: a handler that interrupted a hook forks, and the child returns
 * from it into the hook, whose next words would go into the parent's block. So such a child notices
 * at once that it is one. All others, and those of a raw clone, notice at their next event.
 */
#include <unistd.h>

#include "process.h"
#include "real.h"
#include "thread.h"

static pid_t child_or_parent(pid_t pid)
{
	if (pid == 0 && thread_self && thread_self->guard && epoch->mode == MODE_WIPED)
		process_wiped();
	return pid;
}

EXPORT pid_t fork(void)
{
	return child_or_parent(real_ready()->fork());
}

EXPORT pid_t _Fork(void)
{
	return child_or_parent(real_ready()->_Fork());
}
