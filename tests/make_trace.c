// SPDX-License-Identifier: MIT
/*
 * make_trace DESCRIPTION OUT.tmz: a trace of exactly what a text says, damage included; and if it
 * says `kill`, the journal OUT.tmz.live.
 *
 * One directive a line, '#' begins a comment, \s and \xNN stand for a blank and any byte. What they
 * are is told by the table at the end; tests/cli/traces/ has examples. Numbers may be hexadecimal.
 * Stacks are names of `frame` lines, most recent first.
 */
#include "tests/make_trace.h"

#include <stdlib.h>
#include <string.h>

static uint64_t token_number(size_t i)
{
	if (i >= t.n)
		fail("%s wants more", t.tokens[0]);
	return number(t.tokens[i]);
}

static uint64_t seconds(const char *text)
{
	return (uint64_t)(strtod(text, NULL) * 1e9 + 0.5);
}

/* The value of KEY=VALUE among the tokens, or NULL. */
static const char *value_of(const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 1; i < t.n; i++)
		if (strncmp(t.tokens[i], key, n) == 0 && t.tokens[i][n] == '=')
			return t.tokens[i] + n + 1;
	return NULL;
}

static bool has(const char *word)
{
	for (size_t i = 1; i < t.n; i++)
		if (strcmp(t.tokens[i], word) == 0)
			return true;
	return false;
}

static unsigned flags(void)
{
	return (strstr(t.tokens[0], ":incomplete") ? EVENT_INCOMPLETE : 0) |
	       (strstr(t.tokens[0], ":no-stack") ? EVENT_NO_STACK : 0) |
	       (strstr(t.tokens[0], ":resize") ? EVENT_RESIZE : 0) |
	       (strstr(t.tokens[0], ":stop") ? EVENT_STOP : 0) |
	       (strstr(t.tokens[0], ":reserved") ? EVENT_RESERVED : 0) |
	       (strstr(t.tokens[0], ":commit") ? EVENT_COMMIT : 0);
}

static void put_field(enum process_tag tag, const void *bytes, size_t size)
{
	struct put *put = payload(&t.process);

	put_varint(put, tag);
	put_varint(put, size);
	put_bytes(put, bytes, size);
	t.process.count++;
}

static void put_number(enum process_tag tag, uint64_t value)
{
	uint8_t bytes[VARINT_MAX];
	struct put put = put_into(bytes, sizeof bytes);

	put_varint(&put, value);
	put_field(tag, bytes, (size_t)(put.at - bytes));
}

static void do_process(void)
{
	static const struct {
		const char *key;
		enum process_tag tag;
		enum { TEXT, NUMBER, SECONDS, ZIGZAG } type;
	} fields[] = {
		{"boot", PROCESS_BOOT_ID, TEXT},
		{"pid", PROCESS_PID, NUMBER},
		{"start_ticks", PROCESS_START_TICKS, NUMBER},
		{"ppid", PROCESS_PARENT_PID, NUMBER},
		{"exe", PROCESS_EXECUTABLE, TEXT},
		{"cwd", PROCESS_CWD, TEXT},
		{"host", PROCESS_HOST, TEXT},
		{"time", PROCESS_TIME, SECONDS},
		{"utc", PROCESS_UTC_OFFSET, ZIGZAG},
		{"clock", PROCESS_CLOCK, NUMBER},
		{"nframe", PROCESS_NFRAME, NUMBER},
		{"kill_safe", PROCESS_KILL_SAFE, NUMBER},
		{"recorder", PROCESS_RECORDER, TEXT},
		{"stamp_start", PROCESS_STAMP_START, NUMBER},
		{"main", PROCESS_MODULE_MAIN, NUMBER},
		{"snapshot", PROCESS_SNAPSHOT, TEXT},
		{"duration", PROCESS_DURATION, SECONDS},
		{"parent", PROCESS_PARENT_IDENTITY, NUMBER},
		{"parent_trace", PROCESS_PARENT_TRACE, TEXT},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const char *value = value_of(fields[i].key);

		if (!value)
			continue;
		if (fields[i].type == TEXT)
			put_field(fields[i].tag, value, strlen(value));
		else if (fields[i].type == NUMBER)
			put_number(fields[i].tag, number(value));
		else if (fields[i].type == SECONDS)
			put_number(fields[i].tag, seconds(value));
		else
			put_number(fields[i].tag,
				   (uint64_t)strtoll(value, NULL, 10) << 1 ^
					   (uint64_t)(strtoll(value, NULL, 10) >> 63));
	}
}

static void do_command(void)
{
	char bytes[4096];
	size_t n = 0;

	for (size_t i = 1; i < t.n; i++)
		n += (size_t)snprintf(bytes + n, sizeof bytes - n, "%s", t.tokens[i]) + 1;
	put_field(PROCESS_COMMAND, bytes, n);
}

/* Of the parent's trace: the highest thread, then pairs of stream and events. */
static void do_forked_at(void)
{
	uint8_t bytes[TOKENS_MOST * VARINT_MAX];
	struct put put = put_into(bytes, sizeof bytes);

	for (size_t i = 1; i < t.n; i++)
		put_varint(&put, token_number(i));
	put_field(PROCESS_FORKED_AT, bytes, (size_t)(put.at - bytes));
}

static void do_identity(void)
{
	t.header.identity = token_number(1);
}

static void do_module(void)
{
	struct put *put = payload(&t.modules);
	const char *build_id = value_of("build_id"), *from = value_of("from"),
		   *bias = value_of("bias");
	uint64_t begin = number(value_of("start"));

	put_varint(put, MODULE_LOADED);
	put_varint(put, token_number(1));
	put_varint(put, from ? number(from) : 0);
	put_varint(put, bias ? number(bias) : begin);
	put_string(put, t.tokens[2], strlen(t.tokens[2]));
	put_varint(put, build_id ? strlen(build_id) / 2 : 0);
	for (; build_id && *build_id; build_id += 2) {
		char digits[3] = {build_id[0], build_id[1], '\0'};

		put_fixed(put, strtoul(digits, NULL, 16), 1);
	}
	put_varint(put, has("main"));
	put_varint(put, 1);
	put_varint(put, begin);
	put_varint(put, number(value_of("size")));
	t.modules.count++;
}

static void do_gone(void)
{
	put_varint(payload(&t.modules), MODULE_GONE);
	put_varint(payload(&t.modules), token_number(1));
	put_varint(payload(&t.modules), token_number(2));
	t.modules.count++;
}

static void do_thread(void)
{
	const char *name = t.n > 3 ? t.tokens[3] : "";

	put_varint(payload(&t.threads), token_number(1));
	put_varint(payload(&t.threads), token_number(2));
	put_string(payload(&t.threads), name, strlen(name));
	t.threads.count++;
	t.closing.threads++;
}

static void do_mark(void)
{
	put_varint(payload(&t.marks), token_number(1));
	put_string(payload(&t.marks), t.tokens[2], strlen(t.tokens[2]));
	t.marks.count++;
}

/* A line of it; its tokens are written with one blank between them. */
static void do_perf_map(void)
{
	struct put *put = payload(&t.perf_map);

	if (!t.perf_map.count++) {
		put_varint(put, 0);
		put_varint(put, 0);
	}
	for (size_t i = 1; i < t.n; i++) {
		put_bytes(put, t.tokens[i], strlen(t.tokens[i]));
		put_bytes(put, i + 1 < t.n ? " " : "\n", 1);
	}
}

static void do_domain(void)
{
	put_varint(payload(&t.domains), token_number(1));
	put_string(payload(&t.domains), t.tokens[2], strlen(t.tokens[2]));
	t.domains.count++;
}

static void do_reset_peak(void)
{
	event(EVENT_RESET_PEAK, 0, NULL, 0, 0);
}

/* Adds a string to the names; 0 for "-". */
static uint64_t string(const char *text, size_t size)
{
	if (size == 1 && *text == '-')
		return 0;
	put_string(payload(&t.names_strings), text, size);
	return ++t.names_strings.count;
}

/* frame NAME ADDRESS MODULE PATH FILE:LINE FUNCTION [FILE:LINE FUNCTION ...] */
static void do_frame(void)
{
	static uint64_t previous;
	struct put *put = payload(&t.names_frames);
	uint64_t address = token_number(2), path = string(t.tokens[4], strlen(t.tokens[4]));

	t.frames[t.n_frames++] = (struct frame){strdup(t.tokens[1]), address};
	if (t.n < 7)
		return;
	put_varint(put, token_number(3) + (token_number(3) != 0 ? 1 : 0));
	put_zigzag(put, (int64_t)(address - previous));
	previous = address;
	put_varint(put, (t.n - 5) / 2);
	for (size_t i = 5; i + 1 < t.n; i += 2) {
		const char *colon = strrchr(t.tokens[i], ':');

		put_varint(put, string(t.tokens[i], colon ? (size_t)(colon - t.tokens[i])
							  : strlen(t.tokens[i])));
		put_varint(put, colon ? number(colon + 1) : 0);
		put_varint(put, string(t.tokens[i + 1], strlen(t.tokens[i + 1])));
		put_varint(put, path);
	}
	t.names_frames.count++;
}

static void do_resource(void)
{
	put_varint(payload(&t.resources), seconds(t.tokens[1]));
	put_varint(payload(&t.resources), token_number(2));
	put_varint(payload(&t.resources), token_number(3));
	t.resources.count++;
}

static void do_loss(void)
{
	for (size_t i = 1; i <= 4; i++)
		put_varint(payload(&t.losses), token_number(i));
	t.losses.count++;
	t.closing.lost_events += token_number(3);
}

static void do_in(void)
{
	t.thread = (uint32_t)token_number(1);
}

static void do_stamp(void)
{
	t.stamp = token_number(1);
}

static void do_clock(void)
{
	event(EVENT_CLOCK_ON, 0, NULL, 0, 0);
}

static void do_alloc(void)
{
	event(EVENT_ALLOC, flags(), (uint64_t[]){token_number(1), token_number(2)}, 2, 3);
}

static void do_free(void)
{
	event(EVENT_FREE, flags(), (uint64_t[]){token_number(1)}, 1, 0);
}

static void do_undo(void)
{
	event(EVENT_UNDO, 0, NULL, 0, 0);
}

static void do_track(void)
{
	event(EVENT_TRACK, flags(), (uint64_t[]){token_number(1), token_number(2), token_number(3)},
	      3, 4);
}

static void do_untrack(void)
{
	event(EVENT_UNTRACK, 0, (uint64_t[]){token_number(1), token_number(2)}, 2, 0);
}

static void do_unmap(void)
{
	event(EVENT_UNMAP, flags(), (uint64_t[]){token_number(1), token_number(2)}, 2, 0);
}

static void do_clear(void)
{
	event(EVENT_CLEAR, flags(), NULL, 0, 0);
}

static void do_time(void)
{
	t.time_ns = seconds(t.tokens[1]);
	event(EVENT_TIME, 0, &t.time_ns, 1, 0);
}

static void do_value(void)
{
	uint64_t value = token_number(1);

	event(strcmp(t.tokens[0], "at-mark") == 0   ? EVENT_MARK
	      : strcmp(t.tokens[0], "modules") == 0 ? EVENT_MODULES
	      : strcmp(t.tokens[0], "depth") == 0   ? EVENT_DEPTH
	      : strcmp(t.tokens[0], "start") == 0   ? EVENT_START
						    : EVENT_FORK,
	      0, &value, 1, 0);
}

/* many COUNT ADDRESS STEP SIZE FRAME ... */
static void do_many(void)
{
	uint64_t fields[2] = {token_number(2), token_number(4)};

	for (uint64_t i = token_number(1); i; i--, fields[0] += token_number(3))
		event(EVENT_ALLOC, 0, fields, 2, 5);
}

static void do_manyfree(void)
{
	uint64_t address = token_number(2);

	for (uint64_t i = token_number(1); i; i--, address += token_number(3))
		event(EVENT_FREE, 0, &address, 1, 0);
}

static void do_version(void)
{
	t.header.version = (uint32_t)token_number(1);
}

static void do_no_closing(void)
{
	t.no_closing = true;
}

static void do_cut(void)
{
	t.cut = (long)token_number(1);
}

static void do_kill(void)
{
	t.kill = t.no_closing = true;
}

static void do_torn(void)
{
	t.torn = (long)token_number(1);
}

static void do_live_loss(void)
{
	uint64_t reason = token_number(1);

	if (reason >= LOSS_REASON_END)
		fail("no reason for losses: %s", t.tokens[1]);
	t.lost[reason] = token_number(2);
}

static void do_flip(void)
{
	t.flip = (long)token_number(1) + 1;
}

static const struct {
	const char *name;
	void (*run)(void);
} directives[] = {
	{"process",
	 do_process}, /* pid=N exe=PATH cwd=PATH host=TEXT time=SECONDS utc=SECONDS nframe=N ... */
	{"command", do_command},     /* ARGUMENT ... */
	{"identity", do_identity},   /* N: of the file */
	{"forked-at", do_forked_at}, /* LAST-THREAD STREAM EVENTS ... */
	{"module",
	 do_module}, /* ID PATH start=N size=N [bias=N] [from=GENERATION] [build_id=HEX] [main] */
	{"gone", do_gone},	   /* ID GENERATION */
	{"thread", do_thread},	   /* NUMBER TID [NAME] */
	{"mark", do_mark},	   /* NUMBER NAME: defines it; `at-mark NUMBER` is the event */
	{"perf-map", do_perf_map}, /* START SIZE NAME */
	{"domain", do_domain},	   /* NUMBER NAME */
	{"frame",
	 do_frame}, /* NAME ADDRESS MODULE-ID PATH [FILE:LINE FUNCTION ...], innermost first; - = none */
	{"resource", do_resource}, /* SECONDS RSS PEAK */
	{"loss", do_loss},	   /* THREAD REASON EVENTS BYTES */
	{"in", do_in},		   /* THREAD: the events that follow are its */
	{"stamp", do_stamp},	   /* N: of the next stamped event; each one after has one more */
	{"clock", do_clock},
	{"alloc", do_alloc}, /* [:resize:incomplete:no-stack] ADDRESS SIZE FRAME ... */
	{"free", do_free},   /* [:resize] ADDRESS */
	{"undo", do_undo},
	{"track", do_track},	 /* [:reserved:commit] ADDRESS SIZE DOMAIN FRAME ... */
	{"untrack", do_untrack}, /* ADDRESS DOMAIN */
	{"unmap", do_unmap},	 /* [:resize:reserved] ADDRESS SIZE */
	{"clear", do_clear},	 /* [:stop] */
	{"start", do_value},	 /* LIMIT */
	{"reset-peak", do_reset_peak},
	{"time", do_time}, /* SECONDS */
	{"at-mark", do_value},
	{"modules", do_value},
	{"depth", do_value},
	{"fork", do_value},
	{"many", do_many},	   /* COUNT ADDRESS STEP SIZE FRAME ... */
	{"manyfree", do_manyfree}, /* COUNT ADDRESS STEP */
	{"chunk", streams_write},
	{"version", do_version},
	{"no-closing", do_no_closing},
	{"kill", do_kill}, /* events since the last `chunk` are in the journal alone */
	{"torn", do_torn}, /* BYTES of a chunk of the first of them are in the file as well */
	{"live-loss", do_live_loss}, /* REASON EVENTS, that the journal tells of */
	{"cut", do_cut},	     /* BYTES off the end of the file */
	{"flip", do_flip},	     /* CHUNK: one byte of its payload is wrong */
};

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		char digits[3] = {0};

		if (text[0] == '\\' && text[1] == 's') {
			*to++ = ' ';
			text++;
		} else if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
			memcpy(digits, text + 2, 2);
			*to++ = (char)strtoul(digits, NULL, 16);
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void line_run(char *line)
{
	char *save = NULL;

	t.n = 0;
	line[strcspn(line, "#\n")] = '\0';
	for (char *token = strtok_r(line, " \t", &save); token;
	     token = strtok_r(NULL, " \t", &save)) {
		if (t.n == TOKENS_MOST)
			fail("too many words");
		unescape(token);
		t.tokens[t.n++] = token;
	}
	if (!t.n)
		return;
	size_t length = strcspn(t.tokens[0], ":");

	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
		if (strlen(directives[i].name) == length &&
		    memcmp(directives[i].name, t.tokens[0], length) == 0) {
			directives[i].run();
			return;
		}
	}
	fail("no directive '%s'", t.tokens[0]);
}

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
	uint8_t header[TMZ_FILE_HEADER_SIZE] = {0};
	char *line = NULL;
	size_t size = 0;

	char live[4096];

	t.path = argc > 1 ? argv[1] : "";
	snprintf(live, sizeof live, "%s" JOURNAL_SUFFIX, argc > 2 ? argv[2] : "");
	t.live = live;
	t.out = in ? fopen(argv[2], "w+") : NULL;
	if (!t.out)
		fail("usage: make_trace DESCRIPTION OUT.tmz");
	fwrite(header, 1, sizeof header, t.out);
	while (getline(&line, &size, in) >= 0) {
		t.line++;
		line_run(line);
	}
	finish();
	return 0;
}
