// SPDX-License-Identifier: GPL-2.0-only
/*
 * The antagonist soft-offline: whether an offline and the soft offline of a page of its
 * block have waited for each other.
 *
 * They have when the call was in the kernel for the whole second half of the offline's
 * limit, and when its page is still in the block: a call that keeps no reference while it
 * waits would have let the page go at the first attempt to move it, whatever else holds
 * the offline up.
 */
#include "soak_internal.h"

#include <errno.h>

static bool is_deadlock(const struct hs_soft_offline_seen *seen, const struct hs_operator_answer *a,
			uint64_t limit_ns)
{
	return a->err == -EINTR && limit_ns && a->end_ns - a->start_ns >= limit_ns &&
		seen->in_block && seen->began_ns <= a->start_ns + limit_ns / 2 &&
		(!seen->back_ns || seen->back_ns >= a->start_ns + limit_ns);
}

void hs_soak_soft_offline_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	struct hs_soft_offline_seen seen;

	if (!s->antagonist.soft || s->flight.step.op != HS_OP_OFFLINE)
		return;
	hs_soft_offline_look(s->antagonist.soft, &seen);
	if (seen.poisoned)
		hs_soak_broken(s, "a soft offline was not refused: its page is poisoned now, in spite of the filter");
	s->tally.soft_offlines += seen.calls;
	if (!seen.began_ns || seen.began_ns < a->start_ns)
		return;
	s->tally.soft_offlines_met++;
	if (is_deadlock(&seen, a, s->scenario->limit_ns))
		s->tally.soft_offlines_deadlocked++;
}
