// SPDX-License-Identifier: GPL-2.0-only
/*
 * Widens the gap between a free's migratetype read and its pcp trylock.
 *
 * Never at the commit: that runs under pcp->lock and only makes the drain wait.
 * Interrupts are off, so the delay is bounded and looks at every way out. It
 * begins only while the range is being isolated, and most end when the page's own
 * pageblock is, so that each is an E2 and the freer keeps pace. Some outlast the
 * isolation of the whole range by a random rest: only those commit after a drain
 * that follows the isolation, as it did before v5.11.
 */
#include <linux/ktime.h>
#include <linux/processor.h>

#include "hotsoak.h"

/* One delay in this many outlasts the isolation of the range. */
#define HS_WIDEN_LONG_ONE_IN 8

static bool hs_widen_is_over(const struct hs_window *w, u64 until)
{
	return ktime_get_mono_fast_ns() >= until || !READ_ONCE(hs_armed.widen_max_ns) ||
	       READ_ONCE(w->state) > HS_WINDOW_STRICT;
}

static void hs_widen_delay(const struct hs_window *w, unsigned long pfn, u32 max_ns)
{
	u64 now = ktime_get_mono_fast_ns(), until = now + max_ns;

	while (!hs_pageblock_is_isolated(pfn) && !hs_widen_is_over(w, until))
		cpu_relax();
	/* alloc_contig_range() drains after its isolation: all of them are to outlast that. */
	if (!w->contig) {
		if (hs_random_below(HS_WIDEN_LONG_ONE_IN))
			return;
		while (!hs_window_is_strict(w) && !hs_widen_is_over(w, until))
			cpu_relax();
	}
	now = ktime_get_mono_fast_ns();
	if (now >= until)
		return;
	until = now + hs_random_below(until - now);
	while (!hs_widen_is_over(w, until))
		cpu_relax();
}

void hs_widen(struct hs_window *w, unsigned long pfn)
{
	u32 max_ns = READ_ONCE(hs_armed.widen_max_ns);

	if (!max_ns || !READ_ONCE(w->isolating) || hs_random_below(hs_armed.widen_one_in))
		return;
	hs_count(HS_C_DELAYED);
	atomic_inc(&w->in_flight);
	hs_widen_delay(w, pfn, max_ns);
	atomic_dec(&w->in_flight);
}
