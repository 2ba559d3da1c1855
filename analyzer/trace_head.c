// SPDX-License-Identifier: MIT
/*
 * The recorder writes the process chunk first: what is behind it is not looked at.
 */
#include "trace_head.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "file_identity.h"
#include "fork_position.h"
#include "process_name.h"
#include "trace_private.h"

#define CHUNKS_MOST 8	      /* that may stand before it */
#define HEAD_MOST (64u << 10) /* bytes that are searched when the first chunk is damaged */

/* Where the process chunk ends. */
static uint64_t head_size(const struct source *source)
{
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];
	struct chunk_header header;
	uint64_t offset = TMZ_FILE_HEADER_SIZE;

	for (int i = 0; i < CHUNKS_MOST; i++) {
		if (source_read(source, offset, bytes, sizeof bytes) < sizeof bytes ||
		    !chunk_header_get(bytes, &header))
			break;
		offset += sizeof bytes + header.stored_size;
		if (header.kind == CHUNK_PROCESS)
			return offset;
	}
	return HEAD_MOST;
}

void trace_head_of(struct trace_head *head, const struct trace *trace)
{
	*head = (struct trace_head){
		.boot_id = xstrdup(trace->inner->boot_id),
		.pid = trace->process.pid,
		.start_ticks = trace->inner->start_ticks,
		.time_ns = trace->process.time_ns,
		.snapshot = trace->process.snapshot,
		.process = process_name(&trace->process, trace->path),
		.identity = trace->inner->identity,
		.parent = trace->inner->parent.identity,
	};
	if (fork_position_is_valid(&trace->inner->parent))
		fork_position_weigh(&trace->inner->parent, &head->forked_threads,
				    &head->forked_events);
}

int trace_head_read(struct trace_head *head, const char *path, char **message)
{
	struct source source;

	if (source_open(&source, path, message) < 0)
		return -1;
	uint64_t size = head_size(&source);

	if (source.size > size)
		source.size = size;
	struct file_identity file = file_identity_of_fd(source.fd);
	struct trace *trace = trace_open_source(&source, path, message);

	if (!trace)
		return -1;
	trace_head_of(head, trace);
	head->device = file.device;
	head->inode = file.inode;
	trace_close(trace);
	return 0;
}

void trace_head_release(struct trace_head *head)
{
	free(head->boot_id);
	free(head->process);
	*head = (struct trace_head){0};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_processes(const struct trace_head *a, const struct trace_head *b)
{
	int order = strcmp(a->boot_id, b->boot_id);

	if (!order)
		order = compare_numbers(a->pid, b->pid);
	return order ? order : compare_numbers(a->start_ticks, b->start_ticks);
}

static int compare_files(const struct trace_head *a, const struct trace_head *b)
{
	int order = compare_numbers(a->device, b->device);

	return order ? order : compare_numbers(a->inode, b->inode);
}

int trace_head_compare(const struct trace_head *a, const struct trace_head *b)
{
	int order = compare_processes(a, b);

	if (!order)
		order = compare_numbers(a->time_ns, b->time_ns);
	return order || *a->boot_id ? order : compare_files(a, b);
}

bool trace_head_same_process(const struct trace_head *a, const struct trace_head *b)
{
	return *a->boot_id && compare_processes(a, b) == 0;
}

/* Clocks of processes are coarse, counts of events within one tick exact. */
int trace_head_compare_forks(const struct trace_head *a, const struct trace_head *b)
{
	int order = compare_numbers(a->parent, b->parent);

	if (order || !a->parent)
		return order;
	order = compare_numbers(a->forked_threads, b->forked_threads);
	if (!order)
		order = compare_numbers(a->start_ticks, b->start_ticks);
	return order ? order : compare_numbers(a->forked_events, b->forked_events);
}
