// SPDX-License-Identifier: MIT
/*
 * Applying a row: the registers of the caller from those of the frame.
 *
 * A register that nobody says anything about keeps its value if callees must preserve it, and is
 * unknown otherwise: a wrong guess would be worse than a stack that ends early.
 */
#include "cfi.h"

#include "cfi_expression.h"

struct step {
	const struct cfi_section *section;
	const struct cfi_registers *from;
	struct cfi_memory *memory;
	uint64_t cfa;
};

static bool preserved_by_callees(unsigned reg)
{
	return reg == CFI_RBX || reg == CFI_RBP || (reg >= CFI_R12 && reg <= CFI_R15);
}

static enum cfi_end from_register(const struct cfi_registers *from, unsigned reg, uint64_t *value)
{
	if (!cfi_known(from, reg))
		return CFI_UNKNOWN;
	*value = from->value[reg];
	return CFI_STEPPED;
}

static enum cfi_end find_cfa(struct step *step, const struct cfi_rule *rule)
{
	if (rule->how == CFI_EXPRESSION)
		return cfi_evaluate(step->section, rule->value, false, step->from, step->memory,
				    &step->cfa);
	enum cfi_end end = from_register(step->from, rule->reg, &step->cfa);

	step->cfa += (uint64_t)(int64_t)rule->value;
	return end;
}

static enum cfi_end find_unspecified(const struct step *step, unsigned reg, uint64_t *value)
{
	if (reg == CFI_RSP) {
		*value = step->cfa;
		return CFI_STEPPED;
	}
	return preserved_by_callees(reg) ? from_register(step->from, reg, value) : CFI_UNKNOWN;
}

static enum cfi_end find_stored(const struct step *step, uint64_t *value)
{
	return step->memory->load(step->memory, *value, 8, value) ? CFI_STEPPED : CFI_UNREADABLE;
}

static enum cfi_end find_register(const struct step *step, unsigned reg,
				  const struct cfi_rule *rule, uint64_t *value)
{
	enum cfi_end end;

	*value = step->cfa + (uint64_t)(int64_t)rule->value;
	switch (rule->how) {
	case CFI_SAME:
		return from_register(step->from, reg, value);
	case CFI_OFFSET:
		return find_stored(step, value);
	case CFI_VAL_OFFSET:
		return CFI_STEPPED;
	case CFI_REGISTER:
		return from_register(step->from, rule->reg, value);
	case CFI_EXPRESSION:
	case CFI_VAL_EXPRESSION:
		*value = step->cfa;
		end = cfi_evaluate(step->section, rule->value, true, step->from, step->memory,
				   value);
		return end == CFI_STEPPED && rule->how == CFI_EXPRESSION ? find_stored(step, value)
									 : end;
	case CFI_UNSPECIFIED:
		return find_unspecified(step, reg, value);
	default:
		return CFI_UNKNOWN;
	}
}

enum cfi_end cfi_step(const struct cfi_section *section, const struct cfi_row *row,
		      const struct cfi_registers *from, struct cfi_memory *memory,
		      struct cfi_registers *to)
{
	struct step step = {.section = section, .from = from, .memory = memory};

	if (row->reg[CFI_RIP].how == CFI_UNDEFINED)
		return CFI_OUTERMOST;
	enum cfi_end end = find_cfa(&step, &row->cfa);

	to->known = 0;
	for (unsigned reg = 0; end == CFI_STEPPED && reg < CFI_REGISTERS; reg++) {
		uint64_t value = 0;
		enum cfi_end found = find_register(&step, reg, &row->reg[reg], &value);

		if (found == CFI_STEPPED)
			cfi_set(to, reg, value);
		else if (reg == CFI_RSP || reg == CFI_RIP)
			end = found;
	}
	return end;
}
