// SPDX-License-Identifier: GPL-2.0-only
/* The judge: one spoiled run for each rule, and none of them may pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "run.h"
#include "verdict.h"

struct trial {
	struct hs_scenario s;
	struct hs_tally t;
	struct hs_judgement j;
};

static int setup(void **state)
{
	static struct trial trial;

	run_scenario(&trial.s);
	run_tally(&trial.t);
	*state = &trial;
	return 0;
}

static void expect(struct trial *c, enum hs_verdict verdict, const char *words)
{
	hs_verdict_judge(&c->j, &c->s, &c->t);
	if (c->j.verdict != verdict)
		fail_msg("%s (%s), expected %s", hs_verdict_names[c->j.verdict], c->j.reasons[0],
			 hs_verdict_names[verdict]);
	if (words && (!c->j.nr_reasons || !strstr(c->j.reasons[0], words)))
		fail_msg("the reason is \"%s\", expected \"%s\"", c->j.reasons[0], words);
	if (!words)
		assert_int_equal(c->j.nr_reasons, 0);
}

/* Everything exactly at the demand, nothing above it. */
static void test_pass(void **state)
{
	expect(*state, HS_PASS, NULL);
}

#define RULE(name, verdict, words, ...)					\
	static void test_##name(void **state)				\
	{								\
		struct trial *c = *state;				\
		struct hs_scenario *s = &c->s;				\
		struct hs_tally *t = &c->t;				\
									\
		(void)s, (void)t;					\
		__VA_ARGS__;						\
		expect(c, verdict, words);				\
	}

RULE(violation, HS_FAIL, "no-stray violated 3 times in 1000 checks",
     t->inv[HOTSOAK_INV_NO_STRAY].violations = 3)
RULE(tool_violation, HS_FAIL, "contents violated 1 times",
     t->inv[HS_INV_CONTENTS].violations = 1)
RULE(unarmed_violation, HS_FAIL, "pairing violated",
     s->invariants = 1; t->inv[HOTSOAK_INV_PAIRING] = (struct hs_inv_tally){ .violations = 1 })

RULE(signals, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_SIGNALS; s->expect.min_interrupted = 2;
     t->signals.sent = 3; t->signals.interrupted[HS_SIGNAL_EARLY] = 1;
     t->signals.interrupted[HS_SIGNAL_ISOLATED] = 1)
RULE(signals_outrun, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_SIGNALS;
     t->signals.outran[HS_SIGNAL_OPEN] = 1)
RULE(signals_outrun_at_its_end, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_SIGNALS;
     t->signals.outran[HS_SIGNAL_ENDED] = 1)
RULE(signals_outrun_early, HS_BROKEN, "the antagonist signals never acted: 3 signals, none of them",
     s->antagonists = 1u << HS_ANTAGONIST_SIGNALS; t->signals.sent = 3;
     t->signals.outran[HS_SIGNAL_EARLY] = t->signals.outran[HS_SIGNAL_UNSEEN] = 1)
RULE(signals_idle, HS_BROKEN, "the antagonist signals never acted: 3 signals, none of them",
     s->antagonists = 1u << HS_ANTAGONIST_SIGNALS; t->signals.sent = 3)
RULE(too_few_interrupted, HS_BROKEN, "2 offlines were interrupted by a signal, the scenario demands 3",
     s->antagonists = 1u << HS_ANTAGONIST_SIGNALS; s->expect.min_interrupted = 3;
     t->signals.interrupted[HS_SIGNAL_OPEN] = 2)

/* A hint beside the violation that it is about, and no verdict of its own. */
static void test_stale_lists(void **state)
{
	struct trial *c = *state;

	c->t.inv[HOTSOAK_INV_NO_REALLOC].violations = 3;
	expect(c, HS_FAIL, "no-realloc violated 3 times");
	assert_int_equal(c->j.nr_reasons, 1);
	c->t.stats.realloc_stale = 2;
	expect(c, HS_FAIL, "no-realloc violated 3 times");
	assert_int_equal(c->j.nr_reasons, 2);
	assert_non_null(strstr(c->j.reasons[1], "no-realloc: 2 off the list of another type"));
}

RULE(windows_one_short, HS_BROKEN, "101 windows, the scenario demands 102",
     s->expect.min_windows = 102)
RULE(windows_exact, HS_PASS, NULL, s->expect.min_windows = 101)
RULE(e1_one_short, HS_BROKEN, "E1 per window (201 in 101 windows), the scenario demands 2",
     t->stats.e1 = 201)
RULE(e2_one_short, HS_BROKEN, "E2 per window (50 in", t->stats.e2 = 50)
RULE(e3_is_no_exposure, HS_BROKEN, "E1 per window (0",
     t->stats.e1 = 0; t->stats.e3 = 1000000)
RULE(samples_one_short, HS_BROKEN, "samples per window", t->stats.samples = 1009)
RULE(nan_demand, HS_BROKEN, "E2 per window", s->expect.min_e2_per_window = NAN)

RULE(armed_unchecked, HS_BROKEN, "no-realloc was armed, but never checked",
     t->inv[HOTSOAK_INV_NO_REALLOC].checks = 0)
RULE(not_armed, HS_SKIP, "pcp-limits is required, but could not be armed",
     t->inv[HOTSOAK_INV_PCP_LIMITS] = (struct hs_inv_tally){ .armed = false })
RULE(not_armed_not_required, HS_PASS, NULL,
     t->inv[HS_INV_CONTENTS] = (struct hs_inv_tally){ .armed = false };
     s->invariants &= ~(UINT64_C(1) << HS_INV_CONTENTS))
RULE(not_promised, HS_PASS, "nothing is claimed of pcp-limits, pairing: this kernel does not",
     t->inv[HOTSOAK_INV_PCP_LIMITS] = (struct hs_inv_tally){ .unpromised = true };
     t->inv[HOTSOAK_INV_PAIRING] = (struct hs_inv_tally){ .unpromised = true })
RULE(not_promised_not_required, HS_PASS, NULL,
     t->inv[HOTSOAK_INV_PCP_LIMITS] = (struct hs_inv_tally){ .unpromised = true };
     s->invariants &= ~(UINT64_C(1) << HOTSOAK_INV_PCP_LIMITS))
RULE(nothing_promised, HS_SKIP, "nothing is claimed of pcp-limits",
     t->inv[HOTSOAK_INV_PCP_LIMITS] = (struct hs_inv_tally){ .unpromised = true };
     s->invariants = 1 << HOTSOAK_INV_PCP_LIMITS | 1 << HS_INV_ACCOUNTING)
RULE(promised_not_armed, HS_SKIP, "no-realloc is required, but could not be armed",
     t->inv[HOTSOAK_INV_PCP_LIMITS] = (struct hs_inv_tally){ .unpromised = true };
     t->inv[HOTSOAK_INV_NO_REALLOC] = (struct hs_inv_tally){ .armed = false })
RULE(no_witness, HS_SKIP, "needs the witness",
     memset(t, 0, sizeof(*t)); t->ended = t->restored = true)
RULE(skip, HS_SKIP, "no root",
     memset(t, 0, sizeof(*t)); snprintf(t->skip, sizeof(t->skip), "no root"))
RULE(skip_with_a_control, HS_SKIP, "only in a guest",
     memset(t, 0, sizeof(*t)); snprintf(t->skip, sizeof(t->skip), "only in a guest");
     snprintf(t->control, sizeof(t->control), "reenable"))
RULE(skip_after_touching, HS_BROKEN, "no end",
     t->ended = false; snprintf(t->skip, sizeof(t->skip), "no root"))

RULE(antagonist_idle, HS_BROKEN, "the antagonist contig never acted",
     s->antagonists = 1u << HS_ANTAGONIST_CONTIG)
RULE(antagonist_acts, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_CONTIG;
     t->stats.contig_tried = 1)
RULE(holder_idle, HS_BROKEN, "the antagonist hold-page never held a page, in 103 offlines",
     s->antagonists = 1u << HS_ANTAGONIST_HOLD_PAGE)
RULE(locker_idle, HS_BROKEN, "the antagonist lock-page never held a page, in 2 offlines",
     s->antagonists = 1u << HS_ANTAGONIST_LOCK_PAGE; s->expect = (struct hs_expect){ 0 };
     memset(t->ops[HS_OP_OFFLINE], 0, sizeof(t->ops[HS_OP_OFFLINE]));
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_INTERRUPTED] = 2;
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNSUPPORTED] = 5)
RULE(holder_acts, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_HOLD_PAGE; t->pages_held = 1)
RULE(holder_had_no_turn, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_HOLD_PAGE;
     memset(t->ops[HS_OP_OFFLINE], 0, sizeof(t->ops[HS_OP_OFFLINE]));
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK] = 1;
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNSUPPORTED] = 5)
RULE(poisoned_thp_endless, HS_FAIL, "3 offlines went on and on because of a poisoned huge page that nobody pins, until they were interrupted",
     s->antagonists = 1u << HS_ANTAGONIST_POISONED_THP; t->pages_held = t->poisoned_met = 4;
     t->poisoned_endless = 3)
RULE(poisoned_thp_ends, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_POISONED_THP;
     t->pages_held = 4; t->poisoned_met = 1)
RULE(poisoned_thp_idle, HS_BROKEN, "the antagonist poisoned-thp never met an offline, 2 times",
     s->antagonists = 1u << HS_ANTAGONIST_POISONED_THP; t->pages_held = 2)
RULE(poisoned_thp_had_no_turn, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_POISONED_THP;
     t->pages_held = 1)
#define HARD(met, endless, refused, lost) \
	s->antagonists = 1u << HS_ANTAGONIST_HARD_POISON; t->pages_held = 4; \
	t->poisoned_met = met; t->poisoned_endless = endless; \
	t->poison_refused = refused; t->poison_lost = lost
RULE(poison_is_lost, HS_FAIL, "poison was lost: 2 blocks with a poisoned page came online, and gave it to the allocator",
     HARD(4, 0, 2, 2))
RULE(hard_poison_endless, HS_FAIL, "3 offlines of a block with a poisoned page did not end by themselves",
     HARD(4, 3, 1, 0))
RULE(hard_poison_refused, HS_PASS, NULL, HARD(4, 0, 4, 0))
RULE(hard_poison_idle, HS_BROKEN, "the antagonist hard-poison never met an offline, 4 times",
     HARD(0, 0, 0, 0))
RULE(hard_poison_offline_alone, HS_BROKEN, "the antagonist hard-poison never met an online: 4 offlines met it",
     HARD(4, 0, 0, 0))
RULE(hard_poison_had_no_turn, HS_PASS, NULL, HARD(0, 0, 0, 0); t->pages_held = 1)
RULE(soft_offline_waits, HS_FAIL, "3 offlines waited for a soft offline that waited for them",
     s->antagonists = 1u << HS_ANTAGONIST_SOFT_OFFLINE; t->pages_held = t->soft_offlines_met = 4;
     t->soft_offlines_deadlocked = 3)
RULE(soft_offline_does_not, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_SOFT_OFFLINE;
     t->pages_held = 4; t->soft_offlines_met = 1)
RULE(soft_offline_idle, HS_BROKEN, "the antagonist soft-offline never met an offline, 2 times",
     s->antagonists = 1u << HS_ANTAGONIST_SOFT_OFFLINE; t->pages_held = 2; t->soft_offlines = 9)
RULE(soft_offline_had_no_turn, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_SOFT_OFFLINE;
     t->pages_held = 1)
RULE(fifo_hog_deafens, HS_FAIL, "4 offlines did not answer a signal while a real-time task had a CPU",
     s->antagonists = 1u << HS_ANTAGONIST_FIFO_HOG; t->hogs_met = t->hogs_deaf = 4;
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNANSWERED] = 4)
RULE(fifo_hog_is_answered, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_FIFO_HOG;
     t->hogs_met = 4)
RULE(fifo_hog_and_a_deaf_one, HS_BROKEN, "1 offlines did not answer a signal for a reason of their own",
     s->antagonists = 1u << HS_ANTAGONIST_FIFO_HOG; t->hogs_met = t->hogs_deaf = 4;
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNANSWERED] = 5)
RULE(fifo_hog_idle, HS_BROKEN, "the antagonist fifo-hog never met an offline, in 103 of them",
     s->antagonists = 1u << HS_ANTAGONIST_FIFO_HOG)
RULE(fifo_hog_had_no_turn, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_FIFO_HOG;
     memset(t->ops[HS_OP_OFFLINE], 0, sizeof(t->ops[HS_OP_OFFLINE]));
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK] = 1)
RULE(nodes_right, HS_PASS, NULL, s->needs_whole_nodes = 1; t->nodes_emptied = 4;
     t->nodes_gone_seen = 1)
RULE(nodes_idle, HS_BROKEN, "no node was looked at as it lost its last block: 4 did",
     s->needs_whole_nodes = 1; t->nodes_emptied = t->nodes_back_seen = 4)
RULE(nodes_wrong, HS_FAIL, "the kernel was wrong 2 times of 5 about whether a node has memory",
     t->nodes_gone_seen = 3; t->nodes_back_seen = 2; t->nodes_wrong = 2)
RULE(stress_ng_gave_up, HS_BROKEN, "the freer stress-ng was not there to the end: it ended 64 times before",
     s->stress_ng = true; t->stress_ng.starts = t->stress_ng.early = 64; t->stress_ng.gave_up = 1;
     t->stress_ng.sum = (struct hs_stress_ng_metrics){ "0.15.06", 1, { { "vm", 7, 7 } } })
RULE(balloon, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_BALLOON;
     t->balloon_inflated = 1)
RULE(balloon_idle, HS_BROKEN, "the balloon was never inflated: have the hypervisor do it during the run",
     s->antagonists = 1u << HS_ANTAGONIST_BALLOON; t->balloon_deflated = 1)
RULE(zones_alternate, HS_PASS, NULL, s->alternate_zones = true; t->zones_other = 1)
RULE(zones_idle, HS_BROKEN, "no block was put online in its other zone", s->alternate_zones = true;
     t->zones_own = 3)
RULE(zones_wrong, HS_FAIL, "2 times a block came online in another zone than was asked for",
     s->alternate_zones = true; t->zones_other = 1; t->zones_wrong = 2)
RULE(tuner_sets, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_WATERMARK;
     t->tuner[HS_ANTAGONIST_WATERMARK].writes = 1)
RULE(tuner_idle, HS_BROKEN, "the antagonist watermark never acted: nothing was set, and 3 times refused, in 103 offlines",
     s->antagonists = 1u << HS_ANTAGONIST_WATERMARK | 1u << HS_ANTAGONIST_SIGNALS;
     t->tuner[HS_ANTAGONIST_WATERMARK].failed = 3;
     t->tuner[HS_ANTAGONIST_PCP_FRACTION].writes = t->signals.outran[HS_SIGNAL_OPEN] = 1)
RULE(online_other_seen, HS_PASS, "3 changes of blocks by someone else were seen",
     s->antagonists = 1u << HS_ANTAGONIST_ONLINE_OTHER;
     t->tuner[HS_ANTAGONIST_ONLINE_OTHER].writes = t->interference = 3)
RULE(online_other_unseen, HS_BROKEN, "the antagonist online-other put 3 blocks online, and none was seen",
     s->antagonists = 1u << HS_ANTAGONIST_ONLINE_OTHER;
     t->tuner[HS_ANTAGONIST_ONLINE_OTHER].writes = 3)
RULE(tuner_had_no_time, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_WATERMARK;
     memset(t->ops[HS_OP_OFFLINE], 0, sizeof(t->ops[HS_OP_OFFLINE]));
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK] = 1)
RULE(sysfs_read, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_SYSFS_READERS;
     t->sysfs_met = 1; t->uevents_heard = 200)
RULE(sysfs_idle, HS_BROKEN, "the antagonist sysfs-readers never read a block that was going offline, in 103 offlines",
     s->antagonists = 1u << HS_ANTAGONIST_SYSFS_READERS; t->sysfs_reads = 9; t->uevents_heard = 200)
RULE(sysfs_wrong, HS_FAIL, "3 reads of a block's state, while it went offline, did not say so",
     t->sysfs_wrong = 3)
RULE(sysfs_unsound, HS_FAIL, "3 reads of a block's files failed, or gave what they never should",
     t->sysfs_unsound = 3)
RULE(uevent_missing, HS_FAIL, "3 transitions of blocks had no uevent",
     t->uevents_heard = 197; t->uevents_missing = 3)
RULE(uevent_doubled, HS_FAIL, "3 uevents told of a transition once more", t->uevents_doubled = 3)
RULE(uevent_unasked, HS_FAIL, "3 uevents told of a transition that there was not",
     t->uevents_unasked = 3)
RULE(uevents_unheard, HS_BROKEN, "no uevent was heard at all, of 200 transitions",
     s->antagonists = 1u << HS_ANTAGONIST_SYSFS_READERS; t->sysfs_met = 1; t->uevents_missing = 200)
RULE(uevents_lost, HS_PASS, "uevents were lost after the first 7: nothing is claimed of the others",
     s->antagonists = 1u << HS_ANTAGONIST_SYSFS_READERS; t->sysfs_met = 1; t->uevents_heard = 7;
     t->uevents_lost = 1)
RULE(uevents_lost_all, HS_BROKEN, "no uevent was heard at all, of 200 transitions",
     s->antagonists = 1u << HS_ANTAGONIST_SYSFS_READERS; t->sysfs_met = 1; t->uevents_lost = 1)
RULE(bystander_is_news, HS_FAIL, "fork stalled for 3 offlines, which nobody expects: news",
     s->bystanders = true;
     t->probe[HS_PROBE_FORK] = (struct hs_probe_tally){ .calls = 9, .met = 4, .stalled = 3 })
RULE(bystander_is_known, HS_PASS, NULL, s->bystanders = true;
     t->probe[HS_PROBE_CPU_ONLINE] = (struct hs_probe_tally){ true, 9, 4, 3, 0, 0 })
RULE(bystander_goes_on, HS_PASS, "cpu-online was expected to stall, and did not for any of 4 offlines",
     s->bystanders = true;
     t->probe[HS_PROBE_CPU_ONLINE] = (struct hs_probe_tally){ true, 9, 4, 0, 0, 0 })
RULE(bystanders_idle, HS_BROKEN, "no bystander met an offline that was stuck: of those there were 2",
     s->bystanders = true; t->bystanders_stuck = 2;
     t->probe[HS_PROBE_FORK] = (struct hs_probe_tally){ .calls = 9 })
RULE(bystanders_never_ran, HS_SKIP, "no root", s->bystanders = true;
     memset(t, 0, sizeof(*t)); snprintf(t->skip, sizeof(t->skip), "no root"))
RULE(pool_wrong, HS_FAIL, "the hugetlb pool's books are wrong: Total 64, Free 63", s->hugetlb = true;
     t->hugetlb_used_met = t->hugetlb_audits = 1; memcpy(t->hugetlb_wrong, "Total 64, Free 63", 18))
#define STRESS_NG(ops, end, text)					\
	s->stress_ng = true;						\
	t->stress_ng = (struct hs_stress_ng_tally) {			\
		.starts = 1, .ends = { [end] = 1 }, .failed = text,	\
		.sum = { "0.15.06", 2, { { "vm", ops, 1 }, { "mmap", 0, 1 } } },	\
	}

RULE(stress_ng_content, HS_PASS, NULL, STRESS_NG(1, HS_STRESS_NG_OK, ""))
RULE(stress_ng_did_nothing, HS_BROKEN, "the freer stress-ng never acted: its stressors did nothing",
     STRESS_NG(0, HS_STRESS_NG_OK, ""))
RULE(stress_ng_no_metrics, HS_BROKEN, "the freer stress-ng left no metrics",
     STRESS_NG(1, HS_STRESS_NG_OK, ""); t->stress_ng.sum.nr = 0)
RULE(stress_ng_never_started, HS_BROKEN, "the freer stress-ng never acted: it was never started",
     s->stress_ng = true)
RULE(stress_ng_failed, HS_BROKEN, "a stressor of stress-ng failed: mmap: mprotect failed",
     STRESS_NG(1, HS_STRESS_NG_FAILED, "mmap: mprotect failed"))
RULE(stress_ng_failed_itself, HS_BROKEN, "stress-ng failed itself: no options",
     STRESS_NG(1, HS_STRESS_NG_CORE, "no options"))
RULE(stress_ng_changed, HS_FAIL, "stress-ng found memory changed: vm: detected 3 bit errors",
     STRESS_NG(1, HS_STRESS_NG_FAILED, "vm: detected 3 bit errors");
     memcpy(t->stress_ng.changed, "vm: detected 3 bit errors", 26))

/* A remark, and no verdict of its own. */
static void test_stress_ng_lacks_memory(void **state)
{
	struct trial *c = *state;
	struct hs_scenario *s = &c->s;
	struct hs_tally *t = &c->t;

	STRESS_NG(1, HS_STRESS_NG_RESOURCES, "no memory");
	expect(c, HS_PASS, "stress-ng ended so 1 of 1 times: a stressor lacked memory or another resource: no memory");
	STRESS_NG(1, HS_STRESS_NG_OTHER, "");
	expect(c, HS_PASS, "stress-ng ended so 1 of 1 times: no status of its own");
}

RULE(pool_met_in_use, HS_PASS, NULL, s->hugetlb = true; t->hugetlb_used_met = t->hugetlb_audits = 1)
RULE(pool_met_free, HS_PASS, NULL, s->hugetlb = true; t->hugetlb_free_met = t->hugetlb_audits = 1)
RULE(pool_never_met, HS_BROKEN, "the freer hugetlb never acted: no page of the pool lay in a block that was taken",
     s->hugetlb = true; t->hugetlb_audits = 1)
RULE(pool_unaudited, HS_BROKEN, "the hugetlb pool's books could not be looked at", s->hugetlb = true;
     t->hugetlb_free_met = 1)
RULE(contig_race_idle, HS_BROKEN, "the freer contig-race never acted", s->contig_race = true)
RULE(contig_race_acts, HS_PASS, NULL, s->contig_race = s->contig_race_pcplists = true;
     s->widen_max_ns = 1; t->stats.acr_tried = t->stats.acr_e2 = 1)
RULE(contig_race_busy, HS_PASS, NULL, s->contig_race = s->contig_race_pcplists = true;
     t->stats.acr_tried = t->stats.acr_busy = t->stats.acr_busy_pcp = 9)
RULE(contig_race_unexposed, HS_BROKEN, "in 9 calls no free crossed the isolation",
     s->contig_race = s->contig_race_pcplists = true; s->widen_max_ns = 1;
     t->stats.acr_tried = t->stats.acr_e1 = t->stats.acr_e3 = 9)
RULE(contig_race_split_none, HS_BROKEN, "in 9 calls no free page was larger",
     s->contig_race = s->contig_race_straddle = true; t->stats.acr_tried = 9)
RULE(contig_race_splits, HS_PASS, NULL, s->contig_race = s->contig_race_straddle = true;
     s->widen_max_ns = 1; t->stats.acr_tried = 9; t->stats.acr_straddled = 1)
RULE(contig_pairs, HS_PASS, NULL, s->contig_race = s->contig_race_parallel = true;
     t->stats.acr_tried = 18; t->stats.acr_pairs = 9; t->stats.acr_overlapped = 1;
     t->stats.acr_busy = t->stats.acr_spurious = t->stats.acr_left_isolated = 9)
RULE(contig_pairs_apart, HS_BROKEN, "of 9 pairs none had its calls at the same time",
     s->contig_race = s->contig_race_parallel = true; t->stats.acr_tried = 18;
     t->stats.acr_pairs = 9)
RULE(contig_mutex, HS_PASS, NULL,
     s->contig_race = s->contig_race_parallel = s->contig_race_mutex = true;
     t->stats.acr_tried = 18; t->stats.acr_pairs = 9; t->stats.acr_busy = 9)
RULE(contig_mutex_idle, HS_BROKEN, "of 9 pairs 1 had their calls at the same time, the mutex",
     s->contig_race = s->contig_race_parallel = s->contig_race_mutex = true;
     t->stats.acr_tried = 18; t->stats.acr_pairs = 9;
     t->stats.acr_overlapped = t->stats.acr_left_isolated = 1)
RULE(contig_left_isolated, HS_FAIL, "left pageblocks isolated: 2 were as the next call for them began, of 18",
     s->contig_race = s->contig_race_parallel = s->contig_race_mutex = true;
     t->stats.acr_tried = 18; t->stats.acr_pairs = 9; t->stats.acr_left_isolated = 2)
RULE(refuser_idle, HS_BROKEN, "the antagonist notifier-error never acted",
     s->antagonists = 1u << HS_ANTAGONIST_NOTIFIER_ERROR)
RULE(virtio_mem_idle, HS_BROKEN, "the virtio-mem device was never resized",
     s->needs_virtio_mem = true)
RULE(virtio_mem, HS_PASS, NULL, s->needs_virtio_mem = true; t->virtio_mem_resizes = 1)
RULE(compaction_idle, HS_BROKEN, "the antagonist compact never acted: no scan for free pages in 101 windows",
     s->antagonists = 1u << HS_ANTAGONIST_COMPACT)
RULE(compaction_met_none, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_COMPACT;
     t->stats.compact_scans = 1)
RULE(compaction_had_no_turn, HS_BROKEN, "0 windows", s->antagonists = 1u << HS_ANTAGONIST_COMPACT;
     t->stats.windows = 0)
RULE(compaction_took_before, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_COMPACT;
     t->stats.compact_scans = t->stats.compact_met = t->stats.compact_taken = 9)
RULE(compaction_took, HS_PASS, "compaction took 4 free pages of pageblocks that were isolated as it began to look, and 3 of some that were as it ended",
     s->antagonists = 1u << HS_ANTAGONIST_COMPACT; t->stats.compact_scans = t->stats.compact_met = 9;
     t->stats.compact_taken = 40; t->stats.compact_isolated = 4; t->stats.compact_crossed = 3)
RULE(lru_batch_idle, HS_BROKEN, "the antagonist lru-batch never acted",
     s->antagonists = 1u << HS_ANTAGONIST_LRU_BATCH)
RULE(too_few_lru_batched, HS_BROKEN, "2 offlines of blocks with a page in an LRU batch, the scenario demands 3",
     s->antagonists = 1u << HS_ANTAGONIST_LRU_BATCH; s->expect.min_lru_batched = 3; t->lru_batched = 2)
RULE(lru_batched, HS_PASS, NULL,
     s->antagonists = 1u << HS_ANTAGONIST_LRU_BATCH; s->expect.min_lru_batched = t->lru_batched = 3)
RULE(refuser_acts, HS_PASS, "1 offlines were refused by our notifier; MEM_CANCEL_OFFLINE came 5 times",
     s->antagonists = 1u << HS_ANTAGONIST_NOTIFIER_ERROR; t->stats.offlines_refused = 1;
     t->stats.listener[0].going = 9; t->stats.listener[0].cancel = 4;
     t->stats.listener[0].offline = 5;
     t->stats.listener[1].cancel = t->stats.listener[1].cancel_unasked = 2;
     t->stats.listener[2].cancel = t->stats.listener[2].cancel_unasked = 3)
RULE(refuser_had_no_turn, HS_PASS, NULL, s->antagonists = 1u << HS_ANTAGONIST_NOTIFIER_ERROR;
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK] = t->stats.windows = t->stats.offlines = 4;
     t->stats.offlines_early = 0; s->expect.min_windows = 0)
RULE(listener_left_waiting, HS_FAIL, "the middle listener was told of 2 offlines that they begin, and never how",
     t->stats.listener[1] = (struct hotsoak_listener_stats){ .going = 2, .unended = 2 })
RULE(listener_under_way, HS_PASS, NULL, t->stats.listener[2].going = 1)
RULE(listener_told_twice, HS_FAIL, "the last listener was told of the end of 3 offlines, but of the beginning of 2",
     t->stats.listener[2] = (struct hotsoak_listener_stats){
	     .going = 1, .cancel_unasked = 1, .cancel = 1, .offline = 2 })
RULE(hook_missed, HS_BROKEN, "the hook mm_page_free missed 1 hits", t->hooks[1].nmissed = 1)
RULE(aim_missed, HS_PASS, NULL, t->hooks[1].nmissed = 1; t->hooks[1].aim = true)
RULE(window_missed, HS_BROKEN, "1 offlines had no window", t->stats.windows_missed = 1)
RULE(window_lost, HS_BROKEN, "do not add up", t->stats.windows--)
RULE(window_too_many, HS_BROKEN, "do not add up", t->stats.windows++; t->stats.samples = 5000;
     t->stats.e1 = 5000; t->stats.e2 = 5000)
RULE(window_uncounted, HS_BROKEN, "saw 101 windows of 102",
     t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK] = 102)
RULE(test_uncounted, HS_BROKEN, "saw 99 final tests of 100", t->stats.laps = 99)
RULE(test_unasked, HS_PASS, NULL, t->stats.laps = 0;
     s->invariants = 1; t->inv[HS_INV_PROGRESS] = (struct hs_inv_tally){ .armed = false })
RULE(doubt, HS_BROKEN, "contradicted itself", t->witness_doubt = true)
RULE(unexpected, HS_BROKEN, "1 online operations",
     t->ops[HS_OP_ONLINE][HS_OUTCOME_UNEXPECTED] = 1)
RULE(not_restored, HS_BROKEN, "not restored", t->restored = false)
RULE(no_end, HS_BROKEN, "no end", t->ended = false)
RULE(harness, HS_BROKEN, "a worker died", snprintf(t->broken, sizeof(t->broken), "a worker died"))
RULE(nothing_done, HS_BROKEN, "no block changed its state",
     s->expect = (struct hs_expect){ 0, 0, 0, 0, 0, 0 }; t->transitions = 0)

RULE(control_unreported, HS_BROKEN, "control late-drain went unreported",
     memcpy(t->control, "late-drain", 11); t->stats.control_planted = 4)
RULE(control_never_acted, HS_BROKEN, "it never acted", memcpy(t->control, "late-drain", 11))
RULE(control_of_the_tool, HS_BROKEN, "control corrupt-page went unreported",
     memcpy(t->control, "corrupt-page", 13))
RULE(control_unknown, HS_BROKEN, "control foo is not known", memcpy(t->control, "foo", 4))
RULE(control_caught, HS_FAIL, "no-stray violated", memcpy(t->control, "late-drain", 11);
     t->inv[HOTSOAK_INV_NO_STRAY].violations = 1)

RULE(fail_over_broken, HS_FAIL, "pairing", t->ended = false; t->witness_doubt = true;
     t->inv[HOTSOAK_INV_PAIRING].violations = 1)
RULE(broken_over_skip, HS_BROKEN, "1 offlines had no window", t->stats.windows_missed = 1;
     t->inv[HOTSOAK_INV_PCP_LIMITS] = (struct hs_inv_tally){ .armed = false })

/* Of another invariant than its own: FAIL, and the control is still missing. */
static void test_control_caught_by_another(void **state)
{
	struct trial *c = *state;

	memcpy(c->t.control, "late-drain", 11);
	c->t.stats.control_planted = 1;
	c->t.inv[HOTSOAK_INV_PAIRING].violations = 1;
	expect(c, HS_FAIL, "pairing");
	assert_int_equal(c->j.nr_reasons, 2);
	assert_non_null(strstr(c->j.reasons[1], "went unreported"));
}

/* Every control, caught or not: never PASS. */
static void test_controls_never_pass(void **state)
{
	struct trial *c = *state;

	for (const struct hs_control_desc *d = hs_controls; d->name; d++) {
		for (int caught = 0; caught < 2; caught++) {
			run_tally(&c->t);
			snprintf(c->t.control, sizeof(c->t.control), "%s", d->name);
			c->t.stats.control_planted = 1;
			if (caught)
				c->t.inv[__builtin_ctzll(d->breaks)].violations = 1;
			hs_verdict_judge(&c->j, &c->s, &c->t);
			assert_int_equal(c->j.verdict, caught ? HS_FAIL : HS_BROKEN);
		}
	}
}

static void test_all_zero(void **state)
{
	struct trial *c = *state;

	memset(&c->t, 0, sizeof(c->t));
	expect(c, HS_BROKEN, "no end");
	c->t.ended = true;
	hs_verdict_judge(&c->j, &c->s, &c->t);
	assert_true(c->j.verdict != HS_PASS);
	memset(&c->s, 0, sizeof(c->s));		/* a scenario that demands nothing */
	hs_verdict_judge(&c->j, &c->s, &c->t);
	assert_int_equal(c->j.verdict, HS_BROKEN);
	c->t.restored = c->t.witness = true;
	hs_verdict_judge(&c->j, &c->s, &c->t);
	assert_int_equal(c->j.verdict, HS_BROKEN);
}

static void test_notes(void **state)
{
	struct trial *c = *state;

	c->t.stats.events_lost = 5;
	c->t.interference = 2;
	hs_verdict_judge(&c->j, &c->s, &c->t);
	assert_int_equal(c->j.verdict, HS_PASS);
	assert_int_equal(c->j.nr_reasons, 2);
	assert_string_equal(c->j.reasons[1], "2 changes of blocks by someone else were seen");
	snprintf(c->t.stopped, sizeof(c->t.stopped), "pressure");
	c->t.ended = false;
	expect(c, HS_BROKEN, "no end");
	assert_int_equal(c->j.nr_reasons, 4);
	assert_string_equal(c->j.reasons[3], "pressure");
	assert_non_null(strstr(c->j.reasons[1], "5 events"));
}

static void test_endings(void **state)
{
	static const enum hs_verdict want[HS_NR_ENDINGS] = {
		[HS_ENDING_RECORD] = HS_PASS, [HS_ENDING_PANIC] = HS_FAIL,
		[HS_ENDING_SPLAT] = HS_FAIL, [HS_ENDING_HANG] = HS_BROKEN,
		[HS_ENDING_SILENCE] = HS_BROKEN, [HS_ENDING_TIMEOUT] = HS_BROKEN,
		[HS_ENDING_DIED] = HS_BROKEN,
	};
	struct trial *c = *state;

	for (int e = 0; e < HS_NR_ENDINGS; e++) {
		hs_verdict_judge_ending(&c->j, &c->s, &c->t, (enum hs_ending)e, "the words");
		assert_int_equal(c->j.verdict, want[e]);
		if (e)
			assert_non_null(strstr(c->j.reasons[0], ": the words"));
		hs_verdict_judge_ending(&c->j, &c->s, &c->t, (enum hs_ending)e, NULL);
		assert_int_equal(c->j.verdict, want[e]);
		/* A recorded violation is FAIL, however the guest went. */
		c->t.inv[0].violations = 1;
		hs_verdict_judge_ending(&c->j, &c->s, &c->t, (enum hs_ending)e, "");
		assert_int_equal(c->j.verdict, HS_FAIL);
		c->t.inv[0].violations = 0;
		c->t.ended = false;
		hs_verdict_judge_ending(&c->j, &c->s, &c->t, (enum hs_ending)e, "");
		assert_true(c->j.verdict == (want[e] == HS_FAIL ? HS_FAIL : HS_BROKEN));
		c->t.ended = true;
	}
}

/* More findings than a judgement holds: the verdict's own come first. */
static void test_many_reasons(void **state)
{
	struct trial *c = *state;

	memset(&c->t, 0, sizeof(c->t));
	c->t.witness = c->t.witness_doubt = true;
	c->t.stats.windows_missed = c->t.stats.events_lost = 1;
	c->t.nr_hooks = HOTSOAK_NR_HOOKS;
	for (int i = 0; i < HOTSOAK_NR_HOOKS; i++)
		c->t.hooks[i].nmissed = 1;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		c->t.inv[i] = (struct hs_inv_tally){ .armed = true, .violations = 1 };
	expect(c, HS_FAIL, "pcp-limits");
	assert_int_equal(c->j.nr_reasons, HS_MAX_REASONS);
	assert_non_null(strstr(c->j.reasons[HS_NR_INVARIANTS - 1], "progress violated"));
	assert_null(strstr(c->j.reasons[HS_NR_INVARIANTS], "violated"));
}

static void test_line(void **state)
{
	struct trial *c = *state;
	char line[512];

	hs_verdict_judge(&c->j, &c->s, &c->t);
	hs_verdict_line(&c->j, &c->s, &c->t, 42, line, sizeof(line));
	assert_string_equal(line, "hotsoak: PASS smoke seed=42 windows=101 e1=202 e2=51 samples=1010 violations=0");
	snprintf(c->t.broken, sizeof(c->t.broken), "said \"no\" \\ and\nleft");
	hs_verdict_judge(&c->j, &c->s, &c->t);
	hs_verdict_line(&c->j, &c->s, &c->t, UINT64_MAX, line, sizeof(line));
	assert_string_equal(line, "hotsoak: BROKEN smoke seed=18446744073709551615 windows=101 e1=202 e2=51 samples=1010 violations=0 reason=\"said \\\"no\\\" \\\\ and left\"");
}

static void test_line_never_overflows(void **state)
{
	struct trial *c = *state;
	char line[600];

	memset(c->s.name, 'n', sizeof(c->s.name) - 1);
	memset(&c->t.stats, 0xff, sizeof(c->t.stats));
	hs_verdict_judge(&c->j, &c->s, &c->t);
	assert_int_not_equal(c->j.verdict, HS_PASS);
	memset(c->j.reasons[0], '"', sizeof(c->j.reasons[0]) - 1);
	c->j.reasons[0][sizeof(c->j.reasons[0]) - 1] = '\0';
	for (size_t bytes = 1; bytes <= sizeof(line); bytes++) {
		memset(line, 'Z', sizeof(line));
		hs_verdict_line(&c->j, &c->s, &c->t, UINT64_MAX, line, bytes);
		assert_true(strnlen(line, bytes) < bytes);
		if (bytes < sizeof(line))
			assert_int_equal(line[bytes], 'Z');
		if (strstr(line, " reason="))
			assert_int_equal(line[strlen(line) - 1], '"');
	}
	hs_verdict_line(&c->j, &c->s, &c->t, UINT64_MAX, line, 512);
	assert_string_equal(line + strlen(line) - 4, "...\"");
}

#define TEST(name) cmocka_unit_test_setup(test_##name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pass), TEST(violation), TEST(tool_violation), TEST(stale_lists),
		TEST(virtio_mem_idle), TEST(virtio_mem),
		TEST(compaction_idle), TEST(compaction_met_none), TEST(compaction_had_no_turn),
		TEST(compaction_took_before), TEST(compaction_took),
		TEST(lru_batch_idle), TEST(too_few_lru_batched), TEST(lru_batched),
		TEST(signals), TEST(signals_outrun), TEST(signals_outrun_at_its_end),
		TEST(signals_outrun_early), TEST(signals_idle), TEST(too_few_interrupted),
		TEST(unarmed_violation),
		TEST(windows_one_short), TEST(windows_exact), TEST(e1_one_short),
		TEST(e2_one_short), TEST(e3_is_no_exposure), TEST(samples_one_short),
		TEST(nan_demand), TEST(armed_unchecked), TEST(not_armed),
		TEST(not_armed_not_required),
		TEST(not_promised), TEST(not_promised_not_required),
		TEST(nothing_promised), TEST(promised_not_armed), TEST(no_witness), TEST(skip),
		TEST(skip_with_a_control), TEST(skip_after_touching),
		TEST(antagonist_idle), TEST(antagonist_acts),
		TEST(holder_idle), TEST(locker_idle), TEST(holder_acts), TEST(holder_had_no_turn),
		TEST(poisoned_thp_endless), TEST(poisoned_thp_ends),
		TEST(poisoned_thp_idle), TEST(poisoned_thp_had_no_turn),
		TEST(poison_is_lost), TEST(hard_poison_endless), TEST(hard_poison_refused),
		TEST(hard_poison_idle), TEST(hard_poison_offline_alone),
		TEST(hard_poison_had_no_turn),
		TEST(soft_offline_waits), TEST(soft_offline_does_not),
		TEST(soft_offline_idle), TEST(soft_offline_had_no_turn),
		TEST(fifo_hog_deafens), TEST(fifo_hog_is_answered), TEST(fifo_hog_and_a_deaf_one),
		TEST(fifo_hog_idle), TEST(fifo_hog_had_no_turn),
		TEST(nodes_right), TEST(nodes_idle), TEST(nodes_wrong),
		TEST(balloon), TEST(balloon_idle), TEST(zones_alternate), TEST(zones_idle), TEST(zones_wrong),
		TEST(stress_ng_gave_up), TEST(tuner_sets), TEST(tuner_idle),
		TEST(online_other_seen), TEST(online_other_unseen), TEST(tuner_had_no_time),
		TEST(sysfs_read), TEST(sysfs_idle), TEST(sysfs_wrong), TEST(sysfs_unsound),
		TEST(uevent_missing), TEST(uevent_doubled), TEST(uevent_unasked),
		TEST(uevents_unheard), TEST(uevents_lost), TEST(uevents_lost_all),
		TEST(bystander_is_news), TEST(bystander_is_known), TEST(bystander_goes_on),
		TEST(bystanders_idle), TEST(bystanders_never_ran),
		TEST(stress_ng_content), TEST(stress_ng_did_nothing), TEST(stress_ng_no_metrics),
		TEST(stress_ng_never_started), TEST(stress_ng_failed),
		TEST(stress_ng_failed_itself), TEST(stress_ng_changed),
		TEST(stress_ng_lacks_memory),
		TEST(pool_wrong), TEST(pool_met_in_use),
		TEST(pool_met_free), TEST(pool_never_met), TEST(pool_unaudited),
		TEST(contig_race_idle), TEST(contig_race_acts), TEST(contig_race_busy),
		TEST(contig_race_unexposed), TEST(contig_race_split_none), TEST(contig_race_splits),
		TEST(contig_pairs), TEST(contig_pairs_apart), TEST(contig_mutex),
		TEST(contig_mutex_idle), TEST(contig_left_isolated),
		TEST(refuser_idle), TEST(refuser_acts), TEST(refuser_had_no_turn),
		TEST(listener_left_waiting), TEST(listener_under_way), TEST(listener_told_twice),
		TEST(hook_missed), TEST(aim_missed), TEST(window_missed),
		TEST(test_uncounted), TEST(test_unasked),
		TEST(window_lost), TEST(window_too_many), TEST(window_uncounted), TEST(doubt),
		TEST(unexpected), TEST(not_restored), TEST(no_end), TEST(harness),
		TEST(nothing_done), TEST(control_unreported), TEST(control_never_acted),
		TEST(control_of_the_tool), TEST(control_unknown), TEST(control_caught),
		TEST(fail_over_broken), TEST(broken_over_skip), TEST(control_caught_by_another),
		TEST(controls_never_pass), TEST(all_zero), TEST(notes), TEST(endings),
		TEST(many_reasons), TEST(line), TEST(line_never_overflows),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
