// SPDX-License-Identifier: GPL-2.0-only
/* signals: at which moment of the next offline its operator gets one. */
#include "antagonist.h"

/* One offline in so many gets none: those that others cut short, or that were quick
 * enough, say nothing of how long one takes. */
#define UNDISTURBED_ONE_IN 4

/* One signal in so many comes as the kernel is entered, if not a moment before. */
#define AT_THE_DOOR_ONE_IN 4
#define AT_THE_DOOR_NS 50000

void hs_antagonist_signals_init(struct hs_antagonist *a, uint64_t seed)
{
	hs_random_init(&a->random, seed);
}

uint64_t hs_antagonist_signal_after(struct hs_antagonist *a)
{
	uint64_t ns;

	if (!a->signals || a->signal_turn++ % UNDISTURBED_ONE_IN == 0)
		return 0;
	ns = hs_latency_percentile(&a->undisturbed, 0.5);
	if (!ns)
		return 0;
	/* A quarter longer, for the slower half has its last phases too. */
	ns += ns / 4;
	if (!hs_random_below(&a->random, AT_THE_DOOR_ONE_IN) && ns > AT_THE_DOOR_NS)
		ns = AT_THE_DOOR_NS;
	return 1 + hs_random_below(&a->random, ns);
}

void hs_antagonist_undisturbed(struct hs_antagonist *a, uint64_t ns)
{
	if (a->signals)
		hs_latency_add(&a->undisturbed, ns);
}
