// SPDX-License-Identifier: MIT
/*
 * Stamps that order the events of different threads, and the coarse wall clock.
 *
 * A stamp is floor(TSC / 64): 64 cycles are what two cores need at least to hand a block over.
 * Where the TSC cannot be used (clock source, prctl(PR_SET_TSC)) it is a counter of the process:
 * slower with several threads, but a total order by construction.
 */
#ifndef PRELOAD_CLOCK_H
#define PRELOAD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_STAMP_SHIFT 6

extern bool clock_uses_tsc;
extern uint64_t clock_counter;

/* Before any other function; cheap, reads one file. */
void clock_start(void);

/* Nanoseconds since clock_start, from the kernel's coarse clock (1 to 4 ms). */
uint64_t clock_coarse(void);

/* Nanoseconds since the epoch, now. */
uint64_t clock_realtime(void);

/*
 * Not before what the thread has read so far: without the fence the processor may read the counter
 * while a contended exchange, by which the thread gets a block, is still under way, and the stamp of
 * its free is older than those of the threads that had the block before.
 */
static inline uint64_t clock_stamp(void)
{
	if (__builtin_expect(!clock_uses_tsc, 0))
		return __atomic_add_fetch(&clock_counter, 1, __ATOMIC_SEQ_CST);
	__builtin_ia32_lfence();
	return __builtin_ia32_rdtsc() >> CLOCK_STAMP_SHIFT;
}

#endif
