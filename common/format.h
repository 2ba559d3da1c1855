// SPDX-License-Identifier: MIT
/*
 * The container of a .tmz file: file header, chunk headers and the tags of the records inside.
 *
 * A file is a 32-byte file header and then chunks, each a 64-byte chunk header and `stored_size`
 * bytes, one zstd frame (or the bytes themselves where STORED_RAW is set). man/tmz.5 is the
 * specification; this header only names its numbers.
 */
#ifndef COMMON_FORMAT_H
#define COMMON_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TMZ_VERSION 1
#define TMZ_FILE_HEADER_SIZE 32
#define TMZ_CHUNK_HEADER_SIZE 64
#define TMZ_CHUNK_MAGIC 0x435a4d54u /* "TMZC" */

/* Bounds that a reader holds every chunk to before it allocates anything. */
#define TMZ_BLOCK_WORDS_MAX (1u << 21) /* raw words of one events chunk */
#define TMZ_PAYLOAD_MAX (64u << 20)    /* bytes of a chunk once decompressed */
#define TMZ_PERF_MAP_MAX (64u << 20) /* bytes of perf maps in a trace; what is beyond is left out */

/* A JIT compiler names its code in "/tmp/perf-PID.map"; PID as the process itself sees it. */
#define PERF_MAP_PREFIX "/tmp/perf-"
#define PERF_MAP_SUFFIX ".map"
#define PERF_MAP_TICK_NS 10000000u /* file times may lag behind the clock by a tick */

extern const uint8_t tmz_magic[8];

enum chunk_kind {
	CHUNK_PROCESS = 1, /* tagged fields, enum process_tag */
	CHUNK_MODULES,	   /* enum module_record, see modules records in tmz(5) */
	CHUNK_THREADS,	   /* number, tid, name */
	CHUNK_EVENTS,	   /* columns of codec.h */
	CHUNK_MARKS,	   /* number, name */
	CHUNK_RESOURCES,   /* time, resident bytes, largest resident bytes */
	CHUNK_NAMES,	   /* strings, then frames: names, files and lines of look-up addresses */
	CHUNK_LOSSES,	   /* thread, reason, events lost */
	CHUNK_RAW_BLOCK,   /* struct journal_slot, changed in place by the program */
	CHUNK_CLOSING,	   /* totals */
	CHUNK_CHECKS,	/* of the check mode: counts so far, then differences between two walks */
	CHUNK_PERF_MAP, /* size of the file, offset, and text of it: names of generated code */
	CHUNK_DOMAINS,	/* domain, name */
	CHUNK_KIND_END
};

enum chunk_flag {
	CHUNK_STORED = 1,  /* the payload is not compressed */
	CHUNK_STAMPED = 2, /* events: the stream is already stamped at the first event */
};

struct file_header {
	uint32_t version;
	uint32_t flags;	   /* none yet, 0 */
	uint64_t identity; /* of this recording alone; the journal carries the same */
};

/* Field widths are those of the file; see tmz(5) for the layout. */
struct chunk_header {
	uint8_t kind;
	uint8_t flags;	   /* enum chunk_flag */
	uint32_t thread;   /* whose stream; 0 = of the process (events: the shared late stream) */
	uint32_t serial;   /* events: position in the stream of the thread, from 0, no gaps */
	uint32_t count;	   /* events or records */
	uint32_t raw_size; /* bytes of the payload when decompressed */
	uint32_t stored_size; /* bytes in the file */
	uint32_t checksum;    /* of the stored bytes; 0 and unchecked for CHUNK_RAW_BLOCK */
	uint64_t first_stamp; /* 0 when not stamped */
	uint64_t last_stamp;
	uint64_t time_ns; /* since recording began, when the chunk was written */
};

/* Fields of the process chunk: varint tag, varint size, bytes. Unknown ones are kept, not judged. */
enum process_tag {
	PROCESS_BOOT_ID = 1, /* text */
	PROCESS_PID,	     /* varint, as are all numbers here */
	PROCESS_PARENT_PID,
	PROCESS_START_TICKS, /* start time of the process, clock ticks since boot: /proc/PID/stat */
	PROCESS_EXECUTABLE,  /* path */
	PROCESS_COMMAND,     /* arguments, each ended by a NUL */
	PROCESS_CWD,
	PROCESS_HOST,
	PROCESS_TIME,	     /* nanoseconds since the epoch when recording began */
	PROCESS_CLOCK,	     /* enum process_clock */
	PROCESS_STAMP_START, /* stamp when recording began */
	PROCESS_NFRAME,	     /* most recent frames that count; absent = all */
	PROCESS_KILL_SAFE,   /* 1 when blocks survive SIGKILL */
	PROCESS_RECORDER,    /* text: "tmtrace 0.1.0" */
	PROCESS_SNAPSHOT,    /* text: this file is a snapshot, not a recording; says of what */
	PROCESS_UTC_OFFSET,  /* seconds east of UTC, zigzag */
	PROCESS_MODULE_MAIN, /* id of the module of the main program */
	PROCESS_DURATION,    /* nanoseconds, in snapshots */
	/* Only in a forked child whose parent had a trace: what it inherited is in that. */
	PROCESS_PARENT_IDENTITY, /* of that trace, see struct file_header */
	PROCESS_PARENT_TRACE,	 /* its path */
	PROCESS_FORKED_AT,	 /* how much of its streams is from before the fork, see tmz(5) */
};

enum process_clock {
	CLOCK_TSC = 1, /* stamps are floor(TSC / 64) */
	CLOCK_COUNTER, /* stamps are a counter of the process: a total order */
};

enum module_record {
	MODULE_LOADED = 1, /* id, generation, bias, path, build id, ranges */
	MODULE_GONE,	   /* id, generation from which it is no longer there */
};

/* Why events were lost; 0 events are a number that nobody knows. */
enum loss_reason {
	LOSS_WRITE = 1,	 /* a block could not be written */
	LOSS_MEMORY,	 /* no memory for a block or a thread */
	LOSS_SIDE_ARRAY, /* too many events inside one hook */
	LOSS_VFORK,
	LOSS_DAMAGE, /* it was recorded, and a part of the file damaged later */
	LOSS_REASON_END
};

/* Closing chunk: varints in this order. */
struct closing {
	uint64_t allocations, frees, allocated_bytes; /* that the process recorded so far */
	uint64_t lost_events;
	uint64_t duration_ns;
	uint64_t threads;
	uint64_t ended_by; /* enum ended_by */
};

enum ended_by {
	ENDED_BY_EXIT = 1,
	ENDED_BY_UNDERSCORE_EXIT,
	ENDED_BY_EXEC,
	ENDED_BY_STOP,
	ENDED_BY_KILL, /* or a crash: tmtrace recover wrote the end */
	ENDED_BY_END
};

void file_header_put(const struct file_header *header, uint8_t bytes[TMZ_FILE_HEADER_SIZE]);

enum file_header_result { FILE_HEADER_OK, FILE_HEADER_FOREIGN, FILE_HEADER_DAMAGED };
/* A version other than TMZ_VERSION is OK here; the caller compares and refuses. */
enum file_header_result file_header_get(const uint8_t bytes[TMZ_FILE_HEADER_SIZE],
					struct file_header *header);

void chunk_header_put(const struct chunk_header *header, uint8_t bytes[TMZ_CHUNK_HEADER_SIZE]);
/* False if the magic, the header's own checksum or a bound is wrong. */
bool chunk_header_get(const uint8_t bytes[TMZ_CHUNK_HEADER_SIZE], struct chunk_header *header);

/* Closing chunk payload; put returns its size, at most CLOSING_SIZE_MAX. */
#define CLOSING_SIZE_MAX 80
size_t closing_put(const struct closing *closing, uint8_t bytes[CLOSING_SIZE_MAX]);
bool closing_get(const uint8_t *bytes, size_t size, struct closing *closing);

#endif
