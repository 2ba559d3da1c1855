// SPDX-License-Identifier: MIT
/*
 * Reading small files of /proc with system calls only.
 */
#include "identity.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

#include "clock.h"
#include "common/bytes.h"
#include "common/format.h"
#include "common/hash.h"
#include "line.h"
#include "memory.h"
#include "sys.h"
#include "totals.h"

#define COMMAND_MAX (64u << 10)
#define POSITION_MAX (16u << 10) /* there are at most about a thousand states of threads */
#define FIELDS_SIZE (COMMAND_MAX + 4 * PATH_MAX + POSITION_MAX)

static char program[NAME_MAX + 1]; /* "" when it has no name of its own */

/* What a forked child's trace refers to. */
static struct parent {
	uint64_t hash;
	char trace[PATH_MAX];
	uint8_t position[POSITION_MAX];
	size_t position_size; /* 0: there is none */
} parent;

/* At most `size` - 1 bytes of the file, NUL-terminated; the number read. */
static size_t read_file(const char *path, char *text, size_t size)
{
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	size_t done = 0;

	text[0] = '\0';
	if (fd < 0)
		return 0;
	while (done < size - 1) {
		long n = sys_read(fd, text + done, size - 1 - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	sys_close(fd);
	text[done] = '\0';
	return done;
}

/* Field 22 of /proc/self/stat; the name in field 2 may hold blanks and parentheses. */
static uint64_t read_start_ticks(void)
{
	static char text[1024];
	uint64_t ticks = 0;
	const char *at;

	read_file("/proc/self/stat", text, sizeof text);
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	for (; at && *at >= '0' && *at <= '9'; at++)
		ticks = ticks * 10 + (uint64_t)(*at - '0');
	return ticks;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* As execve was given it: redis-server, not what it is a link to. A descriptor has no name. */
void identity_start(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	bool named = path && strncmp(path, "/proc/", 6) != 0 && strncmp(path, "/dev/fd/", 8) != 0;
	const char *name = named ? last_component(path) : "";

	if (strlen(name) < sizeof program)
		memcpy(program, name, strlen(name) + 1);
}

void identity_read(struct identity *identity, int pid)
{
	struct utsname names = {0};
	long size = sys_readlink("/proc/self/exe", identity->executable,
				 sizeof identity->executable - 1);

	identity->pid = pid;
	identity->start_ns = clock_realtime();
	identity->executable[size > 0 ? size : 0] = '\0';
	identity->program = *program ? program : last_component(identity->executable);
	sys_uname(&names);
	memcpy(identity->host, names.nodename, sizeof identity->host);
	size = (long)read_file("/proc/sys/kernel/random/boot_id", identity->boot_id,
			       sizeof identity->boot_id);
	if (size && identity->boot_id[size - 1] == '\n')
		identity->boot_id[size - 1] = '\0';
	identity->start_ticks = read_start_ticks();
	identity->hash = hash_mix(hash_checksum(identity->boot_id, strlen(identity->boot_id)) ^
				  hash_mix((uint64_t)pid ^ identity->start_ticks << 24));
	identity->hash = hash_mix(identity->hash ^ identity->start_ns);
}

void identity_forked(const struct identity *of_parent, const char *trace)
{
	struct put p = put_into(parent.position, sizeof parent.position);

	parent.position_size = 0;
	if (!of_parent)
		return;
	parent.hash = of_parent->hash;
	memcpy(parent.trace, trace, strlen(trace) + 1);
	totals_put_position(&p);
	if (!p.bad)
		parent.position_size = (size_t)(p.at - parent.position);
}

static void put_text(struct put *p, enum process_tag tag, const char *text, size_t size)
{
	put_varint(p, tag);
	put_string(p, text, size);
}

static void put_number(struct put *p, enum process_tag tag, uint64_t number)
{
	uint8_t bytes[VARINT_MAX];
	struct put value = put_into(bytes, sizeof bytes);

	put_varint(&value, number);
	put_text(p, tag, (const char *)bytes, (size_t)(value.at - bytes));
}

static void put_parent(struct put *p)
{
	if (!parent.position_size)
		return;
	put_number(p, PROCESS_PARENT_IDENTITY, parent.hash);
	put_text(p, PROCESS_PARENT_TRACE, parent.trace, strlen(parent.trace));
	put_text(p, PROCESS_FORKED_AT, (const char *)parent.position, parent.position_size);
}

static void put_file(struct put *p, enum process_tag tag, const char *path)
{
	char *text = memory_map(COMMAND_MAX);
	size_t size;

	if (!text)
		return;
	size = read_file(path, text, COMMAND_MAX);
	put_text(p, tag, text, size);
	memory_unmap(text, COMMAND_MAX);
}

const uint8_t *identity_fields(const struct identity *identity, uint64_t nframe, bool kill_safe,
			       size_t *size)
{
	static const char recorder[] = "tmtrace " TMTRACE_VERSION;
	static uint8_t fields[FIELDS_SIZE];
	struct put p = put_into(fields, sizeof fields);
	static char cwd[PATH_MAX]; /* static: a forked child may be on a small stack */
	long cwd_size = sys_getcwd(cwd, sizeof cwd);

	put_text(&p, PROCESS_BOOT_ID, identity->boot_id, strlen(identity->boot_id));
	put_number(&p, PROCESS_PID, (uint64_t)identity->pid);
	put_number(&p, PROCESS_PARENT_PID, (uint64_t)sys_getppid());
	put_number(&p, PROCESS_START_TICKS, identity->start_ticks);
	put_text(&p, PROCESS_EXECUTABLE, identity->executable, strlen(identity->executable));
	put_file(&p, PROCESS_COMMAND, "/proc/self/cmdline");
	if (cwd_size > 1)
		put_text(&p, PROCESS_CWD, cwd, (size_t)cwd_size - 1);
	put_text(&p, PROCESS_HOST, identity->host, strlen(identity->host));
	put_number(&p, PROCESS_TIME, identity->start_ns);
	put_number(&p, PROCESS_CLOCK, clock_uses_tsc ? CLOCK_TSC : CLOCK_COUNTER);
	put_number(&p, PROCESS_STAMP_START, clock_stamp());
	if (nframe)
		put_number(&p, PROCESS_NFRAME, nframe);
	put_number(&p, PROCESS_KILL_SAFE, kill_safe);
	put_text(&p, PROCESS_RECORDER, recorder, sizeof recorder - 1);
	put_parent(&p);
	*size = (size_t)(p.at - fields);
	return fields;
}

bool identity_is_child(void)
{
	static char text[COMMAND_MAX]; /* not mapped: there may be no memory, which is to be said */
	static struct line path;
	bool found = false;
	size_t size;

	line_clear(&path);
	line_add(&path, "/proc/");
	line_add_number(&path, (uint64_t)sys_getppid());
	line_add(&path, "/environ");
	size = read_file(path.text, text, sizeof text);
	for (size_t at = 0; at < size && !found; at += strlen(text + at) + 1)
		found = strncmp(text + at, "LD_PRELOAD=", strlen("LD_PRELOAD=")) == 0 &&
			strstr(text + at, "libtmtrace.so") != NULL;
	return found;
}
