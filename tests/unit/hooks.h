// SPDX-License-Identifier: MIT
/*
 * What the hooks of malloc and mmap do, called by tests of the recorder; no memory is touched.
 */
#ifndef TESTS_UNIT_HOOKS_H
#define TESTS_UNIT_HOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "preload/record.h"

/* Of the function that it stands in. */
#define ENTER() thread_enter((uintptr_t)__builtin_frame_address(0))

/* As in a process that has just begun: there is no trace yet. */
void renew_recorder(void);

void allocate(uintptr_t address, size_t size);
void release(uintptr_t address);
/* FLAGS of EVENT_TRACK. */
void map(uintptr_t address, size_t size, unsigned flags);
/* An unmapping that fails. */
void unmap_in_vain(uintptr_t address, size_t size);
/* Writes what is left and closes the file. */
void stop_recording(void);

#endif
