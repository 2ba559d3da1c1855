// SPDX-License-Identifier: MIT
/*
 * Runs code that reads other people's files (libdw, libelf) so that what goes wrong in it ends that
 * code and not the program: a fault, because the file is damaged or is cut short while it is
 * mapped, or work without end.
 *
 * What the code had allocated or half changed stays as it was at that moment: whoever called must
 * neither use nor release it again.  Threads may run guarded code at the same time, each its own.
 */
#ifndef ANALYZER_GUARD_H
#define ANALYZER_GUARD_H

#include <stdint.h>

enum guard_end {
	GUARD_DONE,
	GUARD_FAULT, /* the code or the file is wrong */
	GUARD_SHORT, /* a page of a mapped file is not there any more */
	GUARD_TIME,  /* it took more than the limit */
};

/* What all runs for one file share. */
struct guard {
	uint64_t limit_ns; /* of CPU time in code that ticks; 0: none */
	uint64_t used_ns;
	uint32_t ticks;
};

/* Between the two, guard_run catches faults; counted. Signal handlers are as before afterwards. */
void guard_on(void);
void guard_off(void);

/* For tests: faults in guarded code are faults from now on. */
void guard_disable(void);

/* May be nested: the innermost is ended. */
enum guard_end guard_run(struct guard *guard, void (*run)(void *arg), void *arg);

/*
 * To be called in each turn of a loop whose number of turns a file says, and only where nothing
 * would be left locked. Does not return when the time is up. A few instructions.
 */
void guard_tick(void);

#endif
