// SPDX-License-Identifier: MIT
/*
 * What is looked up together, told by a program that is removed afterwards: only what was asked for
 * before has lines.
 */
#include "tests/test.h"
#include "tests/unit/made_trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/expected.h"
#include "common/bytes.h"
#include "common/format.h"

#define BIAS 0x7f0000000000u

static uint64_t function_at;

static bool build(const char *path)
{
	char command[512];
	FILE *f;

	snprintf(command, sizeof command,
		 "echo 'int main(void) { return 0; }' >%s.c && ${CC:-cc} -g -o %s %s.c && "
		 "nm %s | sed -n 's/ T main$//p'",
		 path, path, path, path);
	f = popen(command, "r");
	bool ok = f && fscanf(f, "%lx", &function_at) == 1;

	if (f)
		pclose(f);
	return ok;
}

static void add_module(struct made *made, const char *path)
{
	uint8_t payload[1024];
	struct put p = put_into(payload, sizeof payload);

	put_varint(&p, MODULE_LOADED);
	put_varint(&p, 0);
	put_varint(&p, 0);
	put_varint(&p, BIAS);
	put_string(&p, path, strlen(path));
	put_string(&p, "", 0);
	put_varint(&p, 1);
	put_varint(&p, 1);
	put_varint(&p, BIAS);
	put_varint(&p, 0x10000);
	made_chunk(made, CHUNK_MODULES, payload, (size_t)(p.at - payload));
}

/* The name without a line that a trace has that was symbolized where there was a symbol table only. */
static void add_name(struct made *made)
{
	uint8_t payload[128];
	struct put p = put_into(payload, sizeof payload);

	put_varint(&p, 1);
	put_string(&p, "main", 4);
	put_varint(&p, 1);
	put_varint(&p, 1);
	put_zigzag(&p, (int64_t)(BIAS + function_at));
	put_varint(&p, 1);
	put_varint(&p, 0);
	put_varint(&p, 0);
	put_varint(&p, 1);
	put_varint(&p, 0);
	made_chunk(made, CHUNK_NAMES, payload, (size_t)(p.at - payload));
}

/* The line that is still known when the program is gone. */
static unsigned line_after(void (*look_up)(const struct expected *))
{
	const char *path = test_path("expected");
	struct symbols_options options = {.no_cache = true};
	struct symbols *symbols = symbols_new(&options);
	struct made made;
	bool asked[4] = {false};
	size_t n;

	if (!CHECK(build(path)))
		return 0;
	made_begin(&made);
	add_module(&made, path);
	add_name(&made);
	struct trace *trace = made_open(&made);
	struct stacks *stacks = &trace->inner->stacks;

	symbols_add_module(symbols, 0, path, NULL, 0, BIAS);
	uint32_t node = stacks_push(stacks, STACK_ROOT, BIAS + function_at, 0);

	asked[stacks_get(stacks, node, 1)] = true;
	look_up(&(struct expected){
		.trace = trace,
		.symbols = symbols,
		.stacks = asked,
		.n_stacks = stacks->n,
		.limit = UINT64_MAX,
	});
	unlink(path);
	unsigned line = symbols_find(symbols, 0, BIAS + function_at, &n)->line;

	trace_close(trace);
	symbols_free(symbols);
	made_release(&made);
	return line;
}

TEST(what_is_recorded_without_a_line_is_looked_up_with_the_rest)
{
	CHECK_EQ(line_after(expected_tracebacks), 1);
	CHECK_EQ(line_after(expected_first_frames), 1);
}
