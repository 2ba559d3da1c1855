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
	uint64_t valid; /* valid_now() of the last walk, or one of those below */
	struct readable stack;
	struct memo memo;
	struct slow_frame slow;
};

#define NEW 0		     /* or a walk is in progress */
#define FORGOTTEN UINT64_MAX /* what the memo says is not to be believed */

/* A frame as the fast walk knows it. */
struct state {
	uintptr_t pc; /* look-up address */
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

bool unwind_was_slow(const struct unwinder *u)
{
	for (uint32_t i = 0; i < u->memo.depth; i++)
		if (frame_flags(&u->memo.frame[i]) & FRAME_REACHED_SLOWLY)
			return true;
	return false;
}

static uint32_t n_gone;

void unwind_memory_gone(void)
{
	__atomic_add_fetch(&n_gone, 1, __ATOMIC_RELEASE);
}

/*
 * What a walk remembers holds in a generation (low half, + 1) and, of the stack, until memory goes
 * (high half). UNWIND_UNCACHED, whose carry goes there, has 0 in the low half, as only NEW has.
 */
static inline uint64_t valid_now(uint32_t generation)
{
	return ((uint64_t)__atomic_load_n(&n_gone, __ATOMIC_RELAXED) << 32) + generation + 1;
}

void unwind_forget(struct unwinder *u)
{
	if (u->valid != NEW)
		u->valid = FORGOTTEN;
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

/* `rule` is a simple one. */
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
	s->pc = stack_load(cfa - 8) - 1;
	s->rsp = cfa;
	return GOES_ON;
}

/* Where no rule is cached: whether `pc` can be an address of code at all. */
static enum outcome judge(uintptr_t pc)
{
	return !(pc >> ADDRESS_BITS) ? GOES_ON : pc + 1 ? STUCK : COMPLETE;
}

static __attribute__((noinline)) uint32_t compile(struct unwinder *u, uintptr_t pc)
{
	uint32_t rule = slow_frame_open(&u->slow, pc);

	modules_note(pc); /* first: who finds the rule need not ask for the module */
	if (rule != RULE_NONE)
		frame_rule_cache(pc, rule);
	return rule;
}

static inline uint32_t rule_of(struct unwinder *u, uintptr_t pc)
{
	uint32_t rule = frame_rule_find(pc);

	return __builtin_expect(rule != RULE_NONE, 1) ? rule : compile(u, pc);
}

/* Steps out of a frame as it goes on at `after`; the caller's state is in u->slow. */
static enum outcome step_slowly(struct unwinder *u, uint32_t rule, const struct state *s,
				uintptr_t after)
{
	struct slow_frame *f = &u->slow;

	f->pc = s->pc;
	if (rule == RULE_BARE)
		f->place = CFI_BARE;
	else
		slow_frame_open(f, f->pc);
	f->registers.known = 0;
	cfi_set(&f->registers, CFI_RSP, s->rsp);
	cfi_set(&f->registers, CFI_RBP, s->rbp);
	cfi_set(&f->registers, CFI_RIP, after);
	enum cfi_end end = slow_frame_step(f, &u->stack);

	if (end == CFI_STEPPED && !cfi_known(&f->registers, CFI_RBP))
		return RESTART;
	return outcome_of(end);
}

/* From a frame whose rule is no simple one, which is listed, out through the next simple one. */
static __attribute__((noinline)) enum outcome
step_through(struct unwinder *u, struct memo_walk *walk, uint32_t rule, struct state *s)
{
	struct slow_frame *f = &u->slow;
	bool interrupted = false; /* by a signal */

	f->linked = false;
	while (!rule_is_simple(rule)) {
		if (rule == RULE_OUTERMOST)
			return COMPLETE;
		enum outcome outcome = step_slowly(u, rule, s, s->pc + !interrupted);

		if (outcome != GOES_ON)
			return outcome;
		*s = (struct state){.pc = f->pc,
				    .rsp = f->registers.value[CFI_RSP],
				    .rbp = f->registers.value[CFI_RBP]};
		interrupted = f->row.signal;
		rule = rule_of(u, s->pc);
		if (!memo_push(&u->memo, walk, s->pc, s->rsp,
			       rule | (uint64_t)FRAME_REACHED_SLOWLY << 32))
			return STUCK;
	}
	return step(&u->stack, rule, s);
}

/* Lists what the memo vouches for, out to frame `at`; the state there. */
static __attribute__((noinline)) struct state take(struct memo_walk *walk,
						   const struct memo_frame *at, uintptr_t rbp)
{
	struct state s = {.pc = walk->live_address[at - walk->live],
			  .rsp = at->rsp,
			  .rbp = memo_rbp(walk, at, rbp)};

	memo_take(walk, at);
	return s;
}

static inline enum outcome walk_on(struct unwinder *u, struct memo_walk *result, struct state s)
{
	struct memo_walk walk = *result;
	enum outcome outcome = GOES_ON;

	do {
		uint32_t rule;

		if (memo_meets(&walk, s.pc, s.rsp, s.rbp)) {
			struct memo_walk taken = walk; /* a copy, as in memo_push */
			const struct memo_frame *at = memo_verify(&u->memo, &taken);

			rule = frame_rule(at);
			if (at == u->memo.frame && rule == RULE_OUTERMOST) {
				outcome = MET;
				break;
			}
			s = take(&taken, at, s.rbp);
			walk = taken;
		} else {
			rule = frame_rule_find(s.pc);
			if (__builtin_expect(rule == RULE_NONE, 0)) {
				outcome = judge(s.pc);
				if (outcome != GOES_ON)
					break;
				rule = compile(u, s.pc);
			}
			if (!memo_push(&u->memo, &walk, s.pc, s.rsp, rule)) {
				outcome = STUCK;
				break;
			}
		}
		if (__builtin_expect(rule_is_simple(rule), 1)) {
			outcome = step(&u->stack, rule, &s);
		} else {
			struct memo_walk passed = walk;
			struct state from = s;

			outcome = step_through(u, &passed, rule, &from);
			walk = passed;
			s = from;
		}
	} while (outcome == GOES_ON);
	*result = walk;
	return outcome;
}

/* The same with all registers, which the frames between here and the hook's caller still have. */
static __attribute__((noinline)) enum outcome
walk_slowly(struct unwinder *u, struct memo_walk *walk, struct unwind_start start)
{
	struct slow_frame *f = &u->slow;
	enum cfi_end end = CFI_STEPPED;
	bool slowly = false;

	if (!slow_frame_start(f, &u->stack, start))
		return STUCK;
	memo_restart(&u->memo, walk);
	while (end == CFI_STEPPED) {
		uint32_t rule = slow_frame_open(f, f->pc);

		modules_note(f->pc);
		if (!memo_push(&u->memo, walk, f->pc, f->registers.value[CFI_RSP],
			       rule | (uint64_t)slowly * FRAME_REACHED_SLOWLY << 32))
			return STUCK;
		slowly = !rule_is_simple(rule);
		end = slow_frame_step(f, &u->stack);
	}
	return end == CFI_OUTERMOST ? COMPLETE : STUCK;
}

/* A walk that a longjmp out of a signal handler cut short left the memo in disorder. */
static __attribute__((noinline)) void renew(struct unwinder *u, uint32_t generation)
{
	u->stack.low = u->stack.high = 0;
	if (u->valid != NEW && (uint32_t)u->valid == generation + 1)
		return;
	if (u->valid == NEW)
		memo_init(&u->memo);
	u->memo.depth = 0;
	if (generation != UNWIND_UNCACHED)
		frame_rules_renew(generation);
}

/* The one function of the hot path that would get a canary, for the sake of a struct with no array in it. */
__attribute__((no_stack_protector)) struct unwound
unwind(struct unwinder *u, struct unwind_start start, uint32_t generation)
{
	struct state s = {.pc = unwind_start_pc(start) - 1,
			  .rsp = unwind_start_cfa(start),
			  .rbp = unwind_start_rbp(start)};
	uint64_t valid = valid_now(generation);
	enum outcome outcome = RESTART;
	struct memo_walk walk;

	if (__builtin_expect(u->valid != valid, 0))
		renew(u, generation);
	u->valid = NEW;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	readable_start(&u->stack, s.rsp);
	walk = memo_begin(&u->memo);
	if (__builtin_expect(generation != UNWIND_UNCACHED, 1))
		outcome = walk_on(u, &walk, s);
	if (__builtin_expect(outcome == RESTART, 0))
		outcome = walk_slowly(u, &walk, start);
	uint32_t kept = memo_commit(&u->memo, &walk, outcome == MET);

	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	u->valid = valid;
	return (struct unwound){.kept = kept,
				.depth = u->memo.depth,
				.complete = outcome == MET || outcome == COMPLETE};
}
