// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an offline does about a poisoned page, and the online after it.
 *
 * The antagonist poisoned-thp: whether an offline went on and on because of a poisoned huge
 * page.
 *
 * It did when it had to be interrupted, its range was isolated in the first half of the time
 * until then, and the page is still poisoned, huge and on its LRU list, where offline_pages()
 * finds it again in each round. It was not pinned when the offline began, and nobody but the
 * process that it is of maps it: what is only mapped is moved.
 */
#include "soak_internal.h"

#include <errno.h>

/*
 * hard-poison: an offline that succeeded took the page along. What comes online after that
 * makes a new struct of it and hands it out; since Linux commit 5033091de814
 * ("mm/hwpoison: introduce per-memory_block hwpoison counter", v6.2) it is refused. Only
 * then may the antagonist heal it.
 */
static void hard_poison_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	unsigned long block = s->conductor.blk[s->flight.step.at].index;

	if (!hs_antagonist_has_poison(&s->antagonist, block))
		return;
	if (s->flight.step.op == HS_OP_ONLINE) {
		/* Refused for another reason: the next one tells. */
		if (!s->antagonist.keeps || (a->err && a->err != -EHWPOISON))
			return;
		s->tally.poison_refused += !!a->err;
		s->tally.poison_lost += !a->err;
		s->antagonist.keeps = false;
		s->refused_for_poison = !!a->err;
		return;
	}
	hs_soak_events_read(s);
	if (!hs_soak_is_told(s, a))
		return;
	s->tally.poisoned_met++;
	s->tally.poisoned_late += hs_antagonist_was_late(&s->antagonist);
	s->tally.poisoned_endless += !!a->err;
	s->antagonist.keeps = !a->err;
	if (!a->err && s->scenario->poison_lose && hs_antagonist_lose(&s->antagonist) <= 0)
		hs_soak_note(s, "antagonist", "hard-poison could not lose its poison");
}

void hs_soak_poison_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	if (s->antagonist.kind == HS_ANTAGONIST_HARD_POISON) {
		hard_poison_answer(s, a);
		return;
	}
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
