// SPDX-License-Identifier: MIT
/*
 * How fast a trace is read and replayed, without symbols, stage by stage:
 *
 *     replay_speed [-n ROUNDS] FILE...
 *
 * Each stage does all that the ones before it do. Each is run ROUNDS times in a process of its own;
 * the smallest CPU time counts. "JSON" as the first argument: one object a line for scripts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/die.h"
#include "analyzer/frames.h"
#include "analyzer/merge.h"
#include "analyzer/replay.h"
#include "analyzer/trace_private.h"

struct sample {
	uint64_t events;
	double cpu, wall;
	long peak_kib;
};

static struct trace *open_trace(const char *path)
{
	char *message;
	struct trace *trace = trace_open(path, &message);

	if (!trace)
		die("%s", message);
	return trace;
}

/* Finds the chunks, checks them and reads the small ones. */
static uint64_t run_open(struct trace *trace)
{
	uint64_t events = 0;
	const struct reader *reader = &trace->inner->reader;

	for (size_t i = 0; i < reader->n_chunks; i++)
		if (reader->chunks[i].header.kind == CHUNK_EVENTS)
			events += reader->chunks[i].header.count;
	return events;
}

static uint64_t run_unpack(struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	size_t size;

	for (size_t i = 0; i < reader->n_chunks; i++)
		if (reader->chunks[i].header.kind == CHUNK_EVENTS)
			reader_payload(reader, &reader->chunks[i], &size);
	return run_open(trace);
}

static uint64_t run_decode(struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	size_t n;

	for (size_t i = 0; i < reader->n_chunks; i++)
		if (reader->chunks[i].header.kind == CHUNK_EVENTS)
			free(reader_words(reader, &reader->chunks[i], &n));
	return run_open(trace);
}

static enum merge_answer take(void *arg, struct stream *stream, enum merge_try attempt,
			      uint64_t below)
{
	(void)attempt;
	do {
		if (event_fields(stream->head->kind) & FIELD_STACK)
			stream_unfold(stream);
		stream_step(stream);
		++*(uint64_t *)arg;
	} while (stream_loaded(stream) && stream->key < below);
	return MERGE_TAKEN;
}

/* In order and with their stacks, but nothing is made of them. */
static uint64_t run_merge(struct trace *trace)
{
	struct streams streams;
	uint64_t events = 0;

	streams_init(&streams, trace);
	stacks_unpack(&trace->inner->stacks);
	merge_run(&streams, merge_window(trace), take, &events);
	streams_release(&streams);
	return events;
}

static uint64_t run_replay(struct trace *trace)
{
	struct frames *frames = frames_new();
	struct moment moment;
	struct snapshot *snapshot;
	struct replay_totals totals;
	char *message;

	moment_parse("peak", &moment);
	if (replay(trace, &moment, 1, frames, NULL, &snapshot, &totals, NULL, NULL, &message) < 0)
		die("%s", message);
	snapshot_free(snapshot);
	frames_free(frames);
	return totals.allocations + totals.frees;
}

static const struct stage {
	const char *name;
	uint64_t (*run)(struct trace *trace);
} stages[] = {
	{"open", run_open},   {"unpack", run_unpack}, {"decode", run_decode},
	{"merge", run_merge}, {"replay", run_replay},
};
#define STAGES (sizeof stages / sizeof *stages)

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct sample run_once(const struct stage *stage, const char *path)
{
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
	struct trace *trace = open_trace(path);
	struct sample sample = {.events = stage->run(trace)};

	trace_close(trace);
	sample.cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	sample.wall = seconds(CLOCK_MONOTONIC) - wall;
	return sample;
}

/* In a child, whose peak memory is that of this stage alone. */
static struct sample run_apart(const struct stage *stage, const char *path)
{
	struct sample sample = {0};
	struct rusage usage;
	int pipes[2], status;
	pid_t child;

	if (pipe(pipes) < 0 || (child = fork()) < 0)
		die("cannot start a process:");
	if (!child) {
		sample = run_once(stage, path);
		_exit(write(pipes[1], &sample, sizeof sample) != sizeof sample);
	}
	close(pipes[1]);
	if (read(pipes[0], &sample, sizeof sample) != sizeof sample ||
	    wait4(child, &status, 0, &usage) < 0 || status)
		die("%s: the stage '%s' failed", path, stage->name);
	close(pipes[0]);
	sample.peak_kib = usage.ru_maxrss;
	return sample;
}

static void print_sample(const char *path, const struct stage *stage, const struct sample *best,
			 uint64_t events, bool json)
{
	double million = (double)events / 1e6;

	if (json)
		printf("{\"file\": \"%s\", \"stage\": \"%s\", \"events\": %llu, \"cpu_s\": %.6f, "
		       "\"wall_s\": %.6f, \"peak_kib\": %ld}\n",
		       path, stage->name, (unsigned long long)events, best->cpu, best->wall,
		       best->peak_kib);
	else
		printf("  %-8s %8.1f ns/event %8.1f million/s and core %8.1f million/s %8.1f MiB\n",
		       stage->name, best->cpu * 1e3 / million, million / best->cpu,
		       million / best->wall, (double)best->peak_kib / 1024);
}

static void measure(const char *path, unsigned rounds, bool json)
{
	struct sample best[STAGES];

	for (unsigned round = 0; round < rounds; round++)
		for (size_t i = 0; i < STAGES; i++) {
			struct sample sample = run_apart(&stages[i], path);
			double wall = round ? best[i].wall : sample.wall;

			if (!round || sample.cpu < best[i].cpu)
				best[i] = sample;
			best[i].wall = sample.wall < wall ? sample.wall : wall;
		}
	/* Allocations and frees: only the replay knows them. */
	uint64_t events = best[STAGES - 1].events;

	if (!json)
		printf("%s: %.2f million allocations and frees\n", path, (double)events / 1e6);
	for (size_t i = 0; i < STAGES; i++)
		print_sample(path, &stages[i], &best[i], events, json);
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], "JSON") == 0;
	unsigned rounds = 5;
	int at = 1 + json;

	if (at + 1 < argc && strcmp(argv[at], "-n") == 0) {
		rounds = (unsigned)strtoul(argv[at + 1], NULL, 10);
		at += 2;
	}
	if (at >= argc || !rounds)
		die("usage: replay_speed [JSON] [-n ROUNDS] FILE...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (; at < argc; at++)
		measure(argv[at], rounds, json);
	return 0;
}
