// SPDX-License-Identifier: MIT
/*
 * An operand TRACE[@WHEN]: which file, which moment.
 */
#ifndef ANALYZER_OPERAND_H
#define ANALYZER_OPERAND_H

#include "moment.h"

struct operand {
	char *path; /* "-": standard input */
	struct moment moment;
	char *text; /* holds the moment's strings */
};

/*
 * Splits at the last '@', unless a file is literally named so. A number that is no file is a running
 * process: `path` is its trace. TEXT may be NULL, or begin with the
 * '@': then the newest tmtrace.*.tmz of the working directory is taken, said on stderr. Dies.
 */
void operand_parse(struct operand *operand, const char *text);
/* The file at PATH, which is taken over, at the moment of another operand. */
void operand_at(struct operand *operand, char *path, const struct operand *moment);
void operand_release(struct operand *operand);

/* The moment in words: "at the peak", "after event 12", for the caller to free. */
char *operand_words(const struct operand *operand);

#endif
