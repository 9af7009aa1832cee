// SPDX-License-Identifier: GPL-2.0-only
/*
 * The antagonist poisoned-thp: whether an offline went on and on because of a poisoned huge
 * page.
 *
 * It did when it had to be interrupted, its range was isolated in the first half of the time
 * until then, and the page is still poisoned, huge and on its LRU list, where offline_pages()
 * finds it again in each round. It was not pinned when the offline began, and nobody but the
 * process that it is of maps it: what is only mapped is moved.
 */
#include "soak_internal.h"

void hs_soak_poison_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	if (!s->antagonist.poisoner || s->flight.step.op != HS_OP_OFFLINE)
		return;
	/* Its window was closed before the write returned. */
	hs_soak_events_read(s);
	if (!hs_soak_is_told(s, a))
		return;
	s->tally.poisoned_met++;
	if (a->err && hs_antagonist_is_poisoned(&s->antagonist))
		s->tally.poisoned_endless++;
}
