// SPDX-License-Identifier: MIT
/*
 * Runs a function on another stack: compressing takes more than a thread with a 16 KiB stack or a
 * handler on a minimal alternate stack has left.
 */
#ifndef PRELOAD_STACK_SWITCH_H
#define PRELOAD_STACK_SWITCH_H

/* `top` is the upper end of the other stack, 16-byte aligned. System V x86-64 psABI, section 3.2. */
static inline void stack_switch(void *top, void (*function)(void *), void *argument)
{
	register void *rbx __asm__("rbx") = top;

	/* rbx, which the callee preserves, holds the other stack on the way in and ours on the way back. */
	__asm__ volatile("xchg %%rsp, %%rbx\n\t"
			 "call *%[function]\n\t"
			 "mov %%rbx, %%rsp"
			 : "+r"(rbx), "+D"(argument)
			 : [function] "r"(function)
			 : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "xmm0", "xmm1",
			   "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
			   "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "st", "memory", "cc");
}

#endif
