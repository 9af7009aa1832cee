// SPDX-License-Identifier: GPL-2.0-only
/*
 * The antagonist soft-offline: whether an offline and the soft offline of a page of its
 * block have waited for each other.
 *
 * They have when the offline had to be interrupted, the call was in the kernel for the
 * whole second half of the time until then, and its page is still in the block. The range
 * was isolated in the first half, so that the offline has tried to move the page many
 * times: a call that keeps no reference while it waits would have let it go, whatever else
 * holds the offline up.
 */
#include "soak_internal.h"

static bool is_deadlock(const struct hs_soft_offline_seen *seen, const struct hs_flight *f)
{
	return seen->in_block &&
		seen->began_ns <= f->start_ns + (f->signalled_ns - f->start_ns) / 2 &&
		(!seen->back_ns || seen->back_ns >= f->signalled_ns);
}

void hs_soak_soft_offline_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	struct hs_soft_offline_seen seen;

	if (!s->antagonist.soft || s->flight.step.op != HS_OP_OFFLINE)
		return;
	hs_soft_offline_look(s->antagonist.soft, &seen);
	if (seen.poisoned)
		hs_soak_broken(s, "a soft offline was not refused: its page may be poisoned, in spite of the filter");
	s->tally.soft_offlines += seen.calls;
	/* Its window was closed before the write returned. */
	hs_soak_events_read(s);
	if (!seen.began_ns || seen.began_ns < a->start_ns || !hs_soak_is_told(s, a))
		return;
	s->tally.soft_offlines_met++;
	if (a->err && is_deadlock(&seen, &s->flight))
		s->tally.soft_offlines_deadlocked++;
}
