// SPDX-License-Identifier: MIT
/*
 * The protocol of common/control.h from the side that asks. The page is mapped, since who takes a
 * request and who takes it back must not both succeed; as its file may be cut off meanwhile, all of
 * this runs guarded.
 */
#include "request.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>

#include "guard.h"
#include "now.h"

#define STEP_LEAST_NS 50000u
#define STEP_MOST_NS 5000000u
#define ANSWER_NS 10000000000u /* a request that was taken may open files, and wait for threads */

struct talk {
	struct request *request;
	const struct running *running;
	struct control *page;
	uint64_t step_ns;
	enum request_end end;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

uint64_t request_now(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

/* A moment later; false when it is time to give up, which *end says how then. */
static bool wait_on(struct talk *talk, uint64_t until_ns, enum request_end at_end)
{
	bool stopped;

	if (interrupted)
		talk->end = REQUEST_INTERRUPTED;
	else if (request_now() >= until_ns)
		talk->end = at_end;
	else if (!running_is_alive(talk->running, &stopped))
		talk->end = REQUEST_GONE;
	else {
		nanosleep(&(struct timespec){.tv_nsec = (long)talk->step_ns}, NULL);
		talk->step_ns *= talk->step_ns < STEP_MOST_NS ? 2 : 1;
		return true;
	}
	return false;
}

/* Whether nobody asks beside us from now on; the lock goes with the descriptor. */
static bool lock(struct talk *talk)
{
	while (flock(talk->running->page, LOCK_EX | LOCK_NB) < 0)
		if (!wait_on(talk, talk->request->until_ns, REQUEST_BUSY))
			return false;
	return true;
}

static uint64_t word(const struct talk *talk)
{
	return __atomic_load_n(&talk->page->request, __ATOMIC_ACQUIRE);
}

static bool is_retired(const struct talk *talk)
{
	return __atomic_load_n(&talk->page->retired, __ATOMIC_ACQUIRE);
}

/* False: a thread of the process was faster. */
static bool take_back(struct talk *talk, uint64_t asked)
{
	return __atomic_compare_exchange_n(&talk->page->request, &asked,
					   control_word(control_serial(asked), CONTROL_WITHDRAWN),
					   false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* Who asked before may have been killed while it waited. */
static bool settle_old(struct talk *talk)
{
	while (true) {
		uint64_t old = word(talk);

		if (control_state(old) == CONTROL_ASKED && take_back(talk, old))
			return true;
		if (control_state(old) != CONTROL_ASKED && control_state(old) != CONTROL_TAKEN)
			return true;
		if (!wait_on(talk, talk->request->until_ns, REQUEST_BUSY))
			return false;
	}
}

static uint64_t ask(struct talk *talk)
{
	const struct request *request = talk->request;
	struct control *page = talk->page;
	uint64_t asked = control_word(control_serial(word(talk)) + 1, CONTROL_ASKED);

	page->command = request->command;
	page->argument = request->argument;
	page->name_size = request->name ? (uint32_t)strlen(request->name) : 0;
	memset(page->name, 0, sizeof page->name);
	memcpy(page->name, request->name ? request->name : "", page->name_size);
	page->asked_ns = now_ns(CLOCK_REALTIME);
	page->result = 0;
	page->nothing_new = 0;
	__atomic_store_n(&page->request, asked, __ATOMIC_RELEASE);
	return asked;
}

/* Until somebody has taken the request, or nobody may any more. */
static bool wait_for_taker(struct talk *talk, uint64_t asked)
{
	talk->step_ns = STEP_LEAST_NS;
	while (word(talk) == asked) {
		if (is_retired(talk) && take_back(talk, asked)) {
			talk->end = REQUEST_MOVED;
			return false;
		}
		if (!wait_on(talk, talk->request->until_ns, REQUEST_TAKEN_BACK) &&
		    take_back(talk, asked))
			return false;
	}
	return true;
}

static void answer(struct talk *talk, uint64_t asked)
{
	uint64_t done = control_word(control_serial(asked), CONTROL_DONE),
		 until_ns = request_now() + ANSWER_NS;

	while (word(talk) != done)
		if (!wait_on(talk, until_ns, REQUEST_UNFINISHED)) {
			talk->end = talk->end == REQUEST_GONE ? REQUEST_GONE : REQUEST_UNFINISHED;
			return;
		}
	int result = talk->page->result;

	talk->request->result = result >= 0 ? 0 : result < -4095 ? EPROTO : -result;
	talk->request->nothing_new = talk->page->nothing_new;
	talk->end = REQUEST_DONE;
}

static void converse(void *arg)
{
	struct talk *talk = arg;

	if (!lock(talk))
		return;
	if (is_retired(talk)) {
		talk->end = REQUEST_MOVED;
		return;
	}
	if (!settle_old(talk))
		return;
	uint64_t asked = ask(talk);

	if (wait_for_taker(talk, asked))
		answer(talk, asked);
}

enum request_end request_make(struct request *request, const struct running *running)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before[sizeof signals / sizeof *signals],
		action = {.sa_handler = interrupt};
	struct talk talk = {.request = request,
			    .running = running,
			    .step_ns = STEP_LEAST_NS,
			    .end = REQUEST_MOVED};
	struct guard guard = {0};
	char *at =
		mmap(NULL, CONTROL_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, running->page, 0);

	if (at == MAP_FAILED)
		return REQUEST_MOVED;
	talk.page = (struct control *)(void *)(at + CONTROL_OFFSET);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, &before[i]);
	guard_on();
	if (guard_run(&guard, converse, &talk) != GUARD_DONE)
		talk.end = REQUEST_MOVED;
	guard_off();
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &before[i], NULL);
	munmap(at, CONTROL_PAGE_SIZE);
	return talk.end;
}
