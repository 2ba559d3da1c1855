// SPDX-License-Identifier: MIT
/*
 * Pass one walks the DIEs that can hold code and collects (address range, scope).  Pass two sweeps
 * over the ranges in address order with a heap of those that are open, and writes down which one is
 * on top: whatever overlaps in a damaged or folded unit, spans come out disjoint.
 */
#include "scopes.h"

#include <dwarf.h>
#include <stdlib.h>

#include "die.h"
#include "guard.h"

#define DEPTH_MAX 512	      /* of nested DIEs; compilers stay below 100 */
#define RANGES_MAX (1u << 22) /* in one unit: a damaged one may name one long list many times */

struct range {
	uint64_t low, high;
	uint32_t scope;
	uint32_t function; /* the first of two functions at one address wins (folded code) */
	uint32_t depth;	   /* within one function, the innermost does */
};

struct walk {
	struct scopes *out;
	size_t cap;
	struct range *range;
	size_t n, range_cap;
};

/* Where a DIE stands in the tree. */
struct place {
	Dwarf_Die die;
	uint32_t scope, function;
	bool inside; /* a function, be it one without code */
};

static uint32_t add_scope(struct walk *w, Dwarf_Die *die, uint32_t parent)
{
	struct scopes *s = w->out;

	if (s->n_scopes == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 64;
		s->scope = xreallocarray(s->scope, w->cap, sizeof(*s->scope));
	}
	s->scope[s->n_scopes] = (struct scope){.die = *die, .parent = parent};
	return (uint32_t)s->n_scopes++;
}

/* False when DIE has no code: an abstract function, a declaration, or one the linker threw away. */
static bool add_ranges(struct walk *w, Dwarf_Die *die, const struct range *as)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t at = 0;
	bool any = false;

	while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0 && w->n < RANGES_MAX) {
		guard_tick();
		if (low == 0 || low >= high)
			continue;
		if (w->n == w->range_cap) {
			w->range_cap = w->range_cap ? 2 * w->range_cap : 64;
			w->range = xreallocarray(w->range, w->range_cap, sizeof(*w->range));
		}
		w->range[w->n] = *as;
		w->range[w->n].low = low;
		w->range[w->n].high = high;
		w->n++;
		any = true;
	}
	return any;
}

/*
 * Takes DIE in if it is a function with code; returns whether there can be others below it.  The
 * code of a lambda stands in a class inside the abstract function around it, which has none.
 */
static bool visit(struct walk *w, Dwarf_Die *die, uint32_t depth, struct place *below)
{
	struct range as = {.depth = depth, .scope = (uint32_t)w->out->n_scopes};
	int tag = dwarf_tag(die);

	switch (tag) {
	case DW_TAG_subprogram:
	case DW_TAG_entry_point:
		as.function = as.scope;
		below->scope = SCOPE_NONE;
		below->inside = true;
		break;
	case DW_TAG_inlined_subroutine:
		/* Those in a function that the linker threw away start near 0. */
		if (below->scope == SCOPE_NONE)
			return false;
		as.function = below->function;
		break;
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return below->inside;
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return true;
	default:
		return false;
	}
	if (!add_ranges(w, die, &as))
		return tag == DW_TAG_subprogram;
	below->scope = add_scope(w, die, below->scope);
	below->function = as.function;
	return true;
}

/*
 * The DIEs of a unit come in the order of their addresses. One that does not has been met before: a
 * damaged file could make a walk without end of a few of them.
 */
static void walk_unit(struct walk *w, Dwarf_Die *unit)
{
	struct place *stack = xmalloc(DEPTH_MAX * sizeof(*stack));
	struct place *top = stack;
	const char *last = NULL;

	*top = (struct place){.scope = SCOPE_NONE, .function = SCOPE_NONE};
	if (dwarf_child(unit, &top->die) != 0)
		goto out;
	while (!last || (const char *)top->die.addr > last) {
		struct place below = *top;

		guard_tick();
		last = top->die.addr;
		if (visit(w, &top->die, (uint32_t)(top - stack), &below) &&
		    top + 1 < stack + DEPTH_MAX && dwarf_child(&top->die, &below.die) == 0) {
			*++top = below;
			continue;
		}
		while (dwarf_siblingof(&top->die, &top->die) != 0) {
			guard_tick();
			if (top == stack)
				goto out;
			top--;
		}
	}
out:
	free(stack);
}

static int by_low(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return (x->scope > y->scope) - (x->scope < y->scope);
}

static bool wins(const struct range *a, const struct range *b)
{
	if (a->function != b->function)
		return a->function < b->function;
	if (a->depth != b->depth)
		return a->depth > b->depth;
	return a->scope < b->scope;
}

static void heap_push(const struct range **heap, size_t at, const struct range *r)
{
	while (at > 0 && wins(r, heap[(at - 1) / 2])) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = r;
}

/* Of N, the first is taken out. */
static void heap_pop(const struct range **heap, size_t n)
{
	const struct range *last = heap[n - 1];
	size_t at = 0;

	while (2 * at + 1 < n - 1) {
		size_t child = 2 * at + 1;

		if (child + 1 < n - 1 && wins(heap[child + 1], heap[child]))
			child++;
		if (!wins(heap[child], last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
}

static void add_span(struct scopes *s, uint64_t start, uint32_t scope)
{
	if (s->n_spans && s->span[s->n_spans - 1].start == start)
		s->n_spans--;
	if (s->n_spans ? s->span[s->n_spans - 1].scope == scope : scope == SCOPE_NONE)
		return;
	s->span[s->n_spans++] = (struct span){start, scope};
}

static void sweep(struct scopes *s, const struct range *range, size_t n)
{
	const struct range **heap = xmalloc((n + 1) * sizeof(*heap));
	size_t open = 0, next = 0;
	uint64_t at = 0;

	/* A new span begins only where a range begins or ends. */
	s->span = xcalloc(2 * n + 1, sizeof(*s->span));
	while (open || next < n) {
		if (open && heap[0]->high <= at) {
			heap_pop(heap, open--);
			continue;
		}
		if (next < n && (!open || range[next].low <= at)) {
			if (!open && range[next].low > at) {
				add_span(s, at, SCOPE_NONE);
				at = range[next].low;
			}
			heap_push(heap, open++, &range[next++]);
			continue;
		}
		add_span(s, at, heap[0]->scope);
		at = heap[0]->high;
		if (next < n && range[next].low < at)
			at = range[next].low;
	}
	add_span(s, at, SCOPE_NONE);
	free(heap);
}

void scopes_init(struct scopes *s, Dwarf_Die *unit)
{
	struct walk w = {.out = s};

	*s = (struct scopes){0};
	walk_unit(&w, unit);
	if (w.n) {
		qsort(w.range, w.n, sizeof(*w.range), by_low);
		sweep(s, w.range, w.n);
	}
	free(w.range);
}

void scopes_release(struct scopes *s)
{
	free(s->scope);
	free(s->span);
	*s = (struct scopes){0};
}

uint32_t scopes_find(const struct scopes *s, uint64_t address)
{
	size_t low = 0, high = s->n_spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->span[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? s->span[low - 1].scope : SCOPE_NONE;
}
