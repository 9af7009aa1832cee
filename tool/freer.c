// SPDX-License-Identifier: GPL-2.0-only
/* The table of freers, and what all of them say. */
#include "freer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#define ROW(id, symbol, ...)	&hs_freer_##symbol,

/* Aimed in this order: contig-race is refused while a burst is held. */
const struct hs_freer_desc *const hs_freers[] = {
	&hs_freer_contig_race,
	&hs_freer_burst,
	&hs_freer_hugetlb,
	HS_PAGES_FREERS(ROW)
	&hs_freer_stress_ng,
	NULL
};

_Static_assert(sizeof(hs_freers) / sizeof(hs_freers[0]) - 1 <= HS_MAX_FREERS,
	       "a soak has room for every freer");

void hs_freer_complain(const struct hs_freer_env *env, bool *complained, const char *what,
		       uint64_t start_pfn, int err)
{
	char text[96];

	if (err >= 0 || *complained)
		return;
	snprintf(text, sizeof(text), "%s pfn %" PRIu64 ": %s", what, start_pfn, strerror(-err));
	env->note("freer", text, env->ctx);
	*complained = true;
}

bool hs_freers_check_contents(const struct hs_scenario *s)
{
	bool any = s->hugetlb;

	for (int i = 0; i < HS_NR_PAGES_FREERS; i++)
		any |= s->pages[i].on;
	return any;
}

const char *hs_freers_limited(const struct hs_scenario *s)
{
	for (int i = 0; i < HS_NR_PAGES_FREERS; i++)
		if (s->pages[i].on && hs_pages_kinds[i]->limited)
			return hs_pages_names[i];
	return NULL;
}

bool hs_freers_want_too_much(const struct hs_scenario *s, const char *root, char *words,
			     size_t words_bytes)
{
	uint64_t wanted = 0, there;
	struct sysinfo si;

	if ((root && *root) || sysinfo(&si) < 0)
		return false;
	for (int i = 0; i < HS_NR_PAGES_FREERS; i++) {
		const struct hs_pages_want *w = &s->pages[i];

		if (w->on && w->bytes > (UINT64_MAX - wanted) / w->workers)
			wanted = UINT64_MAX;
		else if (w->on)
			wanted += w->bytes * w->workers;
	}
	there = (uint64_t)si.totalram * si.mem_unit;
	if (wanted <= there)
		return false;
	snprintf(words, words_bytes,
		 "the workers of the freers want %" PRIu64 " MiB together, the machine has %" PRIu64,
		 wanted >> 20, there >> 20);
	return true;
}
