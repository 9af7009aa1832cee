// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invariant progress: an offline whose final test fails again and again.
 *
 * offline_pages() goes on until all of its range is free, and for a page that cannot be
 * moved that is for ever, by design: it says so and waits for a signal. Such an offline
 * finds the page in each round and never comes to its final test. One that does come
 * there has nothing left to move; when that fails all the same, time after time, the
 * range is not what the kernel takes it for. One that is in an LRU batch and was never on
 * a list is not found either: the batches should have been drained.
 */
#include "soak_internal.h"

#include <inttypes.h>
#include <stdio.h>

/* In the second half of the limit alone. Pages whose free is under way cost a test or
 * two, and that at once. */
#define TESTS_STUCK 8

void hs_soak_laps_arm(struct hs_soak *s)
{
	const struct hotsoak_info *info = &s->witness.info;

	s->tally.inv[HS_INV_PROGRESS].armed = s->scenario->invariants >> HS_INV_PROGRESS & 1 &&
		info->nr_hooks > HOTSOAK_HOOK_FINAL_TEST &&
		!info->hooks[HOTSOAK_HOOK_FINAL_TEST].error;
}

static bool is_watched(const struct hs_soak *s)
{
	return s->tally.inv[HS_INV_PROGRESS].armed && s->flight.step.op == HS_OP_OFFLINE;
}

void hs_soak_laps_ended(struct hs_soak *s)
{
	if (is_watched(s))
		s->tally.inv[HS_INV_PROGRESS].checks++;
}

static void half_take(struct hs_soak *s)
{
	if (hs_witness_stats(&s->witness, &s->tally) < 0)
		return;
	s->half.start_ns = s->flight.start_ns;
	s->half.laps = s->tally.stats.laps;
	s->half.burst = s->tally.stats.burst_held;
}

void hs_soak_laps_look(struct hs_soak *s, uint64_t now_ns)
{
	const struct hs_flight *f = &s->flight;

	if (is_watched(s) && !f->signalled && s->half.start_ns != f->start_ns &&
	    now_ns > f->start_ns && now_ns - f->start_ns >= s->scenario->limit_ns / 2)
		half_take(s);
}

void hs_soak_laps_judge(struct hs_soak *s, uint64_t now_ns)
{
	const struct hotsoak_stats *st = &s->tally.stats;
	const struct hs_flight *f = &s->flight;
	char text[192];
	int len;

	/* Where the half was not seen nothing can be told, nor while the burst holds pages:
	 * those are on no list that the offline could find them on. */
	if (!is_watched(s) || s->half.start_ns != f->start_ns ||
	    hs_witness_stats(&s->witness, &s->tally) < 0 || s->half.burst || st->burst_held)
		return;
	s->tally.inv[HS_INV_PROGRESS].checks++;
	if (st->laps - s->half.laps < TESTS_STUCK)
		return;
	len = snprintf(text, sizeof(text),
		       "memory%lu was not offline after %.3f s, its final test came %" PRIu64 " times in the second half of that",
		       s->conductor.blk[f->step.at].index,
		       (double)(now_ns - f->start_ns) / HS_SECOND_NS,
		       (uint64_t)st->laps - s->half.laps);
	if (st->lap_failed_pfn)
		snprintf(text + len, sizeof(text) - (size_t)len, ", and failed at pfn 0x%" PRIx64 "%s",
			 (uint64_t)st->lap_failed_pfn,
			 hs_antagonist_has_fresh(&s->antagonist, st->lap_failed_pfn) ?
			 ", a page of ours that an LRU batch has" : "");
	hs_soak_violation(s, HS_INV_PROGRESS, NULL, text);
}
