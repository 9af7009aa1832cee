// SPDX-License-Identifier: GPL-2.0-only
/*
 * Widens the gap between a free's migratetype read and its pcp trylock.
 *
 * Never at the commit: that runs under pcp->lock and only makes the drain wait.
 * Interrupts are off (the probe is an int3), so the delay is bounded and looks
 * at every way out. While the range is being isolated the delay lasts until the
 * page's own pageblock is: each delayed free then is an E2. Most end there, so
 * that the freer keeps pace with the isolation; some go on for a random rest, and
 * outlast whatever the offliner does next.
 */
#include <linux/ktime.h>
#include <linux/processor.h>

#include "hotsoak.h"

/* One delay in this many goes on after the isolation of its pageblock. */
#define HS_WIDEN_LONG_ONE_IN 8

static bool hs_widen_is_over(const struct hs_window *w, u64 until)
{
	return ktime_get_ns() >= until || !READ_ONCE(hs_armed.widen_max_ns) ||
	       READ_ONCE(w->state) > HS_WINDOW_STRICT;
}

void hs_widen(struct hs_window *w, unsigned long pfn)
{
	u32 max_ns = READ_ONCE(hs_armed.widen_max_ns);
	u64 now, until;

	if (!max_ns || !READ_ONCE(w->isolating) || hs_random_below(hs_armed.widen_one_in))
		return;
	hs_count(HS_C_DELAYED);
	now = ktime_get_ns();
	until = now + max_ns;
	while (!hs_pageblock_is_isolated(pfn) && !hs_widen_is_over(w, until))
		cpu_relax();
	now = ktime_get_ns();
	if (now >= until || hs_random_below(HS_WIDEN_LONG_ONE_IN))
		return;
	until = now + hs_random_below(until - now);
	while (!hs_widen_is_over(w, until))
		cpu_relax();
}
