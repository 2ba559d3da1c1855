// SPDX-License-Identifier: MIT
/*
 * The counters of `make coverage`, in a file that every process maps from its first moment on.
 *
 * The compiler puts its counters of executed lines into one section and adds a bias, which this file
 * sets, to their addresses. So whatever a process counts is in the file at once, of all processes
 * together, however they end: nothing is allocated, opened later or written at exit, and what is
 * linked with it behaves as ever, the preload library in a foreign program too. Where the file cannot
 * be mapped, the process counts for itself.
 */
#include <stdint.h>

#include "preload/sys.h"

#ifndef COUNTERS
#define COUNTERS "" /* coverage.mk says where the file is */
#endif
#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN uint64_t __start___llvm_prf_cnts[];
extern HIDDEN uint64_t __stop___llvm_prf_cnts[];
extern HIDDEN intptr_t __llvm_profile_counter_bias;

/* Before every other constructor of its object. */
static void __attribute__((constructor(101))) map_counters(void)
{
	const char *begin = (const char *)__start___llvm_prf_cnts;
	size_t size = (size_t)((const char *)__stop___llvm_prf_cnts - begin);
	int file = sys_open(COUNTERS, O_RDWR | O_CLOEXEC, 0);
	char *counters;

	if (file < 0)
		return;
	counters = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	sys_close(file);
	if (!counters)
		return;
	/* What was executed before. */
	for (size_t i = 0; i < size / sizeof(uint64_t); i++)
		((uint64_t *)(void *)counters)[i] += __start___llvm_prf_cnts[i];
	__llvm_profile_counter_bias = counters - begin;
}
