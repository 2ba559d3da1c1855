// SPDX-License-Identifier: MIT
/*
 * What the kernel calls a thread of this process, and the records of the trace that say so.
 */
#ifndef PRELOAD_THREAD_NAME_H
#define PRELOAD_THREAD_NAME_H

#include <stdint.h>

#define THREAD_NAME_SIZE 16

/* Padded with NULs; all NULs if it cannot be read. */
void thread_name_read(uint32_t tid, char name[THREAD_NAME_SIZE]);

/* Writes a threads chunk: stream `number` is that of thread `tid` of that name. */
void thread_name_record(uint32_t number, uint32_t tid, const char name[THREAD_NAME_SIZE]);
void thread_name_record_own(uint32_t number);

#endif
