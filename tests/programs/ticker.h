// SPDX-License-Identifier: MIT
/*
 * A timer that goes off all the time, mostly inside whatever the program does most, and the handler of
 * its signal. For programs of C and of C++.
 */
#ifndef TESTS_PROGRAMS_TICKER_H
#define TESTS_PROGRAMS_TICKER_H

#include <signal.h>
#include <string.h>
#include <time.h>

/* It does not go off yet. For the caller to delete with timer_delete. */
static inline timer_t ticker_make(void (*handler)(int))
{
	struct sigaction action;
	struct sigevent event;
	timer_t timer;

	memset(&action, 0, sizeof action);
	memset(&event, 0, sizeof event);
	action.sa_handler = handler;
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	return timer;
}

/* It goes off every so many nanoseconds; with 0 no more. */
static inline void ticker_set(timer_t timer, long every_ns)
{
	struct itimerspec every;

	memset(&every, 0, sizeof every);
	every.it_value.tv_nsec = every.it_interval.tv_nsec = every_ns;
	timer_settime(timer, 0, &every, NULL);
}

#endif
