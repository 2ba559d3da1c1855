// SPDX-License-Identifier: MIT
/*
 * Steps by the complete rules: all registers, expressions, signal frames; and by the frame pointer
 * through code that nothing describes. About 2 µs a step.
 */
#ifndef UNWIND_SLOW_H
#define UNWIND_SLOW_H

#include "cfi_module.h"
#include "readable.h"
#include "unwind.h"

enum { NO_ENDS = 64 };

/* One frame and how to step out of it. Part of the thread's state: too big for its stack. */
struct slow_frame {
	uintptr_t pc; /* look-up address */
	enum cfi_place place;
	bool linked; /* reached over a frame pointer whose chain leads to described code */
	struct cfi_section section;
	struct cfi_row row;
	struct cfi_registers registers, next; /* RIP: where the frame goes on */
	struct cfi_scratch scratch;
	/*
	 * Where generated code was seen to keep a frame pointer, so that it is not read again: to know
	 * whether it can be read costs a system call.
	 */
	uintptr_t no_end[NO_ENDS];
};

/* Finds the row of `pc`; returns its packed rule. */
uint32_t slow_frame_open(struct slow_frame *f, uintptr_t pc);

/*
 * Steps out of the opened frame, whose `registers` become its caller's and `pc` too; the row is
 * that of the frame left. Nothing has changed unless the result is CFI_STEPPED.
 */
enum cfi_end slow_frame_step(struct slow_frame *f, struct readable *stack);

/* Unwinds from here to the hook's caller, to know all its registers. False if that fails. */
bool slow_frame_start(struct slow_frame *f, struct readable *stack, struct unwind_start start);

#endif
