// SPDX-License-Identifier: MIT
/* Work on many modules, on all cores: a module is one thread's at a time. */
#ifndef ANALYZER_MODULE_JOBS_H
#define ANALYZER_MODULE_JOBS_H

#include "module_symbols.h"

struct module_job {
	struct module_symbols *symbols;
	bool load;		      /* module_symbols_load is to be called first */
	struct module_answer *answer; /* for module_symbols_find_all */
	size_t n;		      /* of them; may be 0 */
	uint64_t weight; /* filled in: the size of the file, for what there is to read */
};

/* Does all of them; no two may be about one module. Changes their order. */
void module_jobs_run(struct module_job *jobs, size_t n);

#endif
