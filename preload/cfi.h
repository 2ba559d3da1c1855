// SPDX-License-Identifier: MIT
/*
 * Call frame information: .eh_frame_hdr and .eh_frame, compiled for one pc.
 *
 * Pure: no allocation, no I/O, no locks; reads nothing but the section it is given, and memory of
 * the traced thread only through the caller's loader. Every loop consumes input or counts, so
 * damaged input ends in `false`, never in a hang.
 */
#ifndef CFI_H
#define CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DWARF's numbers; RIP stands for the return address column. */
enum {
	CFI_RAX,
	CFI_RDX,
	CFI_RCX,
	CFI_RBX,
	CFI_RSI,
	CFI_RDI,
	CFI_RBP,
	CFI_RSP,
	CFI_R12 = 12,
	CFI_R15 = 15,
	CFI_RIP
};
enum { CFI_REGISTERS = 17 };

/* Deepest nesting of DW_CFA_remember_state; compilers write 1, seldom 2. */
enum { CFI_REMEMBERED = 8 };

/* The bytes of one module, at the addresses where they are mapped. */
struct cfi_section {
	const uint8_t *start, *end; /* the readable segment that holds both sections; < 2 GiB */
	const uint8_t *header;	    /* .eh_frame_hdr */
};

enum cfi_how {
	CFI_UNSPECIFIED,
	CFI_UNDEFINED,
	CFI_SAME,
	CFI_OFFSET,	/* stored at CFA + value */
	CFI_VAL_OFFSET, /* is CFA + value */
	CFI_REGISTER,	/* is register `reg`; in the rule of the CFA: reg + value */
	CFI_EXPRESSION, /* stored at its result; in the rule of the CFA: is its result */
	CFI_VAL_EXPRESSION
};

struct cfi_rule {
	uint8_t how, reg;
	int32_t value; /* of an expression: its place, its length first, from the section's start */
};

/* How to step out of a frame that stands at one pc. */
struct cfi_row {
	struct cfi_rule cfa, reg[CFI_REGISTERS];
	bool signal; /* the kernel made this frame: its return address is the pc it interrupted */
};

/*
 * Working memory of cfi_find; too big for the stack of somebody else's thread. Contents do not
 * matter.
 */
struct cfi_scratch {
	struct cfi_row initial, remembered[CFI_REMEMBERED];
};

/*
 * The row that holds for `pc`, the look-up address: return address - 1, or an interrupted pc as it
 * is. False if no FDE covers it or if its FDE cannot be read.
 */
bool cfi_find(const struct cfi_section *section, uintptr_t pc, struct cfi_scratch *scratch,
	      struct cfi_row *row);

struct cfi_registers {
	uint64_t value[CFI_REGISTERS];
	uint32_t known; /* bit r: value[r] is known */
};

/* Reads `size` (1..8) bytes, zero-extended; false if that memory cannot be read. */
struct cfi_memory {
	bool (*load)(struct cfi_memory *memory, uintptr_t address, unsigned size, uint64_t *value);
};

enum cfi_end {
	CFI_STEPPED,
	CFI_OUTERMOST,	/* the return address is undefined: nobody called this frame */
	CFI_UNKNOWN,	/* the rule needs a register that is not known */
	CFI_UNREADABLE, /* bad expression, or memory that cannot be read */
};

/*
 * Registers of the caller. `to` is written unless the result is CFI_OUTERMOST; it may not be
 * `from`.
 */
enum cfi_end cfi_step(const struct cfi_section *section, const struct cfi_row *row,
		      const struct cfi_registers *from, struct cfi_memory *memory,
		      struct cfi_registers *to);

static inline bool cfi_known(const struct cfi_registers *registers, unsigned reg)
{
	return reg < CFI_REGISTERS && registers->known >> reg & 1;
}

static inline void cfi_set(struct cfi_registers *registers, unsigned reg, uint64_t value)
{
	registers->value[reg] = value;
	registers->known |= UINT32_C(1) << reg;
}

#endif
