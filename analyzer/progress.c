// SPDX-License-Identifier: MIT
/*
 * The progress line. It never wraps: it is shorter than any terminal.
 */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "now.h"

#define PATIENCE_NS 1000000000u /* nobody waits for less */
#define PERIOD_NS 200000000u

void progress_begin(struct progress *progress)
{
	*progress = (struct progress){.wanted = isatty(STDERR_FILENO)};
	if (progress->wanted)
		progress->begin_ns = progress->last_ns = now_ns(CLOCK_MONOTONIC);
}

/* Sets the time of now; false when nothing is to be shown at it. */
static bool is_time(const struct progress *progress, uint64_t *time)
{
	*time = progress->wanted ? now_ns(CLOCK_MONOTONIC) : 0;
	return progress->wanted && *time - progress->begin_ns >= PATIENCE_NS &&
	       *time - progress->last_ns >= PERIOD_NS;
}

static void show(struct progress *progress, const char *text, uint64_t time)
{
	fprintf(stderr, "\r%s \033[K", text);
	fflush(stderr);
	progress->last_ns = time;
	progress->shown = true;
}

void progress_show(void *arg, uint64_t events, double share)
{
	struct progress *progress = arg;
	uint64_t time;
	char text[80];

	if (!is_time(progress, &time))
		return;
	double rate = (double)events * 1000 / (double)(time - progress->begin_ns);

	snprintf(text, sizeof text, "replaying %.0f %%, %.*f M events/s", 100 * share, rate < 9.95,
		 rate);
	show(progress, text, time);
}

void progress_text(struct progress *progress, const char *text)
{
	uint64_t time;

	if (is_time(progress, &time))
		show(progress, text, time);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
