// SPDX-License-Identifier: MIT
/*
 * The walk: at each frame, take what the memo still vouches for, else step by the packed rule, else
 * by the complete one. If that needs a register that a fast walk does not follow, the walk starts
 * again with all of them and stays slow; only code called from ld.so's lazy binding does that.
 */
#include "unwind.h"

#include <string.h>

#include "modules.h"
#include "unwind_memo.h"
#include "unwind_slow.h"

struct unwinder {
	struct memo memo;
	struct readable stack;
	uint64_t valid; /* generation + 1 of the memo; 0: new, or a walk is in progress */
	bool forgotten;
	struct slow_frame slow;
};

/* A frame as the fast walk knows it. */
struct state {
	uintptr_t after; /* look-up address + 1: the return address, mostly */
	uintptr_t rsp, rbp;
};

enum outcome {
	GOES_ON,
	MET,	  /* the memo's frames are the rest of the stack */
	COMPLETE, /* the frame was the outermost one */
	STUCK,
	RESTART, /* an unknown register is needed */
};

size_t unwind_state_size(void)
{
	return sizeof(struct unwinder);
}

const uint64_t *unwind_addresses(const struct unwinder *u)
{
	return u->memo.address;
}

void unwind_forget(struct unwinder *u)
{
	u->forgotten = true;
}

void unwind_release(struct unwinder *u)
{
	memo_release(&u->memo);
	memset(u, 0, sizeof(*u));
}

static enum outcome outcome_of(enum cfi_end end)
{
	static const enum outcome outcomes[] = {
		[CFI_STEPPED] = GOES_ON,
		[CFI_OUTERMOST] = COMPLETE,
		[CFI_UNKNOWN] = RESTART,
		[CFI_UNREADABLE] = STUCK,
	};

	return outcomes[end];
}

static inline enum outcome step(struct readable *stack, uint32_t rule, struct state *s)
{
	uintptr_t base = s->rsp;
	bool plausible = true;

	/* A branch, since it is foreseen; a conditional move would wait for the rule. */
	if ((rule & RULE_KIND) == RULE_RBP) {
		base = s->rbp;
		plausible = base - s->rsp <= stack->high - s->rsp && !(base & 7);
	}
	uintptr_t cfa = base + (rule & RULE_OFFSET);
	unsigned saved = rule_saved(rule);

	if (__builtin_expect(!plausible || cfa > stack->high, 0) &&
	    !readable_reach(stack, s->rsp, base, cfa))
		return STUCK;
	if (saved != RULE_UNCHANGED)
		s->rbp = stack_load(cfa - saved * 8);
	s->after = stack_load(cfa - 8);
	s->rsp = cfa;
	if (__builtin_expect((s->after - 1) >> ADDRESS_BITS != 0, 0))
		return s->after ? STUCK : COMPLETE;
	return GOES_ON;
}

/* Steps out of a frame as it goes on at `pc`; the caller's state is in u->slow. */
static __attribute__((noinline)) enum outcome step_slowly(struct unwinder *u, uint32_t rule,
							  const struct state *s, uintptr_t pc)
{
	struct slow_frame *f = &u->slow;

	if (rule == RULE_BARE)
		f->place = CFI_BARE;
	else
		slow_frame_open(f, s->after - 1);
	f->registers.known = 0;
	cfi_set(&f->registers, CFI_RSP, s->rsp);
	cfi_set(&f->registers, CFI_RBP, s->rbp);
	cfi_set(&f->registers, CFI_RIP, pc);
	enum cfi_end end = slow_frame_step(f, &u->stack);

	if (end == CFI_STEPPED && !cfi_known(&f->registers, CFI_RBP))
		return RESTART;
	return outcome_of(end);
}

static __attribute__((noinline)) uint32_t compile(struct unwinder *u, uintptr_t after)
{
	uint32_t rule = slow_frame_open(&u->slow, after - 1);

	modules_note(after - 1); /* first: who finds the rule need not ask for the module */
	if (rule != RULE_NONE)
		frame_rule_cache(after, rule);
	return rule;
}

static inline uint32_t rule_of(struct unwinder *u, uintptr_t after)
{
	uint32_t rule = frame_rule_find(after);

	return __builtin_expect(rule != RULE_NONE, 1) ? rule : compile(u, after);
}

/* The state in the outermost frame that the memo vouches for, all up to there listed. */
static enum outcome list_remembered(struct memo *memo, struct state *s, uint32_t *rule)
{
	uint32_t at = memo_verify(memo);

	*rule = frame_rule(&memo->frame[at]);
	if (!at && *rule == RULE_OUTERMOST)
		return MET;
	s->rbp = memo_rbp(memo, at, s->rbp);
	s->rsp = memo->frame[at].rsp;
	s->after = memo->address[at] + 1;
	memo_take(memo, at);
	return GOES_ON;
}

static enum outcome walk(struct unwinder *u, struct state s)
{
	enum outcome outcome = GOES_ON;
	bool slowly = false, interrupted = false; /* how a frame is reached: slowly; by a signal */

	while (outcome == GOES_ON) {
		uint32_t rule;

		if (memo_meets(&u->memo, s.after - 1, s.rsp, s.rbp) && !slowly) {
			if (list_remembered(&u->memo, &s, &rule) == MET)
				return MET;
		} else {
			rule = rule_of(u, s.after);
			if (!memo_push(&u->memo, s.after - 1, s.rsp, rule, slowly))
				return STUCK;
		}
		if (__builtin_expect(rule_is_simple(rule), 1)) {
			outcome = step(&u->stack, rule, &s);
			slowly = interrupted = false;
		} else if (rule == RULE_OUTERMOST) {
			return COMPLETE;
		} else {
			struct state from = s; /* a copy, so that `s` can stay in registers */

			u->slow.linked &= slowly;
			outcome = step_slowly(u, rule, &from, s.after - interrupted);
			s.after = u->slow.pc + 1;
			s.rsp = u->slow.registers.value[CFI_RSP];
			s.rbp = u->slow.registers.value[CFI_RBP];
			slowly = true;
			interrupted = u->slow.row.signal;
		}
	}
	return outcome;
}

/* The same with all registers, which the frames between here and the hook's caller still have. */
static __attribute__((noinline)) enum outcome walk_slowly(struct unwinder *u,
							  struct unwind_start start)
{
	struct slow_frame *f = &u->slow;
	enum cfi_end end = CFI_STEPPED;
	bool slowly = false;

	if (!slow_frame_start(f, &u->stack, start))
		return STUCK;
	memo_restart(&u->memo);
	while (end == CFI_STEPPED) {
		uint32_t rule = slow_frame_open(f, f->pc);

		modules_note(f->pc);
		if (!memo_push(&u->memo, f->pc, f->registers.value[CFI_RSP], rule, slowly))
			return STUCK;
		slowly = !rule_is_simple(rule);
		end = slow_frame_step(f, &u->stack);
	}
	return end == CFI_OUTERMOST ? COMPLETE : STUCK;
}

/* A walk that a longjmp out of a signal handler cut short left the memo in disorder. */
static __attribute__((noinline)) void renew(struct unwinder *u, uint32_t generation)
{
	if (!u->valid)
		memo_init(&u->memo);
	u->memo.depth = 0;
	if (generation != UNWIND_UNCACHED)
		frame_rules_renew(generation);
}

struct unwound unwind(struct unwinder *u, struct unwind_start start, uint32_t generation)
{
	struct state s = {.after = start.pc, .rsp = start.cfa, .rbp = start.rbp};
	enum outcome outcome = RESTART;

	if (__builtin_expect(u->valid != (uint64_t)generation + 1, 0))
		renew(u, generation);
	u->valid = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	readable_start(&u->stack, start.cfa);
	memo_begin(&u->memo);
	if (__builtin_expect(generation != UNWIND_UNCACHED, 1))
		outcome = walk(u, s);
	if (__builtin_expect(outcome == RESTART, 0))
		outcome = walk_slowly(u, start);
	uint32_t kept = memo_commit(&u->memo, outcome == MET);

	if (__builtin_expect(u->forgotten, 0))
		kept = 0;
	u->forgotten = false;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	u->valid = (uint64_t)generation + 1;
	return (struct unwound){.kept = kept,
				.depth = u->memo.depth,
				.complete = outcome == MET || outcome == COMPLETE};
}
