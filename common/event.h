// SPDX-License-Identifier: MIT
/*
 * The raw event: what the hooks write into a block and what the decoder gives back, as 64-bit words.
 *
 * Word 0 holds the kind, flags and, for an event with a stack, the stack delta: how many of the
 * outermost frames of the block's previous stack are kept and how many follow. Then come the fields
 * of the kind in the order of struct raw_event, the stamp if the stream is stamped, and the pushed
 * look-up addresses, outer before inner. Each block starts from an empty stack.
 */
#ifndef COMMON_EVENT_H
#define COMMON_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EVENT_ALLOC = 1, /* address, size, stack: a block of the heap (domain 0) begins to live */
	EVENT_FREE,	 /* address: it ends */
	EVENT_UNDO,	 /* the thread's last free did not happen (a realloc failed) */
	EVENT_TRACK,	 /* address, size, domain, stack: as ALLOC, in a domain; replaces */
	EVENT_UNTRACK,	 /* address, domain */
	EVENT_CLEAR,	 /* every trace is forgotten */
	EVENT_MARK,	 /* value: number of a mark whose name is in a marks chunk */
	EVENT_TIME,	 /* value: nanoseconds since recording began, coarse clock */
	EVENT_CLOCK_ON,	 /* from here on, this event included, events of the stream have a stamp */
	EVENT_FORK,	 /* value: pid of the parent whose live blocks this process inherited */
	EVENT_MODULES, /* value: module generation from here on; the previous stack becomes empty */
	EVENT_THREAD,  /* value: number of the thread that the following events belong to */
	EVENT_DEPTH,   /* value: true depth of the next stack, of which only a part is stored */
	EVENT_UNMAP,   /* address, size: what of mappings (domain 1) lies there ends */
	EVENT_START,   /* value: frames that count, 0 = all; recording begins in mid-life */
	EVENT_RESET_PEAK, /* the peak is what lives now */
	EVENT_KIND_END
};

enum event_flag {
	EVENT_INCOMPLETE = 1, /* the stack ends before the outermost frame */
	EVENT_NO_STACK = 2,   /* recorded where no stack could be taken */
	EVENT_RESIZE = 4,     /* the free or the allocation of a realloc */
	EVENT_STOP = 8,	      /* of CLEAR: nothing counts until the next START */
	/* In DOMAIN_MAPPED only: */
	EVENT_RESERVED = 16, /* TRACK: without access; UNMAP: it stays mapped, but without access */
	EVENT_COMMIT = 32,   /* TRACK: access to those parts of mappings that had none */
};

/* What an address belongs to. Other numbers are the program's own. */
enum event_domain {
	DOMAIN_HEAP = 0,
	DOMAIN_MAPPED = 1 /* mapped by the program itself: ranges that end in parts, see UNMAP */
};

#define EVENT_FIELD_BITS 24		      /* of `kept` and of `pushed` in word 0 */
#define EVENT_DEPTH_MAX ((1u << 20) - 1)      /* frames of one stack that are ever stored */
#define EVENT_WORDS_MAX (5 + EVENT_DEPTH_MAX) /* words of the longest event */

struct raw_event {
	enum event_kind kind;
	unsigned flags;	  /* enum event_flag */
	uint64_t address; /* or value */
	uint64_t size;	  /* bytes asked for */
	uint64_t domain;
	uint64_t stamp;	       /* 0 when the stream is not stamped yet */
	uint32_t kept, pushed; /* stack delta, in frames */
	const uint64_t *frames;
};

/* What fields a kind has. */
enum event_field {
	FIELD_ADDRESS = 1,
	FIELD_SIZE = 2,
	FIELD_DOMAIN = 4,
	FIELD_STACK = 8,
	FIELD_VALUE = 16
};

static inline unsigned event_fields(unsigned kind)
{
	static const uint8_t fields[EVENT_KIND_END] = {
		[EVENT_ALLOC] = FIELD_ADDRESS | FIELD_SIZE | FIELD_STACK,
		[EVENT_FREE] = FIELD_ADDRESS,
		[EVENT_TRACK] = FIELD_ADDRESS | FIELD_SIZE | FIELD_DOMAIN | FIELD_STACK,
		[EVENT_UNTRACK] = FIELD_ADDRESS | FIELD_DOMAIN,
		[EVENT_MARK] = FIELD_VALUE,
		[EVENT_TIME] = FIELD_VALUE,
		[EVENT_FORK] = FIELD_VALUE,
		[EVENT_MODULES] = FIELD_VALUE,
		[EVENT_THREAD] = FIELD_VALUE,
		[EVENT_DEPTH] = FIELD_VALUE,
		[EVENT_UNMAP] = FIELD_ADDRESS | FIELD_SIZE,
		[EVENT_START] = FIELD_VALUE,
	};

	return kind < EVENT_KIND_END ? fields[kind] : 0;
}

/* Whether an event is about blocks, and so has a number in the order of all. */
static inline bool event_counts(unsigned kind)
{
	return kind <= EVENT_CLEAR || kind == EVENT_UNMAP;
}

static inline uint64_t event_head(enum event_kind kind, unsigned flags, uint32_t kept,
				  uint32_t pushed)
{
	return (uint64_t)kind | (uint64_t)flags << 8 | (uint64_t)kept << 16 |
	       (uint64_t)pushed << (16 + EVENT_FIELD_BITS);
}

/* Walks the raw words of a block. */
struct raw_words {
	const uint64_t *at, *end;
	bool stamped;
	bool bad; /* set when an event is cut off or of no known kind; the walk then ends */
};

/* The next event, borrowed from the words; false at the end or when bad. */
static inline bool raw_next(struct raw_words *words, struct raw_event *event)
{
	const uint64_t *at = words->at;

	if (words->bad || at == words->end)
		return false;
	uint64_t head = *at++;
	unsigned kind = head & 0xff, fields = event_fields(kind);
	size_t left = (size_t)(words->end - at);
	uint32_t pushed = fields & FIELD_STACK ? (uint32_t)(head >> (16 + EVENT_FIELD_BITS)) : 0;
	bool stamped = words->stamped || kind == EVENT_CLOCK_ON;
	size_t need = !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
		      !!(fields & FIELD_DOMAIN) + stamped + pushed;

	if (!kind || kind >= EVENT_KIND_END || need > left) {
		words->bad = true;
		return false;
	}
	*event = (struct raw_event){.kind = (enum event_kind)kind,
				    .flags = (unsigned)(head >> 8) & 0xff};
	if (fields & (FIELD_ADDRESS | FIELD_VALUE))
		event->address = *at++;
	if (fields & FIELD_SIZE)
		event->size = *at++;
	if (fields & FIELD_DOMAIN)
		event->domain = *at++;
	if (stamped)
		event->stamp = *at++;
	if (fields & FIELD_STACK) {
		event->kept = (uint32_t)(head >> 16) & ((1u << EVENT_FIELD_BITS) - 1);
		event->pushed = pushed;
		event->frames = at;
		at += pushed;
	}
	words->stamped = stamped;
	words->at = at;
	return true;
}

#endif
