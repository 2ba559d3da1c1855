// SPDX-License-Identifier: MIT
/*
 * Where a walk that needs every register begins: the real ones.
 */
#ifndef PRELOAD_REGISTERS_H
#define PRELOAD_REGISTERS_H

#include "cfi.h"

/* The callee-saved registers of the function that this is inlined into, and where it is. */
__attribute__((always_inline)) static inline void registers_capture(struct cfi_registers *registers)
{
	__asm__ volatile("movq %%rbx, 3*8(%0)\n\t"
			 "movq %%rbp, 6*8(%0)\n\t"
			 "movq %%rsp, 7*8(%0)\n\t"
			 "movq %%r12, 12*8(%0)\n\t"
			 "movq %%r13, 13*8(%0)\n\t"
			 "movq %%r14, 14*8(%0)\n\t"
			 "movq %%r15, 15*8(%0)\n\t"
			 "leaq 0f(%%rip), %%rax\n"
			 "0:\tmovq %%rax, 16*8(%0)"
			 :
			 : "r"(registers->value)
			 : "rax", "memory");
	registers->known =
		1u << CFI_RBX | 1u << CFI_RBP | 1u << CFI_RSP | 1u << CFI_RIP | 15u << CFI_R12;
}

#endif
