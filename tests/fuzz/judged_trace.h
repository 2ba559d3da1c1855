// SPDX-License-Identifier: MIT
/*
 * What must hold of any trace, for fuzz targets that make some.
 */
#ifndef TESTS_FUZZ_JUDGED_TRACE_H
#define TESTS_FUZZ_JUDGED_TRACE_H

#include <stddef.h>

/*
 * Opens, replays, verifies and recovers a trace, with the journal beside it unless that is NULL.
 * Aborts unless what comes out of recovery is clean and has the same events. Then the same as a child
 * of itself.
 */
void judge_trace(const void *bytes, size_t size, const void *journal, size_t journal_size);

#endif
