// SPDX-License-Identifier: MIT
/*
 * Names of threads.
 */
#include "thread_name.h"

#include <string.h>
#include <sys/prctl.h>

#include "common/bytes.h"
#include "sys.h"
#include "writer.h"

static void read_other(uint32_t tid, char name[THREAD_NAME_SIZE])
{
	char path[] = "/proc/self/task/..........\0comm", *at = path + strlen("/proc/self/task/");
	char digits[10];
	int fd, n = 0;

	for (uint32_t rest = tid; rest || !n; rest /= 10)
		digits[n++] = (char)('0' + rest % 10);
	while (n)
		*at++ = digits[--n];
	memcpy(at, "/comm", sizeof "/comm");
	fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return;
	long size = sys_read(fd, name, THREAD_NAME_SIZE);

	if (size > 0 && name[size - 1] == '\n')
		name[size - 1] = '\0';
	sys_close(fd);
}

void thread_name_read(uint32_t tid, char name[THREAD_NAME_SIZE])
{
	memset(name, 0, THREAD_NAME_SIZE);
	if (tid == (uint32_t)sys_gettid())
		sys_prctl(PR_GET_NAME, (long)name);
	else
		read_other(tid, name);
}

void thread_name_record_own(uint32_t number)
{
	uint32_t tid = (uint32_t)sys_gettid();
	char name[THREAD_NAME_SIZE];

	thread_name_read(tid, name);
	thread_name_record(number, tid, name);
}

void thread_name_record(uint32_t number, uint32_t tid, const char name[THREAD_NAME_SIZE])
{
	uint8_t record[64];
	struct put p = put_into(record, sizeof record);

	put_varint(&p, number);
	put_varint(&p, tid);
	put_string(&p, name, strnlen(name, THREAD_NAME_SIZE));
	writer_chunk(CHUNK_THREADS, 1, record, (size_t)(p.at - record));
}
