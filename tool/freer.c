// SPDX-License-Identifier: GPL-2.0-only
/* The table of freers, and what all of them say. */
#include "freer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Aimed in this order: contig-race is refused while a burst is held. */
const struct hs_freer_desc *const hs_freers[] = {
	&hs_freer_contig_race,
	&hs_freer_burst,
	&hs_freer_anon,
	&hs_freer_hugetlb,
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
