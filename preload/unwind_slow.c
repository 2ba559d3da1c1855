// SPDX-License-Identifier: MIT
/*
 * Stepping with all registers.
 *
 * The caller of a hook is only known by pc, rsp and rbp. What its other callee-saved registers
 * were, the frames between it and here know: they are unwound first, beginning with the real
 * registers.
 */
#include "unwind_slow.h"

#include "frame_rule.h"
#include "registers.h"

enum {
	OWN_FRAMES_MAX = 32,	   /* between here and the hook's caller */
	BARE_FRAMES_MAX = 1 << 16, /* generated code that calls generated code: it may recurse */
	BARE_FRAME_SIZE = 1 << 20, /* a frame pointer farther away is none */
};

struct stack_memory {
	struct cfi_memory memory;
	const struct readable *stack;
};

static bool load(struct cfi_memory *memory, uintptr_t address, unsigned size, uint64_t *value)
{
	return readable_load(((struct stack_memory *)memory)->stack, address, size, value);
}

/*
 * A function that begins right behind undescribed bytes was not called from there: someone put its
 * address on the stack for the next function to return to. Either it stands for the kernel's call
 * of a handler, and says so, or it ends a stack (makecontext).
 */
static void open_start(struct slow_frame *f)
{
	if (cfi_module_find(f->pc + 1, &f->scratch, &f->section, &f->row) != CFI_FOUND)
		return;
	f->place = CFI_FOUND;
	if (!f->row.signal)
		f->row.reg[CFI_RIP].how = CFI_UNDEFINED;
}

uint32_t slow_frame_open(struct slow_frame *f, uintptr_t pc)
{
	f->pc = pc;
	f->place = cfi_module_find(pc, &f->scratch, &f->section, &f->row);
	if (f->place == CFI_BARE)
		open_start(f);
	if (f->place == CFI_FOUND)
		return frame_rule_pack(&f->row);
	return f->place == CFI_BARE ? RULE_BARE : RULE_NONE;
}

/* The two words of a frame that keeps a frame pointer: the caller's rbp and the return address. */
static bool load_link(const struct readable *stack, uint64_t rsp, uint64_t rbp, uint64_t link[2])
{
	if (rbp & 7 || rbp < rsp || rbp - rsp > BARE_FRAME_SIZE)
		return false;
	return readable_load(stack, rbp, 8, &link[0]) && readable_load(stack, rbp + 8, 8, &link[1]);
}

static bool is_described(struct slow_frame *f, uintptr_t pc)
{
	uint32_t rule = frame_rule_find(pc);

	if (rule != RULE_NONE)
		return rule != RULE_BARE;
	return cfi_module_find(pc, &f->scratch, &f->section, &f->row) == CFI_FOUND;
}

/*
 * Whether the chain of frame pointers leads to code that is described, over plausible frames only.
 */
static bool chain_holds(struct slow_frame *f, const struct readable *stack)
{
	uint64_t rsp = f->registers.value[CFI_RSP], link[2] = {f->registers.value[CFI_RBP]};

	for (unsigned frames = 0; frames < BARE_FRAMES_MAX; frames++) {
		uint64_t rbp = link[0];

		if (!load_link(stack, rsp, rbp, link))
			return false;
		if (is_described(f, link[1] - 1))
			return true;
		rsp = rbp + 16;
	}
	return false;
}

/*
 * Whether a signal interrupted a linker's stub that nothing describes: jmp *place(%rip), maybe with
 * a prefix or behind endbr64. The behind of a pair (push; jmp) is the stub that calls the loader.
 */
static bool at_stub(const struct slow_frame *f, const struct readable *stack)
{
	uint64_t pc = f->registers.value[CFI_RIP], code, before;

	if (f->place != CFI_BARE || f->pc != pc || !readable_load(stack, pc, 8, &code))
		return false;
	if ((uint32_t)code == 0xfa1e0ff3 && !readable_load(stack, pc + 4, 8, &code))
		return false;
	if ((code & 0xff) == 0xf2)
		code >>= 8;
	return (code & 0xffff) == 0x25ff && readable_load(stack, pc - 6, 8, &before) &&
	       (before & 0xffff) != 0x35ff;
}

/* The return address is so far up the stack, and all registers are as they were. */
static enum cfi_end step_stub(struct slow_frame *f, const struct readable *stack, uint64_t size)
{
	uint64_t place = f->registers.value[CFI_RSP] + size, after;

	if (!readable_load(stack, place, 8, &after))
		return CFI_UNREADABLE;
	f->row.signal = false;
	f->next = f->registers;
	cfi_set(&f->next, CFI_RSP, place + 8);
	cfi_set(&f->next, CFI_RIP, after);
	return CFI_STEPPED;
}

/*
 * Whether code goes on with add $SIZE, %rsp; ret, as the trampolines do through which CPython calls
 * each function under a name of its own: they keep no frame pointer.
 */
static bool at_end(struct slow_frame *f, const struct readable *stack, uint64_t *size)
{
	uint64_t pc = f->registers.value[CFI_RIP], code;
	uintptr_t *other = &f->no_end[(pc ^ pc >> 7) % NO_ENDS];

	if (f->place == CFI_FOUND || *other == pc || !readable_load(stack, pc, 8, &code))
		return false;
	*size = code >> 24 & 0x7f;
	if ((code & 0xff80ffffff) == 0xc300c48348)
		return true;
	*other = pc;
	return false;
}

static enum cfi_end step_bare(struct slow_frame *f, const struct readable *stack)
{
	uint64_t rbp = f->registers.value[CFI_RBP], link[2];

	if (!cfi_known(&f->registers, CFI_RBP))
		return CFI_UNKNOWN;
	/*
	 * The psABI marks the outermost frame so; ld.so, which starts the program, is not described
	 * there.
	 */
	if (!rbp && f->place == CFI_BARE)
		return CFI_OUTERMOST;
	if (!f->linked && !chain_holds(f, stack))
		return CFI_UNREADABLE;
	if (!load_link(stack, f->registers.value[CFI_RSP], rbp, link))
		return CFI_UNREADABLE;
	f->row.signal = false;
	f->next.known = 0;
	cfi_set(&f->next, CFI_RBP, link[0]);
	cfi_set(&f->next, CFI_RSP, rbp + 16);
	cfi_set(&f->next, CFI_RIP, link[1]);
	return CFI_STEPPED;
}

/* The stack pointer must move towards the caller, or to another stack that can be read. */
static bool follow(struct slow_frame *f, struct readable *stack)
{
	uint64_t from = f->registers.value[CFI_RSP], to = f->next.value[CFI_RSP];

	if (to > from && to < stack->high && !(to & 7))
		return true;
	if (f->row.signal)
		return (readable_holds(stack, to) && !(to & 7)) || readable_move(stack, to, to + 8);
	return readable_reach(stack, from, from < to ? from : to - 8, to);
}

static enum cfi_end step_described(struct slow_frame *f, const struct readable *stack)
{
	struct stack_memory from = {.memory.load = load, .stack = stack};

	return cfi_step(&f->section, &f->row, &f->registers, &from.memory, &f->next);
}

enum cfi_end slow_frame_step(struct slow_frame *f, struct readable *stack)
{
	uint64_t size = 0;
	bool described = f->place == CFI_FOUND, stub = at_stub(f, stack) || at_end(f, stack, &size);
	enum cfi_end end = described ? step_described(f, stack)
			   : stub    ? step_stub(f, stack, size)
				     : step_bare(f, stack);

	if (end != CFI_STEPPED)
		return end;
	if (f->next.value[CFI_RIP] == 0)
		return CFI_OUTERMOST;
	if (f->next.value[CFI_RIP] >> ADDRESS_BITS || !follow(f, stack))
		return CFI_UNREADABLE;
	f->linked = !described && !stub;
	f->registers = f->next;
	f->pc = f->next.value[CFI_RIP] - !f->row.signal;
	return CFI_STEPPED;
}

bool slow_frame_start(struct slow_frame *f, struct readable *stack, struct unwind_start start)
{
	f->linked = false;
	registers_capture(&f->registers);
	f->pc = f->registers.value[CFI_RIP];
	readable_start(stack, f->registers.value[CFI_RSP]);
	for (unsigned frames = 0; frames < OWN_FRAMES_MAX; frames++) {
		slow_frame_open(f, f->pc);
		if (slow_frame_step(f, stack) != CFI_STEPPED)
			return false;
		if (f->registers.value[CFI_RIP] == unwind_start_pc(start) &&
		    f->registers.value[CFI_RSP] == unwind_start_cfa(start))
			return true;
	}
	return false;
}
