// SPDX-License-Identifier: MIT
/*
 * Names of marks to numbers, and numbers to places in the stream.
 */
#include "marks.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

static bool has_number(const struct mark_watch *watch, uint64_t number)
{
	for (size_t i = 0; i < watch->n_numbers; i++)
		if (watch->numbers[i] == number)
			return true;
	return false;
}

static void find_numbers(struct mark_watch *watch, const struct trace *trace,
			 const struct moment *moment)
{
	const struct trace_private *inner = trace->inner;

	watch->numbers = xreallocarray(NULL, inner->n_marks, sizeof *watch->numbers);
	for (size_t i = 0; i < inner->n_marks; i++) {
		const struct trace_mark *mark = &inner->marks[i];

		if (mark->name_size == moment->mark_size &&
		    memcmp(mark->name, moment->mark, mark->name_size) == 0 &&
		    !has_number(watch, mark->number))
			watch->numbers[watch->n_numbers++] = mark->number;
	}
}

static uint64_t count_in_chunk(const struct mark_watch *watch, struct reader *reader,
			       const struct chunk *chunk)
{
	size_t n;
	uint64_t *words = reader_words(reader, chunk, &n), count = 0;
	struct raw_words raw = {words, words ? words + n : NULL,
				chunk->header.flags & CHUNK_STAMPED, false};
	struct raw_event event;

	while (raw_next(&raw, &event))
		count += event.kind == EVENT_MARK && has_number(watch, event.address);
	free(words);
	return count;
}

int marks_watch(struct mark_watch *watch, struct trace *trace, struct streams *streams,
		const struct moment *moment, char **message)
{
	uint64_t count = 0;

	*watch = (struct mark_watch){0};
	find_numbers(watch, trace, moment);
	for (size_t i = 0; i < streams->n && watch->n_numbers; i++)
		for (size_t j = 0; j < streams->streams[i].n_chunks; j++)
			count += count_in_chunk(watch, &trace->inner->reader,
						streams->streams[i].chunks[j]);
	watch->left = moment->mark_nth ? moment->mark_nth : count;
	if (count && watch->left <= count)
		return 0;
	if (count)
		*message = xasprintf("%s: no @%s: there are %llu marks of that name", trace->path,
				     moment->text, (unsigned long long)count);
	else
		*message = xasprintf("%s: no mark '%.*s' was recorded", trace->path,
				     (int)moment->mark_size, moment->mark);
	marks_release(watch);
	return -1;
}

void marks_release(struct mark_watch *watch)
{
	free(watch->numbers);
	*watch = (struct mark_watch){0};
}

bool marks_reached(struct mark_watch *watch, uint64_t number)
{
	return has_number(watch, number) && --watch->left == 0;
}
