// SPDX-License-Identifier: MIT
/*
 * The CFA interpreter: runs the CIE's instructions, then the FDE's until their location passes the
 * pc.
 *
 * Rules of registers that this machine does not track (vector registers) are read and dropped.
 * Offsets that do not fit 32 bits make the program unreadable rather than wrong.
 */
#include "cfi_program.h"

#include "cfi_pointer.h"

struct machine {
	struct get g;
	struct cfi_row *row;
	struct cfi_scratch *scratch;
	const struct cfi_section *section;
	const struct cfi_entry *entry;
	uint64_t location, pc;
	unsigned remembered;
	bool initial; /* running the CIE: there is no row to restore from yet */
};

static int32_t narrow(struct machine *m, int64_t value)
{
	if (value != (int32_t)value)
		m->g.bad = true;
	return (int32_t)value;
}

static int32_t get_offset(struct machine *m)
{
	uint64_t value = get_varint(&m->g);

	if (value > INT32_MAX)
		m->g.bad = true;
	return (int32_t)value;
}

static int32_t factored(struct machine *m, int64_t value)
{
	int64_t product;

	if (__builtin_mul_overflow(value, m->entry->data_factor, &product))
		m->g.bad = true;
	return narrow(m, product);
}

static int32_t get_factored(struct machine *m)
{
	return factored(m, get_offset(m));
}

static int32_t get_signed_factored(struct machine *m)
{
	return factored(m, get_signed_leb(&m->g));
}

/* Skips an expression and says where it is. */
static int32_t get_expression(struct machine *m)
{
	int32_t place = (int32_t)(m->g.at - m->section->start);

	get_bytes(&m->g, get_varint(&m->g));
	return place;
}

static void set_rule(struct machine *m, uint64_t reg, enum cfi_how how, int32_t value)
{
	if (reg < CFI_REGISTERS)
		m->row->reg[reg] = (struct cfi_rule){.how = (uint8_t)how, .value = value};
}

static void set_cfa(struct machine *m, uint64_t reg, int32_t offset)
{
	if (reg >= CFI_RIP)
		m->g.bad = true;
	m->row->cfa = (struct cfi_rule){.how = CFI_REGISTER, .reg = (uint8_t)reg, .value = offset};
}

static void restore_rule(struct machine *m, uint64_t reg)
{
	if (reg >= CFI_REGISTERS)
		return;
	m->row->reg[reg] = m->initial ? (struct cfi_rule){0} : m->scratch->initial.reg[reg];
}

static void remember(struct machine *m)
{
	if (m->remembered == CFI_REMEMBERED)
		m->g.bad = true;
	else
		m->scratch->remembered[m->remembered++] = *m->row;
}

static void recall(struct machine *m)
{
	if (!m->remembered)
		m->g.bad = true;
	else
		*m->row = m->scratch->remembered[--m->remembered];
}

static void advance(struct machine *m, uint64_t delta)
{
	m->location += delta * m->entry->code_factor;
}

/* DW_CFA_def_cfa*; false if `op` is none of them. */
static bool run_cfa(struct machine *m, unsigned op)
{
	uint64_t reg = m->row->cfa.reg;

	if ((op == 0x0d || op == 0x0e || op == 0x13) && m->row->cfa.how != CFI_REGISTER)
		m->g.bad = true; /* these change half of a rule that is not there */
	switch (op) {
	case 0x0c: /* def_cfa */
		reg = get_varint(&m->g);
		set_cfa(m, reg, get_offset(m));
		return true;
	case 0x0d: /* def_cfa_register */
		set_cfa(m, get_varint(&m->g), m->row->cfa.value);
		return true;
	case 0x0e: /* def_cfa_offset */
		set_cfa(m, reg, get_offset(m));
		return true;
	case 0x0f: /* def_cfa_expression */
		m->row->cfa = (struct cfi_rule){.how = CFI_EXPRESSION, .value = get_expression(m)};
		return true;
	case 0x12: /* def_cfa_sf */
		reg = get_varint(&m->g);
		set_cfa(m, reg, get_signed_factored(m));
		return true;
	case 0x13: /* def_cfa_offset_sf */
		set_cfa(m, reg, get_signed_factored(m));
		return true;
	default:
		return false;
	}
}

static void set_copy(struct machine *m, uint64_t reg)
{
	uint64_t from = get_varint(&m->g);

	if (reg >= CFI_REGISTERS)
		return;
	if (from >= CFI_REGISTERS)
		set_rule(m, reg, CFI_UNDEFINED, 0); /* kept where we do not look */
	else
		m->row->reg[reg] = (struct cfi_rule){.how = CFI_REGISTER, .reg = (uint8_t)from};
}

/* Instructions whose first operand is a register; false if `op` is none of them. */
static bool run_register(struct machine *m, unsigned op)
{
	static const uint32_t these = 1u << 0x05 | 1u << 0x06 | 1u << 0x07 | 1u << 0x08 |
				      1u << 0x09 | 1u << 0x10 | 1u << 0x11 | 1u << 0x14 |
				      1u << 0x15 | 1u << 0x16;

	if (op == 0x2f) { /* GNU_negative_offset_extended */
		uint64_t negated = get_varint(&m->g);

		set_rule(m, negated, CFI_OFFSET, factored(m, -(int64_t)get_offset(m)));
		return true;
	}
	if (op >= 32 || !(these >> op & 1))
		return false;
	uint64_t reg = get_varint(&m->g);

	switch (op) {
	case 0x05: /* offset_extended */
		set_rule(m, reg, CFI_OFFSET, get_factored(m));
		break;
	case 0x06:
		restore_rule(m, reg);
		break;
	case 0x07:
		set_rule(m, reg, CFI_UNDEFINED, 0);
		break;
	case 0x08:
		set_rule(m, reg, CFI_SAME, 0);
		break;
	case 0x09:
		set_copy(m, reg);
		break;
	case 0x10:
		set_rule(m, reg, CFI_EXPRESSION, get_expression(m));
		break;
	case 0x11: /* offset_extended_sf */
		set_rule(m, reg, CFI_OFFSET, get_signed_factored(m));
		break;
	case 0x14:
		set_rule(m, reg, CFI_VAL_OFFSET, get_factored(m));
		break;
	case 0x15: /* val_offset_sf */
		set_rule(m, reg, CFI_VAL_OFFSET, get_signed_factored(m));
		break;
	case 0x16:
		set_rule(m, reg, CFI_VAL_EXPRESSION, get_expression(m));
		break;
	}
	return true;
}

static void run_other(struct machine *m, unsigned op)
{
	switch (op) {
	case 0x00:
		break;
	case 0x01: /* set_loc */
		m->location = get_pointer(&m->g, m->entry->encoding, m->section->header);
		break;
	case 0x02:
		advance(m, get_fixed(&m->g, 1));
		break;
	case 0x03:
		advance(m, get_fixed(&m->g, 2));
		break;
	case 0x04:
		advance(m, get_fixed(&m->g, 4));
		break;
	case 0x0a:
		remember(m);
		break;
	case 0x0b:
		recall(m);
		break;
	case 0x2e: /* GNU_args_size: of use to whoever resumes a frame, not to us */
		get_varint(&m->g);
		break;
	default:
		m->g.bad = true;
	}
}

static void run_one(struct machine *m)
{
	unsigned op = (unsigned)get_fixed(&m->g, 1);

	if (op >> 6 == 1)
		advance(m, op & 63);
	else if (op >> 6 == 2)
		set_rule(m, op & 63, CFI_OFFSET, get_factored(m));
	else if (op >> 6 == 3)
		restore_rule(m, op & 63);
	else if (!run_cfa(m, op) && !run_register(m, op))
		run_other(m, op);
}

/* Runs until the location passes pc; instructions behind that belong to later rows. */
static bool run_program(struct machine *m, struct get program)
{
	m->g = program;
	while (get_left(&m->g) && !m->g.bad && m->location <= m->pc)
		run_one(m);
	return !m->g.bad;
}

bool cfi_run(const struct cfi_section *section, const struct cfi_entry *entry, uint64_t pc,
	     struct cfi_scratch *scratch, struct cfi_row *row)
{
	struct machine m = {
		.row = row,
		.scratch = scratch,
		.section = section,
		.entry = entry,
		.location = entry->begin,
		.pc = pc,
		.initial = true,
	};

	*row = (struct cfi_row){.signal = entry->signal};
	if (!run_program(&m, entry->initial))
		return false;
	scratch->initial = *row;
	m.initial = false;
	m.location = entry->begin;
	return run_program(&m, entry->program) && row->cfa.how != CFI_UNSPECIFIED;
}
