// SPDX-License-Identifier: MIT
/*
 * Anybody may put a file into /tmp, and another process may have had the number: so who owns it and
 * when it was written are looked at, as the recorder does.
 */
#include "perf_map_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "ending.h"
#include "trace_private.h"

#define PIECE_SIZE (1u << 20)

static bool is_wanted(const struct trace *trace)
{
	return (trace->ending == ENDING_RUNNING || trace->ending == ENDING_KILLED) &&
	       trace->process.pid && ending_is_here(trace);
}

static bool is_of(const struct stat *map, const struct trace *trace)
{
	const struct source *source = &trace->inner->reader.source;
	uint64_t written =
		(uint64_t)map->st_mtim.tv_sec * 1000000000u + (uint64_t)map->st_mtim.tv_nsec;
	struct stat recorded;

	return !source->bytes && fstat(source->fd, &recorded) == 0 && S_ISREG(map->st_mode) &&
	       map->st_nlink == 1 && map->st_uid == recorded.st_uid &&
	       written + PERF_MAP_TICK_NS >= trace->process.time_ns;
}

static void read_file(int fd, struct perf_map *map)
{
	char *piece = xmalloc(PIECE_SIZE);
	uint64_t offset = 0;

	while (offset <= TMZ_PERF_MAP_MAX) {
		ssize_t n = read(fd, piece, PIECE_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		perf_map_add(map, offset, piece, (size_t)n);
		offset += (size_t)n;
	}
	free(piece);
}

void perf_map_load(struct trace *trace)
{
	char path[64];
	struct stat status;
	int fd = -1;

	snprintf(path, sizeof path, PERF_MAP_PREFIX "%llu" PERF_MAP_SUFFIX,
		 (unsigned long long)trace->process.pid);
	if (is_wanted(trace))
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && is_of(&status, trace)) {
		perf_map_release(&trace->inner->perf_map);
		read_file(fd, &trace->inner->perf_map);
		trace->inner->perf_map.loaded = true;
	}
	close(fd);
}

void perf_map_save(const struct trace *trace, struct chunk_writer *writer)
{
	const struct perf_map *map = &trace->inner->perf_map;
	uint64_t file_size = map->size + map->cut;

	for (size_t at = 0; map->loaded && at < map->size;) {
		size_t left = map->size - at, n = left < PIECE_SIZE ? left : PIECE_SIZE;
		struct payload payload = {0};

		payload_varint(&payload, file_size);
		payload_varint(&payload, at);
		struct put put = payload_room(&payload, n);

		put_bytes(&put, map->text + at, n);
		payload_grown(&payload, &put);
		chunk_write(writer,
			    (struct chunk_header){.kind = CHUNK_PERF_MAP,
						  .count = 1,
						  .time_ns = trace->duration_ns},
			    payload.bytes, payload.size);
		free(payload.bytes);
		at += n;
	}
}
