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

#include <errno.h>

/* What is interrupted sooner says nothing. */
#define TOLD_NS HS_SECOND_NS

bool hs_soak_is_told(const struct hs_soak *s, const struct hs_operator_answer *a)
{
	const struct hs_flight *f = &s->flight;
	uint64_t half_ns = f->start_ns + (f->signalled_ns - f->start_ns) / 2;
	const struct hotsoak_event *w;

	if (!a->err)
		return true;
	if (a->err != -EINTR || !f->signalled || f->signalled_ns < a->start_ns + TOLD_NS)
		return false;
	w = hs_soak_window_of(s, a);
	return !s->has_witness || (w && w->win.isolated_ns && w->win.isolated_ns < half_ns);
}

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
