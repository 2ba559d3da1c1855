// SPDX-License-Identifier: MIT
/*
 * What tmtrace info says of generated code: code that is in no module.
 */
#include <stdlib.h>

#include "amount.h"
#include "die.h"
#include "info.h"

#define ENOUGH 8 /* frames: fewer are addresses that the stack walk was led astray to */

static char *frame_words(uint64_t n)
{
	char text[AMOUNT_MAX];

	return xasprintf("%s frame%s", amount_count(n, text), n == 1 ? "" : "s");
}

char *info_jit_words(const struct info *info)
{
	const struct coverage *coverage = &info->coverage;
	bool snapshot = info->view->trace->process.snapshot != NULL;
	const char *cut = info->jit_cut ? " (cut off)" : "";
	char *named = frame_words(coverage->generated_frames),
	     *unnamed = frame_words(coverage->unnamed_frames), *words = NULL, names[AMOUNT_MAX];

	if (info->jit_names && coverage->generated_frames + coverage->unnamed_frames)
		words = xasprintf("%s names in the perf map%s, %s of live blocks named, %s not",
				  amount_count(info->jit_names, names), cut, named, unnamed);
	else if (info->jit_names)
		words = xasprintf("%s names in the perf map%s",
				  amount_count(info->jit_names, names), cut);
	else if (coverage->generated_frames)
		words = xasprintf("%s of live blocks named", named);
	else if (coverage->unnamed_frames >= ENOUGH && !snapshot)
		words = xasprintf("%s without a name: node writes names with --perf-basic-prof, "
				  "python3 with -X perf",
				  unnamed);
	free(named);
	free(unnamed);
	return words;
}
