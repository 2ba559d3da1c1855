// SPDX-License-Identifier: MIT
/*
 * Allocates, then gives up all system calls but its own few, as sandboxed programs do, and allocates on.
 *
 * filtered heap|mappings ROUNDS    whether it keeps mmap and munmap or only brk; the others fail with EPERM
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define N_KEPT 5000
#define ALLOW(NUMBER)                                                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NUMBER, 0, 1),                                         \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Each that is allowed skips the next test; what is left fails. */
static int give_up(int mappings)
{
	struct sock_filter all[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_write),
		ALLOW(SYS_brk),
		ALLOW(SYS_exit_group),
		ALLOW(mappings ? SYS_mmap : SYS_brk),
		ALLOW(mappings ? SYS_munmap : SYS_brk),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = {.len = sizeof all / sizeof *all, .filter = all};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* With many stacks, since it calls itself. */
static __attribute__((noinline)) void *allocate(size_t size, unsigned depth)
{
	void *volatile block = depth ? allocate(size, depth - 1) : malloc(size);

	return block;
}

static int churn(void **kept, long rounds)
{
	for (long i = 0; i < rounds; i++) {
		void **slot = &kept[i * 31 % N_KEPT];

		free(*slot);
		*slot = allocate((size_t)(i % 300) + 1, (unsigned)(i % 11));
		if (!*slot || errno != ELIBBAD)
			return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	static void *kept[N_KEPT];
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

	puts("begun"); /* its buffer is there before stdout can no longer be looked at */
	errno = ELIBBAD;
	if (!churn(kept, 2 * N_KEPT))
		return 1;
	if (give_up(argc > 1 && strcmp(argv[1], "mappings") == 0))
		return 2;
	errno = ELIBBAD;
	if (!churn(kept, rounds))
		return 3;
	puts("done");
	return 7;
}
