// SPDX-License-Identifier: GPL-2.0-only
/* The table of freers. */
#include "freer.h"

/* Aimed in this order: contig-race is refused while a burst is held. */
const struct hs_freer_desc *const hs_freers[] = {
	&hs_freer_contig_race,
	&hs_freer_burst,
	&hs_freer_anon,
	NULL
};

_Static_assert(sizeof(hs_freers) / sizeof(hs_freers[0]) - 1 <= HS_MAX_FREERS,
	       "a soak has room for every freer");
