// SPDX-License-Identifier: MIT
/*
 * A stack machine of 64-bit words. Steps are counted, since expressions can jump backwards.
 */
#include "cfi_expression.h"

#include "cfi_pointer.h"

enum {
	STACK_WORDS = 32, /* compilers and glibc need 4 */
	STEPS_MAX = 1000,
};

struct machine {
	struct get g;
	const uint8_t *start; /* of the expression: jumps stay behind it */
	const struct cfi_registers *registers;
	struct cfi_memory *memory;
	enum cfi_end end; /* CFI_STEPPED while all is well */
	unsigned depth;
	uint64_t stack[STACK_WORDS];
};

static void fail(struct machine *m, enum cfi_end end)
{
	if (m->end == CFI_STEPPED)
		m->end = end;
}

static void push(struct machine *m, uint64_t value)
{
	if (m->depth == STACK_WORDS)
		fail(m, CFI_UNREADABLE);
	else
		m->stack[m->depth++] = value;
}

static uint64_t pop(struct machine *m)
{
	if (!m->depth) {
		fail(m, CFI_UNREADABLE);
		return 0;
	}
	return m->stack[--m->depth];
}

static void pick(struct machine *m, uint64_t index)
{
	if (index >= m->depth)
		fail(m, CFI_UNREADABLE);
	else
		push(m, m->stack[m->depth - 1 - index]);
}

static void push_register(struct machine *m, uint64_t reg, int64_t offset)
{
	if (reg >= CFI_REGISTERS || !cfi_known(m->registers, (unsigned)reg))
		fail(m, CFI_UNKNOWN);
	else
		push(m, m->registers->value[reg] + (uint64_t)offset);
}

static void load(struct machine *m, uint64_t size)
{
	uint64_t address = pop(m), value = 0;

	if (m->end == CFI_STEPPED &&
	    (size - 1 > 7 || !m->memory->load(m->memory, address, (unsigned)size, &value)))
		fail(m, CFI_UNREADABLE);
	push(m, value);
}

static void jump(struct machine *m, bool taken)
{
	int64_t distance = (int16_t)get_fixed(&m->g, 2);

	if (!taken)
		return;
	if (distance < m->start - m->g.at || distance > (int64_t)get_left(&m->g))
		fail(m, CFI_UNREADABLE);
	else
		m->g.at += distance;
}

static void swap(struct machine *m)
{
	uint64_t top = pop(m), second = pop(m);

	push(m, top);
	push(m, second);
}

static void rotate(struct machine *m)
{
	uint64_t top = pop(m), second = pop(m), third = pop(m);

	push(m, top);
	push(m, third);
	push(m, second);
}

/* Constants; false if `op` is none. */
static bool run_constant(struct machine *m, unsigned op)
{
	switch (op) {
	case 0x03: /* addr */
	case 0x0e: /* const8u */
	case 0x0f:
		push(m, get_fixed(&m->g, 8));
		return true;
	case 0x08:
		push(m, get_fixed(&m->g, 1));
		return true;
	case 0x09:
		push(m, (uint64_t)(int8_t)get_fixed(&m->g, 1));
		return true;
	case 0x0a:
		push(m, get_fixed(&m->g, 2));
		return true;
	case 0x0b:
		push(m, (uint64_t)(int16_t)get_fixed(&m->g, 2));
		return true;
	case 0x0c:
		push(m, get_fixed(&m->g, 4));
		return true;
	case 0x0d:
		push(m, (uint64_t)(int32_t)get_fixed(&m->g, 4));
		return true;
	case 0x10: /* constu */
		push(m, get_varint(&m->g));
		return true;
	case 0x11: /* consts */
		push(m, (uint64_t)get_signed_leb(&m->g));
		return true;
	default:
		return false;
	}
}

/* One word in, one word out; false if `op` is none of these. */
static bool run_unary(struct machine *m, unsigned op)
{
	uint64_t top = m->depth ? m->stack[m->depth - 1] : 0;

	switch (op) {
	case 0x06: /* deref */
		load(m, 8);
		return true;
	case 0x94: /* deref_size */
		load(m, get_fixed(&m->g, 1));
		return true;
	case 0x19: /* abs */
		top = (int64_t)top < 0 ? -top : top;
		break;
	case 0x1f: /* neg */
		top = -top;
		break;
	case 0x20: /* not */
		top = ~top;
		break;
	case 0x23: /* plus_uconst */
		top += get_varint(&m->g);
		break;
	default:
		return false;
	}
	pop(m);
	push(m, top);
	return true;
}

static uint64_t divide(struct machine *m, unsigned op, uint64_t left, uint64_t right)
{
	if (!right || (right == UINT64_MAX && left == (uint64_t)INT64_MIN)) {
		fail(m, CFI_UNREADABLE);
		return 0;
	}
	return op == 0x1b ? (uint64_t)((int64_t)left / (int64_t)right) : left % right;
}

static uint64_t shift(unsigned op, uint64_t value, uint64_t count)
{
	uint64_t sign = op == 0x26 && (int64_t)value < 0 ? UINT64_MAX : 0;

	if (op == 0x24)
		return count < 64 ? value << count : 0;
	if (!count)
		return value;
	return count < 64 ? value >> count | sign << (64 - count) : sign;
}

static uint64_t compare(unsigned op, int64_t left, int64_t right)
{
	switch (op) {
	case 0x29:
		return left == right;
	case 0x2a:
		return left >= right;
	case 0x2b:
		return left > right;
	case 0x2c:
		return left <= right;
	case 0x2d:
		return left < right;
	default:
		return left != right;
	}
}

static uint64_t combine(struct machine *m, unsigned op, uint64_t left, uint64_t right)
{
	switch (op) {
	case 0x1a:
		return left & right;
	case 0x1c:
		return left - right;
	case 0x1e:
		return left * right;
	case 0x21:
		return left | right;
	case 0x22:
		return left + right;
	case 0x24:
	case 0x25:
	case 0x26:
		return shift(op, left, right);
	case 0x27:
		return left ^ right;
	case 0x1b:
	case 0x1d:
		return divide(m, op, left, right);
	default:
		return compare(op, (int64_t)left, (int64_t)right);
	}
}

/* Two words in, one out; false if `op` is none of these. */
static bool run_binary(struct machine *m, unsigned op)
{
	bool arithmetic = op >= 0x1a && op <= 0x27 && op != 0x1f && op != 0x20 && op != 0x23;

	if (!arithmetic && !(op >= 0x29 && op <= 0x2e))
		return false;
	uint64_t right = pop(m), left = pop(m);

	push(m, combine(m, op, left, right));
	return true;
}

static void run_other(struct machine *m, unsigned op)
{
	switch (op) {
	case 0x12: /* dup */
		pick(m, 0);
		break;
	case 0x13: /* drop */
		pop(m);
		break;
	case 0x14: /* over */
		pick(m, 1);
		break;
	case 0x15:
		pick(m, get_fixed(&m->g, 1));
		break;
	case 0x16: /* swap */
		swap(m);
		break;
	case 0x17:
		rotate(m);
		break;
	case 0x28: /* bra */
		jump(m, pop(m) != 0);
		break;
	case 0x2f: /* skip */
		jump(m, true);
		break;
	case 0x96: /* nop */
		break;
	default:
		fail(m, CFI_UNREADABLE);
	}
}

static void run_one(struct machine *m)
{
	unsigned op = (unsigned)get_fixed(&m->g, 1);

	if (op >= 0x30 && op <= 0x4f) { /* lit0 .. lit31 */
		push(m, op - 0x30);
	} else if (op >= 0x70 && op <= 0x8f) { /* breg0 .. breg31 */
		push_register(m, op - 0x70, get_signed_leb(&m->g));
	} else if (op == 0x92) { /* bregx */
		uint64_t reg = get_varint(&m->g);

		push_register(m, reg, get_signed_leb(&m->g));
	} else if (!run_constant(m, op) && !run_unary(m, op) && !run_binary(m, op)) {
		run_other(m, op);
	}
}

enum cfi_end cfi_evaluate(const struct cfi_section *section, int32_t place, bool pushed,
			  const struct cfi_registers *registers, struct cfi_memory *memory,
			  uint64_t *value)
{
	struct get rest =
		get_from(section->start + place, (size_t)(section->end - section->start - place));
	uint64_t size = get_varint(&rest);
	const uint8_t *bytes = get_bytes(&rest, size);
	struct machine m = {
		.start = bytes, .registers = registers, .memory = memory, .end = CFI_STEPPED};

	if (!bytes)
		return CFI_UNREADABLE;
	m.g = get_from(bytes, size);
	if (pushed)
		push(&m, *value);
	for (unsigned steps = 0; get_left(&m.g) && m.end == CFI_STEPPED; steps++) {
		run_one(&m);
		if (m.g.bad || steps == STEPS_MAX)
			fail(&m, CFI_UNREADABLE);
	}
	*value = pop(&m);
	return m.end;
}
