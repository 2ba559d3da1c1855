// SPDX-License-Identifier: MIT
/*
 * Plain columns: kinds with flags, addresses and values as differences, sizes, domains, stamps as
 * differences, stack deltas, frames as differences. One pass over the block writes one column, so
 * that no scratch memory is needed; decoding reads all columns side by side in a single pass.
 */
#include "common/codec.h"

#include "common/bytes.h"
#include "common/event.h"
#include "common/format.h"

enum column {
	COLUMN_HEADS,	  /* kind, flags: 2 bytes an event */
	COLUMN_ADDRESSES, /* zigzag difference to the address before */
	COLUMN_VALUES,	  /* zigzag difference to the value before of the same kind */
	COLUMN_SIZES,
	COLUMN_DOMAINS,
	COLUMN_STAMPS, /* zigzag difference to the stamp before */
	COLUMN_KEPT,
	COLUMN_PUSHED,
	COLUMN_FRAMES, /* zigzag difference to the frame before */
	COLUMN_END
};

#define COLUMN_SIZE_BYTES 4

/* What the predictions of both sides are made from; both start from zeros. */
struct model {
	uint64_t address, stamp, frame;
	uint64_t values[EVENT_KIND_END];
};

size_t codec_bound(size_t n_words)
{
	/* A word becomes at most one varint; word 0 of a stack event becomes 2 bytes and 2 short varints. */
	return n_words * VARINT_MAX + VARINT_MAX + COLUMN_END * COLUMN_SIZE_BYTES;
}

static void put_difference(struct put *p, uint64_t value, uint64_t *before)
{
	put_zigzag(p, (int64_t)(value - *before));
	*before = value;
}

static uint64_t get_difference(struct get *g, uint64_t *before)
{
	*before += (uint64_t)get_zigzag(g);
	return *before;
}

static void put_frames(struct put *p, const struct raw_event *event, struct model *model)
{
	for (uint32_t i = 0; i < event->pushed; i++)
		put_difference(p, event->frames[i], &model->frame);
}

static void put_field(struct put *p, enum column column, const struct raw_event *event,
		      bool stamped, struct model *model)
{
	unsigned fields = event_fields(event->kind);

	switch (column) {
	case COLUMN_HEADS:
		put_fixed(p, event->kind | event->flags << 8, 2);
		break;
	case COLUMN_ADDRESSES:
		if (fields & FIELD_ADDRESS)
			put_difference(p, event->address, &model->address);
		break;
	case COLUMN_VALUES:
		if (fields & FIELD_VALUE)
			put_difference(p, event->address, &model->values[event->kind]);
		break;
	case COLUMN_SIZES:
		if (fields & FIELD_SIZE)
			put_varint(p, event->size);
		break;
	case COLUMN_DOMAINS:
		if (fields & FIELD_DOMAIN)
			put_varint(p, event->domain);
		break;
	case COLUMN_STAMPS:
		if (stamped)
			put_difference(p, event->stamp, &model->stamp);
		break;
	case COLUMN_KEPT:
		if (fields & FIELD_STACK)
			put_varint(p, event->kept);
		break;
	case COLUMN_PUSHED:
		if (fields & FIELD_STACK)
			put_varint(p, event->pushed);
		break;
	case COLUMN_FRAMES:
		put_frames(p, event, model);
		break;
	case COLUMN_END:
		break;
	}
}

static void put_column(struct put *p, enum column column, struct raw_words words)
{
	struct put size_at = *p;
	struct model model = {0};
	struct raw_event event;

	put_fixed(p, 0, COLUMN_SIZE_BYTES);
	const uint8_t *begin = p->at;

	while (raw_next(&words, &event))
		put_field(p, column, &event, words.stamped, &model);
	if (!p->bad)
		put_fixed(&size_at, (uint64_t)(p->at - begin), COLUMN_SIZE_BYTES);
}

static bool summarize(struct raw_words words, struct codec_summary *summary)
{
	struct raw_event event;

	*summary = (struct codec_summary){0};
	while (raw_next(&words, &event)) {
		if (words.stamped && !summary->first_stamp)
			summary->first_stamp = event.stamp;
		summary->last_stamp = event.stamp;
		summary->events++;
	}
	return !words.bad;
}

size_t codec_encode(const uint64_t *words, size_t n_words, bool stamped, uint8_t *out,
		    size_t capacity, struct codec_summary *summary)
{
	struct raw_words all = {.at = words, .end = words + n_words, .stamped = stamped};
	struct put p = put_into(out, capacity);

	if (n_words > TMZ_BLOCK_WORDS_MAX || capacity < codec_bound(n_words) ||
	    !summarize(all, summary))
		return 0;
	put_varint(&p, n_words);
	for (enum column column = 0; column < COLUMN_END; column++)
		put_column(&p, column, all);
	return p.bad ? 0 : (size_t)(p.at - out);
}

size_t codec_words(const uint8_t *payload, size_t size)
{
	struct get g = get_from(payload, size);
	uint64_t n_words = get_varint(&g);

	return g.bad || n_words > TMZ_BLOCK_WORDS_MAX ? 0 : (size_t)n_words;
}

/* One event from the columns, as words at `at`; returns the word after it, or NULL. */
static uint64_t *decode_event(struct get columns[COLUMN_END], struct model *model, bool *stamped,
			      uint64_t *at, const uint64_t *end)
{
	unsigned head = (unsigned)get_fixed(&columns[COLUMN_HEADS], 2);
	unsigned kind = head & 0xff, fields = event_fields(kind);
	uint64_t kept = 0, pushed = 0;

	if (!kind || kind >= EVENT_KIND_END)
		return NULL;
	if (kind == EVENT_CLOCK_ON)
		*stamped = true;
	if (fields & FIELD_STACK) {
		kept = get_varint(&columns[COLUMN_KEPT]);
		pushed = get_varint(&columns[COLUMN_PUSHED]);
	}
	size_t need = 1 + !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
		      !!(fields & FIELD_DOMAIN) + *stamped + (size_t)pushed;

	if (kept >> EVENT_FIELD_BITS || pushed >> EVENT_FIELD_BITS || (size_t)(end - at) < need)
		return NULL;
	*at++ = event_head((enum event_kind)kind, head >> 8, (uint32_t)kept, (uint32_t)pushed);
	if (fields & FIELD_ADDRESS)
		*at++ = get_difference(&columns[COLUMN_ADDRESSES], &model->address);
	if (fields & FIELD_VALUE)
		*at++ = get_difference(&columns[COLUMN_VALUES], &model->values[kind]);
	if (fields & FIELD_SIZE)
		*at++ = get_varint(&columns[COLUMN_SIZES]);
	if (fields & FIELD_DOMAIN)
		*at++ = get_varint(&columns[COLUMN_DOMAINS]);
	if (*stamped)
		*at++ = get_difference(&columns[COLUMN_STAMPS], &model->stamp);
	for (uint64_t i = 0; i < pushed; i++)
		*at++ = get_difference(&columns[COLUMN_FRAMES], &model->frame);
	return at;
}

static bool split_columns(struct get *payload, struct get columns[COLUMN_END])
{
	for (unsigned i = 0; i < COLUMN_END; i++) {
		size_t size = (size_t)get_fixed(payload, COLUMN_SIZE_BYTES);
		const uint8_t *bytes = get_bytes(payload, size);

		if (payload->bad)
			return false;
		columns[i] = get_from(bytes, size);
	}
	return get_left(payload) == 0;
}

bool codec_decode(const uint8_t *payload, size_t size, bool stamped, uint64_t *words)
{
	struct get g = get_from(payload, size), columns[COLUMN_END];
	struct model model = {0};
	uint64_t n_words = get_varint(&g);
	uint64_t *at = words;

	if (g.bad || n_words > TMZ_BLOCK_WORDS_MAX || !split_columns(&g, columns))
		return false;
	const uint64_t *end = words + n_words;

	while (at && at < end)
		at = decode_event(columns, &model, &stamped, at, end);
	if (!at)
		return false;
	for (unsigned i = 0; i < COLUMN_END; i++)
		if (columns[i].bad || get_left(&columns[i]))
			return false;
	return true;
}
