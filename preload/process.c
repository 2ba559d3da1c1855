// SPDX-License-Identifier: MIT
/*
 * What decides whether this process records, and the order in which the parts start and end.
 */
#include "process.h"

#include <string.h>
#include <sys/auxv.h>

#include "busy.h"
#include "clock.h"
#include "config.h"
#include "descriptor.h"
#include "epoch.h"
#include "flush.h"
#include "identity.h"
#include "journal.h"
#include "labels.h"
#include "live_table.h"
#include "memory.h"
#include "modules.h"
#include "operators.h"
#include "perf_map_copy.h"
#include "real.h"
#include "record.h"
#include "remote.h"
#include "stack_check.h"
#include "thread.h"
#include "totals.h"
#include "trace_file.h"
#include "writer.h"

#define LATE_WORDS 1000 /* of the raw block at the end of every trace: 8 KiB with its header */
#define PAGE_SIZE 4096

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

static struct config config;
static int pid; /* of the process that records here; another one is a vfork child */
static bool late_mapped;
static bool told_kept;		    /* the trace says that blocks outlive the process */
static struct identity identity;    /* of the process that records here */
static bool ends_for_good;	    /* exit or _exit was called: a failing exec no longer matters */
static struct stat stderr_at_start; /* what descriptor 2 was: the last line goes nowhere else */

struct recording recording;

/* Also where a raw clone left the memory in place: then mode is set and nobody gets here. */
static struct epoch_page *make_epoch_page(void)
{
	struct epoch_page *page = memory_map(PAGE_SIZE);

	if (page && sys_madvise(page, PAGE_SIZE, MADV_WIPEONFORK) < 0) {
		memory_unmap(page, PAGE_SIZE);
		page = NULL;
	}
	return page;
}

/* Children say nothing. `path` is what could not be made, or "". */
static void say_untraced(const char *path, int error)
{
	static struct line message;

	if (identity_is_child())
		return;
	line_clear(&message);
	line_add(&message, path);
	line_add(&message, *path ? ": " : "");
	line_add_error(&message, error);
	line_add(&message, "; the program runs untraced");
	line_say(&message);
}

void process_tell_kept(void)
{
	static const uint8_t fields[] = {PROCESS_KILL_SAFE, 1, 0};

	if (!told_kept || blocks_are_kept())
		return;
	told_kept = !writer_chunk(CHUNK_PROCESS, 1, fields, sizeof fields);
}

/* The file under the name that the configuration gives it, which is in `path` then. 0 or -errno. */
static int create_file(bool quiet, struct line *path)
{
	line_clear(path);
	if (!quiet && config.run_pid == pid && trace_file_adopt(config.run_path) == 0) {
		line_add(path, config.run_path);
		return 0;
	}
	if (!config_path(&config, identity.program, identity.host, pid, path))
		return -ENAMETOOLONG;
	return trace_file_create(path);
}

static int begin_file(void)
{
	const uint8_t *fields;
	size_t size;
	int error;

	journal_create(trace_file_path(), identity.hash);
	told_kept = journal_is_open();
	fields = identity_fields(&identity, recording.limit, told_kept, &size);
	error = writer_start(&trace_file_sink, identity.hash, fields, size);
	if (error < 0)
		return error;
	modules_new_trace();
	return thread_new_trace() ? 0 : -ENOMEM;
}

/* A loss of a number of events that nobody knows. */
static void tell_missed(void)
{
	static const uint8_t record[] = {0, LOSS_MEMORY, 0, 0};

	if (operators_are_missed())
		writer_chunk(CHUNK_LOSSES, 1, record, sizeof record);
}

/* `quiet`: a failure is not said, and no file that `tmtrace run` made is taken. 0 or -errno, and then nothing is left. */
static int open_trace(bool quiet)
{
	static struct line path; /* static: a forked child may be on a small stack */
	int error;

	clock_start();
	identity_read(&identity, pid);
	error = create_file(quiet, &path);
	if (error == 0) {
		error = begin_file();
		if (error < 0) {
			journal_remove();
			trace_file_remove();
		}
	}
	if (error < 0) {
		if (!quiet)
			say_untraced(path.text, error);
		return error;
	}
	recording.has_trace = true;
	recording.closed = false;
	labels_new_trace();
	process_tell_kept();
	tell_missed();
	remote_settle(identity.hash);
	return 0;
}

int process_open_trace(uint64_t limit)
{
	if (recording.has_trace)
		return 0;
	recording.limit = limit;
	return open_trace(true);
}

bool process_is_recording(void)
{
	int mode = epoch->mode;

	if (mode == MODE_WIPED)
		return recording.started && recording.wanted && config.children;
	return mode_takes_events(mode);
}

void process_start(char **environment)
{
	struct line error;
	struct epoch_page *page;

	real_find();
	if (getauxval(AT_SECURE)) {
		epoch->mode = MODE_OFF;
		return;
	}
	bool valid = config_read(&config, environment, &error);

	if (config.run_pid == sys_getpid() && (!valid || !config.start))
		trace_file_discard(config.run_path);
	if (!valid) {
		line_say(&error);
		sys_exit_group(2);
	}
	epoch->mode = MODE_OFF;
	if (config.is_untraced_child)
		return;
	if (config.check_stacks && !stack_check_start(&error)) {
		line_say(&error);
		sys_exit_group(2);
	}
	if (!config.children)
		config_mark_children(environment);
	page = make_epoch_page();
	pid = sys_getpid();
	sys_fstat(2, &stderr_at_start);
	identity_start();
	if (!page) {
		if (config.run_pid == pid)
			trace_file_discard(config.run_path);
		if (config.start)
			say_untraced("", -ENOMEM);
		return;
	}
	epoch = page;
	thread_start();
	recording = (struct recording){.started = true,
				       .wanted = config.start,
				       .limit = config.nframe,
				       .live = config.live,
				       .live_always = config.live};
	epoch->mode = MODE_PAUSED;
	operators_take();
	if (config.start && open_trace(false) == 0) {
		epoch->mode = process_recording_mode();
		remote_tell();
	} else {
		remote_settle(0);
	}
}

void process_wiped(void)
{
	struct hook hook;

	if (!recording.started || __atomic_exchange_n(&epoch->starting, 1, __ATOMIC_ACQUIRE))
		return;
	pid = sys_getpid();
	identity_forked(recording.has_trace && recording.wanted ? &identity : NULL,
			trace_file_path());
	late_mapped = ends_for_good = false;
	recording.has_trace = recording.closed = false;
	live_forked();
	thread_detach();
	journal_forked();
	remote_forked();
	trace_file_forked();
	writer_forked();
	modules_forked();
	stack_check_forked();
	if (!config.children || !recording.wanted) {
		thread_forget();
		epoch->mode = config.children ? MODE_PAUSED : MODE_OFF;
		if (config.children)
			remote_settle(0);
		return;
	}
	if (open_trace(true) < 0) {
		epoch->mode = MODE_OFF;
		return;
	}
	epoch->mode = process_recording_mode();
	remote_tell();
	hook = thread_enter((uintptr_t)__builtin_frame_address(0));
	if (hook.thread && !hook.nested)
		record_fork(hook.thread, (uint64_t)sys_getppid());
	thread_leave(hook);
}

bool process_is_vfork_child(void)
{
	return pid && sys_getpid() != pid;
}

/* From here to the end of the process, events reach the file without anyone flushing them. */
static void map_late_block(void)
{
	size_t size = sizeof(struct journal_slot) + LATE_WORDS * sizeof(uint64_t);
	uint64_t at = writer_raw_block(LATE_WORDS);
	void *memory = at ? trace_file_map(at, size) : NULL;

	late_mapped = memory;
	if (memory) {
		flush_late_map(memory, LATE_WORDS);
		return;
	}
	memory = at ? memory_map(size) : NULL;
	late_mapped = memory;
	if (memory)
		flush_late_map_copied(memory, LATE_WORDS, at);
}

static void finish(enum ended_by how)
{
	bool paused = epoch->mode == MODE_PAUSED;
	struct closing closing = {.ended_by = paused ? ENDED_BY_STOP : how};

	epoch->mode = paused ? MODE_PAUSED : MODE_LATE;
	remote_tell();
	bool quiet = busy_quiesce();

	thread_each(flush_last);
	flush_late();
	modules_flush();
	stack_check_flush();
	perf_map_copy(pid, identity.start_ns);
	totals_sum(&closing);
	closing.duration_ns = clock_coarse();
	writer_close(&closing);
	recording.closed = true;
	if (!late_mapped && !paused)
		map_late_block();
	/*
	 * A thread that is still writing an event finishes it in the journal, where readers find it;
	 * and so does the late stream if the trace had no room for its block. There stands, too, what
	 * was lost if the trace had no room for that.
	 */
	if (quiet && !writer_has_untold() && (paused || late_mapped || !thread_late->block.kept))
		journal_remove();
}

/* Who comes second, a handler or another thread, waits until the first is through. */
void process_finish(enum ended_by how)
{
	struct lock_held held;

	if (epoch->mode == MODE_WIPED || epoch->mode == MODE_OFF || process_is_vfork_child())
		return;
	held = lock_take(&epoch->finish);
	ends_for_good = ends_for_good || how != ENDED_BY_EXEC;
	if (recording.has_trace && !recording.closed)
		finish(how);
	lock_give(&held);
}

/* The way out of the process that did not lead out of it removed the journal. */
static void reopen_journal(void)
{
	if (journal_is_open())
		return;
	journal_create(trace_file_path(), identity.hash);
	thread_reopen_blocks();
	process_tell_kept();
	remote_settle(identity.hash);
}

void process_resume(void)
{
	struct lock_held held;

	if (!recording.closed || process_is_vfork_child())
		return;
	held = lock_take(&epoch->finish);
	if (!ends_for_good && recording.closed) {
		reopen_journal();
		recording.closed = false;
		if (epoch->mode == MODE_LATE)
			epoch->mode = process_recording_mode();
		remote_tell();
	}
	lock_give(&held);
}

void process_say_where(void)
{
	static struct line message; /* static: _exit may be called on a small stack */
	uint64_t lost = writer_lost_events();
	bool wanted = config.verbose == VERBOSE_YES;

	if (!recording.closed || epoch->mode == MODE_WIPED)
		return;
	if (config.verbose == VERBOSE_AUTO)
		wanted = config.run_pid == pid || sys_is_terminal(2);
	if (!wanted || !descriptor_is(2, stderr_at_start.st_dev, stderr_at_start.st_ino))
		return;
	line_clear(&message);
	line_add_count(&message, writer_written_events());
	line_add(&message, writer_written_events() == 1 ? " event in " : " events in ");
	line_add(&message, trace_file_path());
	if (lost) {
		line_add(&message, ", ");
		line_add_count(&message, lost);
		line_add(&message, " lost");
	}
	line_say(&message);
}
