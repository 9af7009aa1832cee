// SPDX-License-Identifier: GPL-2.0-only
/*
 * The antagonist fifo-hog: whether an offline was deaf to its signal because a real-time
 * task had a CPU.
 *
 * It was when that task ran from before the offline until this counted as unanswered, and
 * the offline came back once the task was made to end, in no more time than it has for
 * answering a signal.
 */
#include "soak_internal.h"

/* What ends it is ours to do, for nothing else might. */
void hs_soak_hog_unanswered(struct hs_soak *s)
{
	if (s->flight.step.op != HS_OP_OFFLINE || !hs_hog_runs(&s->antagonist.hog))
		return;
	s->hog_left_ns = hs_soak_now(s);
	hs_antagonist_release(&s->antagonist);
}

void hs_soak_hog_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	uint64_t left_ns = s->hog_left_ns;

	s->hog_left_ns = 0;
	if (s->flight.step.op != HS_OP_OFFLINE)
		return;
	s->tally.hogs_met += left_ns || hs_hog_runs(&s->antagonist.hog);
	s->tally.hogs_deaf += left_ns && a->end_ns >= left_ns &&
		a->end_ns - left_ns <= s->scenario->grace_ns;
}
