// SPDX-License-Identifier: MIT
/*
 * Pages stay mapped for good, as another thread may be about to look at them; what changes is which
 * one counts. A page of its own costs a descriptor, by which it is found, and lasts only while there
 * is no journal: the library keeps one descriptor then as it does otherwise.
 */
#include "remote.h"

#include <limits.h>
#include <string.h>

#define TMTRACE_LIBRARY
#include "clock.h"
#include "descriptor.h"
#include "epoch.h"
#include "journal.h"
#include "process.h"
#include "sys.h"
#include "tmtrace.h"
#include "tracing.h"
#include "writer.h"

static struct control nobody;
struct control *remote = &nobody;

static struct own_page {
	char *at; /* stays mapped, but of nothing in a forked child */
	int fd;	  /* valid while `open` */
	bool open;
	dev_t device;
	ino_t inode;
} own;

static bool has_own(void)
{
	return own.open && descriptor_is(own.fd, own.device, own.inode);
}

static void close_own(void)
{
	if (has_own())
		sys_close(own.fd);
	own.open = false;
}

/* Of one size for good, so that no store into it can fail; at the place of the one before. */
static bool set_up(int fd)
{
	struct stat status;
	char *at;

	if (!sys_within_file_limit(CONTROL_PAGE_SIZE) || sys_ftruncate(fd, CONTROL_PAGE_SIZE) < 0 ||
	    sys_fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ||
	    sys_fstat(fd, &status) < 0)
		return false;
	at = sys_mmap(own.at, CONTROL_PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | (own.at ? MAP_FIXED : 0), fd, 0);
	if (!at)
		return false;
	own = (struct own_page){
		.at = at, .fd = fd, .open = true, .device = status.st_dev, .inode = status.st_ino};
	return true;
}

static struct control *open_own(void)
{
	if (!has_own()) {
		bool high;
		int fd = descriptor_move_high(sys_memfd(CONTROL_MEMORY), &high);

		own.open = false;
		if (fd < 0)
			return NULL;
		if (!high || !set_up(fd)) {
			sys_close(fd);
			return NULL;
		}
	}
	return (struct control *)(void *)(own.at + CONTROL_OFFSET);
}

void remote_tell(void)
{
	int now = epoch->mode; /* wiped: a forked child that is about to have another */
	uint32_t mode = mode_is_recording(now)			  ? CONTROL_RECORDING
			: now == MODE_PAUSED || now == MODE_WIPED ? CONTROL_PAUSED
								  : CONTROL_ENDING;

	remote->limit = recording.limit;
	if (remote->mode == mode)
		return;
	remote->since_ns = clock_realtime();
	remote->mode = mode;
}

/* The writer's lock: no thread may put a count there that another one has gone beyond. */
void remote_count(void)
{
	struct lock_held held = lock_take(&epoch->writer);

	remote->written = writer_written_events();
	remote->lost = writer_lost_events();
	lock_give(&held);
}

void remote_settle(uint64_t identity)
{
	struct control *before = remote, *page = journal_control();
	bool own_page = !page;

	if (own_page)
		page = open_own();
	if (!page)
		return;
	page->identity = identity;
	page->pid = (uint32_t)sys_getpid();
	page->version = CONTROL_VERSION;
	__atomic_store_n(&remote, page, __ATOMIC_RELEASE);
	remote_tell();
	remote_count();
	__atomic_store_n(&page->magic, CONTROL_MAGIC, __ATOMIC_RELEASE);
	if (before != page)
		__atomic_store_n(&before->retired, 1, __ATOMIC_RELEASE);
	if (!own_page)
		close_own();
}

void remote_forked(void)
{
	remote = &nobody;
	if (!own.at)
		return;
	close_own();
	if (!sys_mmap(own.at, CONTROL_PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0))
		own.at = NULL;
}

/*
 * errno-style. What stands in the page is read once, since it may change between a check and a use,
 * and checked by who does it.
 */
static int obey(struct control *page, uintptr_t frame)
{
	char name[CONTROL_NAME_MOST + 1];
	uint32_t command = __atomic_load_n(&page->command, __ATOMIC_RELAXED);
	uint64_t limit = __atomic_load_n(&page->argument, __ATOMIC_RELAXED);
	uint32_t size = __atomic_load_n(&page->name_size, __ATOMIC_RELAXED);

	switch (command) {
	case CONTROL_START:
		page->nothing_new = process_is_recording();
		if (limit == CONTROL_AS_BEFORE)
			return tracing_start(recording.limit, false, frame);
		return limit <= UINT_MAX ? -tmtrace_start((unsigned)limit) : -EINVAL;
	case CONTROL_STOP:
		page->nothing_new = !process_is_recording();
		return tracing_stop(frame);
	case CONTROL_MARK:
		page->nothing_new = 0;
		if (size > CONTROL_NAME_MOST)
			return -EINVAL;
		memcpy(name, page->name, size);
		name[size] = '\0';
		return -tmtrace_take_snapshot(name);
	default:
		return -ENOSYS;
	}
}

/* The command has made a trace, whose journal is the page now: there, too, it is the last command. */
static void hand_over(const struct control *from, uint64_t taken)
{
	uint64_t none = 0;

	if (from == remote || !__atomic_compare_exchange_n(&remote->request, &none, taken, false,
							   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	memcpy(&remote->asked_ns, &from->asked_ns,
	       sizeof *from - offsetof(struct control, asked_ns));
	__atomic_store_n(&remote->request, control_word(control_serial(taken), CONTROL_DONE),
			 __ATOMIC_RELEASE);
}

void remote_answer(uintptr_t frame)
{
	struct control *page = remote;
	uint64_t asked = __atomic_load_n(&page->request, __ATOMIC_ACQUIRE), signals;
	uint64_t taken = control_word(control_serial(asked), CONTROL_TAKEN);

	/* A vfork child shares the page and cannot do anything for its parent. */
	if (control_state(asked) != CONTROL_ASKED || process_is_vfork_child())
		return;
	/* No handler may leave in between: nobody else would answer. */
	sys_block_signals(&signals);
	if (__atomic_compare_exchange_n(&page->request, &asked, taken, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED)) {
		page->result = obey(page, frame);
		hand_over(page, taken);
		__atomic_store_n(&page->request, control_word(control_serial(taken), CONTROL_DONE),
				 __ATOMIC_RELEASE);
	}
	sys_restore_signals(&signals);
}
