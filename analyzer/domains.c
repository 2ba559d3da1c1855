// SPDX-License-Identifier: MIT
/*
 * A trace of a domain seldom comes alone, and hundreds of domains are no use to anyone: sums are
 * found from the last one on.
 */
#include "domains.h"

#include <stdio.h>
#include <stdlib.h>

#include "amount.h"
#include "common/event.h"
#include "die.h"

#define DOMAINS_MOST 8 /* that are told of */

const char *domain_name(uint32_t domain)
{
	return domain == DOMAIN_HEAP ? "heap" : domain == DOMAIN_MAPPED ? "mmap" : "";
}

static int compare_domains(const void *a, const void *b)
{
	uint32_t x = ((const struct domain_sums *)a)->domain,
		 y = ((const struct domain_sums *)b)->domain;

	return (x > y) - (x < y);
}

struct domain_sums *domains_sum(const struct snapshot *snapshot, size_t *n)
{
	struct domain_sums *domains = NULL;
	size_t last = 0;

	*n = 0;
	for (size_t i = 0; i < snapshot->n_traces; i++) {
		uint32_t domain = snapshot->traces[i].domain;

		if (last >= *n || domains[last].domain != domain)
			for (last = 0; last < *n && domains[last].domain != domain;)
				last++;
		if (last == *n) {
			domains = xreallocarray(domains, *n + 1, sizeof *domains);
			domains[(*n)++] = (struct domain_sums){.domain = domain};
		}
		domains[last].size = snapshot_sum(domains[last].size, snapshot->traces[i].size);
		domains[last].count++;
	}
	if (*n)
		qsort(domains, *n, sizeof *domains, compare_domains);
	return domains;
}

static char *one_words(const struct snapshot *snapshot, const struct domain_sums *sums, bool exact)
{
	char size[AMOUNT_MAX], count[AMOUNT_MAX], number[32];
	const char *name = snapshot_domain_name(snapshot, sums->domain);

	snprintf(number, sizeof number, "%u", sums->domain);
	return xasprintf("%s: %s in %s block%s", *name ? name : number,
			 amount_size(sums->size, exact, size), amount_count(sums->count, count),
			 sums->count == 1 ? "" : "s");
}

/* TEXT, which is freed, and more of it behind a comma. */
static char *and_words(char *text, char *more)
{
	char *longer = xasprintf("%s%s%s", text, *text ? ", " : "", more);

	free(text);
	free(more);
	return longer;
}

char *domains_words(const struct snapshot *snapshot, uint64_t reserved, bool exact)
{
	size_t n;
	struct domain_sums *domains = domains_sum(snapshot, &n);
	char *words = NULL, text[AMOUNT_MAX];

	if (reserved || n > 1 || (n && domains[0].domain != DOMAIN_HEAP)) {
		words = xstrdup("");
		for (size_t i = 0; i < n && i < DOMAINS_MOST; i++)
			words = and_words(words, one_words(snapshot, &domains[i], exact));
		if (n > DOMAINS_MOST)
			words = and_words(words, xasprintf("%zu more", n - DOMAINS_MOST));
		if (reserved)
			words = and_words(words, xasprintf("%s reserved without access",
							   amount_size(reserved, exact, text)));
	}
	free(domains);
	return words;
}

uint64_t domain_size(const struct snapshot *snapshot, uint32_t domain)
{
	uint64_t size = 0;

	for (size_t i = 0; i < snapshot->n_traces; i++)
		if (snapshot->traces[i].domain == domain)
			size = snapshot_sum(size, snapshot->traces[i].size);
	return size;
}
