// SPDX-License-Identifier: MIT
/*
 * The control area: how `tmtrace ctl` speaks with a process that has the library, through memory that
 * both map and nothing else. It tells what the process is doing and takes one request at a time.
 *
 * It lies at CONTROL_OFFSET in a page that is either the header of the journal or, where there is
 * none, a memfd named CONTROL_MEMORY. tmz(5) has it byte by byte. Each side takes what the other
 * wrote for a mere claim: whoever may write to the file may have written anything.
 */
#ifndef COMMON_CONTROL_H
#define COMMON_CONTROL_H

#include <stdint.h>

#define CONTROL_PAGE_SIZE 4096
#define CONTROL_OFFSET 1024
#define CONTROL_MEMORY "tmtrace"  /* its link in /proc/PID/fd: /memfd:tmtrace (deleted) */
#define CONTROL_MAGIC 0x43524d54u /* "TMRC", stored last */
#define CONTROL_VERSION 1u
#define CONTROL_NAME_MOST 255

enum control_mode {
	CONTROL_PAUSED = 1,
	CONTROL_RECORDING,
	CONTROL_ENDING /* the process is about to end or to exec */
};

enum control_command { CONTROL_START = 1, CONTROL_STOP, CONTROL_MARK };

/*
 * The request word is a serial and one of these. Who asks has locked the file (flock), writes the
 * other fields of the request and then ASKED with a new serial. A thread of the process makes it
 * TAKEN and, when it is answered, DONE; who asks takes it back by making it WITHDRAWN. Both do so
 * by compare-and-exchange from ASKED, so it is one of the two.
 */
enum control_state { CONTROL_NONE, CONTROL_ASKED, CONTROL_TAKEN, CONTROL_DONE, CONTROL_WITHDRAWN };

struct control {
	uint32_t magic, version;
	uint32_t pid;	   /* as the process knows it; of another one: its parent's page */
	uint32_t retired;  /* not 0: nobody looks here any more, there is another page or none */
	uint64_t identity; /* of the trace, 0 = none */
	uint64_t since_ns; /* since the epoch: it is in that mode */
	uint64_t limit;	   /* of frames, 0 = all: now, or of the next start that names none */
	uint32_t mode;	   /* enum control_mode */
	uint32_t reserved;
	uint64_t written, lost; /* events in the trace's file, and lost, as of the last block */

	uint64_t request;     /* control_word */
	uint64_t asked_ns;    /* since the epoch */
	uint64_t argument;    /* START: limit of frames, CONTROL_AS_BEFORE: the one above */
	uint32_t command;     /* enum control_command */
	uint32_t name_size;   /* MARK */
	int32_t result;	      /* of a request that is DONE: 0 or -errno */
	uint32_t nothing_new; /* of it: not 0 if it was so already */
	char name[CONTROL_NAME_MOST + 1];
};

_Static_assert(sizeof(struct control) == 360, "as man/tmz.5 has it");

#define CONTROL_AS_BEFORE UINT64_MAX

static inline uint64_t control_word(uint32_t serial, enum control_state state)
{
	return (uint64_t)serial << 32 | (uint32_t)state;
}

static inline uint32_t control_serial(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

static inline uint32_t control_state(uint64_t word)
{
	return (uint32_t)word;
}

#endif
