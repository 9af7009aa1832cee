// SPDX-License-Identifier: GPL-2.0-only
/* The rules about the freers and antagonists of a run: what they brought to light, and
 * whether they did anything at all. */
#include "rule_internal.h"

#include <inttypes.h>

#include "antagonist.h"
#include "hook.h"

/* ---- FAIL --------------------------------------------------------------- */

/*
 * Who was told that an offline begins must be told how it ended. That the end of one
 * comes to who was not told of its beginning is the way of all kernels, and only counted.
 */
static void listeners(struct hs_court *c)
{
	uint64_t unasked = 0;

	for (int i = 0; i < HOTSOAK_NR_LISTENERS; i++) {
		const struct hotsoak_listener_stats *l = &c->t->stats.listener[i];
		uint64_t begun = l->going + l->cancel_unasked, ended = l->cancel + l->offline;

		unasked += l->cancel_unasked;
		if (l->unended)
			hs_rule_find(c, HS_FAIL, "the %s listener was told of %" PRIu64 " offlines that they begin, and never how they ended",
				     hs_listener_names[i], (uint64_t)l->unended);
		if (ended > begun)
			hs_rule_find(c, HS_FAIL, "the %s listener was told of the end of %" PRIu64 " offlines, but of the beginning of %" PRIu64,
				     hs_listener_names[i], ended, begun);
	}
	if (c->t->stats.offlines_refused)
		hs_rule_find(c, HS_PASS, "%" PRIu64 " offlines were refused by our notifier; MEM_CANCEL_OFFLINE came %" PRIu64 " times to a listener of ours that had no MEM_GOING_OFFLINE",
			     (uint64_t)c->t->stats.offlines_refused, unasked);
}

/* Only a signal has parted them. */
static void soft_offline(struct hs_court *c)
{
	if (c->t->soft_offlines_deadlocked)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " offlines waited for a soft offline that waited for them, until they were interrupted",
			     c->t->soft_offlines_deadlocked);
}

/* Each was heard of again once the task was gone, and none was deaf without one. */
static void fifo_hog(struct hs_court *c)
{
	if (c->t->hogs_deaf &&
	    c->t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNANSWERED] == c->t->hogs_deaf)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " offlines did not answer a signal while a real-time task had a CPU",
			     c->t->hogs_deaf);
}

/* That some do is known, and for the kernel to mend. */
static void bystanders(struct hs_court *c)
{
	for (int i = 0; i < HS_NR_PROBES; i++) {
		const struct hs_probe_tally *p = &c->t->probe[i];

		if (p->stalled && !p->expected)
			hs_rule_find(c, HS_FAIL, "%s stalled for %" PRIu64 " offlines, which nobody expects: news",
				     hs_probes[i].name, p->stalled);
		if (p->met && !p->stalled && p->expected)
			hs_rule_find(c, HS_PASS, "%s was expected to stall, and did not for any of %" PRIu64 " offlines",
				     hs_probes[i].name, p->met);
	}
}

/* With nobody using the pool: see hugetlb.h. */
static void hugetlb_books(struct hs_court *c)
{
	if (*c->t->hugetlb_wrong)
		hs_rule_find(c, HS_FAIL, "the hugetlb pool's books are wrong: %s",
			     c->t->hugetlb_wrong);
}

/* Neither a pin nor a second mapping, which would be another's affair. */
static void poisoned_thp(struct hs_court *c)
{
	if (hs_scenario_has(c->s, HS_ANTAGONIST_POISONED_THP) && c->t->poisoned_endless)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " offlines went on and on because of a poisoned huge page that nobody pins, until they were interrupted",
			     c->t->poisoned_endless);
}

/*
 * By the one stressor that does nothing but write patterns and compare, see
 * hs_stress_ng_line(): data that migration has lost looks like that. What ends a stressor
 * else may be the lack of memory that blocks leave behind, and is told.
 */
static void stress_ng(struct hs_court *c)
{
	const struct hs_stress_ng_tally *t = &c->t->stress_ng;

	if (*t->changed)
		hs_rule_find(c, HS_FAIL, "stress-ng found memory changed: %s", t->changed);
	for (int i = HS_STRESS_NG_RESOURCES; i < HS_NR_STRESS_NG_ENDS; i++)
		if (t->ends[i])
			hs_rule_find(c, HS_PASS, "stress-ng ended so %" PRIu64 " of %" PRIu64 " times: %s%s%s",
				     t->ends[i], t->starts,
				     hs_stress_ng_end_words((enum hs_stress_ng_end)i),
				     *t->failed ? ": " : "", t->failed);
}

/*
 * Those that were found before any was lost are certain. Where none at all was heard, they
 * are wherever we are not: see sysfs_readers_idle().
 */
static void uevents(struct hs_court *c)
{
	const struct hs_tally *t = c->t;

	if (t->uevents_missing && t->uevents_heard)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " transitions of blocks had no uevent",
			     t->uevents_missing);
	if (t->uevents_doubled)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " uevents told of a transition once more",
			     t->uevents_doubled);
	if (t->uevents_unasked)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " uevents told of a transition that there was not",
			     t->uevents_unasked);
	if (t->uevents_lost)
		hs_rule_find(c, HS_PASS, "uevents were lost after the first %" PRIu64 ": nothing is claimed of the others",
			     t->uevents_heard);
}

/* Read wholly within an offline; a file of sysfs must not fail, either. */
static void sysfs_reads(struct hs_court *c)
{
	if (c->t->sysfs_wrong)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " reads of a block's state, while it went offline, did not say so",
			     c->t->sysfs_wrong);
	if (c->t->sysfs_unsound)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " reads of a block's files failed, or gave what they never should",
			     c->t->sysfs_unsound);
}

/* The online is that of a block whose page the run had poisoned, and had not healed. */
static void hard_poison(struct hs_court *c)
{
	if (!hs_scenario_has(c->s, HS_ANTAGONIST_HARD_POISON))
		return;
	if (c->t->poison_lost)
		hs_rule_find(c, HS_FAIL, "poison was lost: %" PRIu64 " blocks with a poisoned page came online, and gave it to the allocator",
			     c->t->poison_lost);
	if (c->t->poisoned_endless)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " offlines of a block with a poisoned page did not end by themselves",
			     c->t->poisoned_endless);
}

static void nodes(struct hs_court *c)
{
	if (c->t->nodes_wrong)
		hs_rule_find(c, HS_FAIL, "the kernel was wrong %" PRIu64 " times of %" PRIu64 " about whether a node has memory, when that lost its last block or got its first back",
			     c->t->nodes_wrong, c->t->nodes_gone_seen + c->t->nodes_back_seen);
}

static void zones(struct hs_court *c)
{
	if (c->t->zones_wrong)
		hs_rule_find(c, HS_FAIL, "%" PRIu64 " times a block came online in another zone than was asked for",
			     c->t->zones_wrong);
}

/* It is given back, or data goes there and out again: the kernel promises no other. */
static void compaction(struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	if (hs_scenario_has(c->s, HS_ANTAGONIST_COMPACT) &&
	    (st->compact_isolated || st->compact_crossed))
		hs_rule_find(c, HS_PASS, "compaction took %" PRIu64 " free pages of pageblocks that were isolated as it began to look, and %" PRIu64 " of some that were as it ended",
			     (uint64_t)st->compact_isolated, (uint64_t)st->compact_crossed);
}

/* ---- BROKEN ------------------------------------------------------------- */

/* It acts in every window that reached the notifiers. */
static void antagonist_idle(struct hs_court *c)
{
	if (hs_scenario_has(c->s, HS_ANTAGONIST_CONTIG) && c->t->stats.windows_isolated &&
	    !c->t->stats.contig_tried)
		hs_rule_find(c, HS_BROKEN, "the antagonist contig never acted");
	/* So many windows hold one whole turn, wherever the first of them stands. */
	if (hs_scenario_has(c->s, HS_ANTAGONIST_NOTIFIER_ERROR) &&
	    c->t->stats.windows >= 2 * HOTSOAK_REFUSE_ONE_IN - 1 &&
	    !c->t->stats.offlines_refused)
		hs_rule_find(c, HS_BROKEN, "the antagonist notifier-error never acted");
	if (hs_scenario_has(c->s, HS_ANTAGONIST_LRU_BATCH) && !hs_rule_never_ran(c) && !c->t->lru_batched)
		hs_rule_find(c, HS_BROKEN, "the antagonist lru-batch never acted");
}

/* Every second offline has its turn. One that the kernel takes for none of its own does not
 * tell: it is not tried again. */
static void pages_never_held(struct hs_court *c)
{
	const struct hs_antagonist_desc *a = hs_antagonist_of_pages(c->s);
	const uint64_t *ends = c->t->ops[HS_OP_OFFLINE];
	uint64_t nr = hs_rule_attempts(c->t, HS_OP_OFFLINE) - ends[HS_OUTCOME_UNSUPPORTED];

	if (a && nr >= 2 && !c->t->pages_held)
		hs_rule_find(c, HS_BROKEN, "the antagonist %s never held a page, in %" PRIu64 " offlines",
			     a->name, nr);
}

static void soft_offline_idle(struct hs_court *c)
{
	if (hs_scenario_has(c->s, HS_ANTAGONIST_SOFT_OFFLINE) && c->t->pages_held >= 2 &&
	    !c->t->soft_offlines_met)
		hs_rule_find(c, HS_BROKEN, "the antagonist soft-offline never met an offline, %" PRIu64 " times",
			     c->t->pages_held);
}

/* One that is deaf by itself, or stays so, tells nothing of what a hog does. */
static void fifo_hog_idle(struct hs_court *c)
{
	uint64_t nr = hs_rule_attempts(c->t, HS_OP_OFFLINE);
	uint64_t deaf = c->t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNANSWERED];

	if (!hs_scenario_has(c->s, HS_ANTAGONIST_FIFO_HOG))
		return;
	if (nr >= 2 && !c->t->hogs_met)
		hs_rule_find(c, HS_BROKEN, "the antagonist fifo-hog never met an offline, in %" PRIu64 " of them",
			     nr);
	if (deaf > c->t->hogs_deaf)
		hs_rule_find(c, HS_BROKEN, "%" PRIu64 " offlines did not answer a signal for a reason of their own",
			     deaf - c->t->hogs_deaf);
}

/* Its first write is due at once. */
static void tuners_idle(struct hs_court *c)
{
	uint64_t nr = hs_rule_attempts(c->t, HS_OP_OFFLINE);
	const struct hs_antagonist_desc *a;

	hs_for_each_antagonist(a, c->s)
		if (a->tuner && nr >= 2 && !c->t->tuner[a->kind].writes)
			hs_rule_find(c, HS_BROKEN, "the antagonist %s never acted: nothing was set, and %" PRIu64 " times refused, in %" PRIu64 " offlines",
				     a->name, c->t->tuner[a->kind].failed, nr);
}

/* What it changes is to be seen as anybody's. */
static void online_other_unseen(struct hs_court *c)
{
	uint64_t nr = c->t->tuner[HS_ANTAGONIST_ONLINE_OTHER].writes;

	if (nr && !c->t->interference)
		hs_rule_find(c, HS_BROKEN, "the antagonist online-other put %" PRIu64 " blocks online, and none was seen",
			     nr);
}

static void balloon_idle(struct hs_court *c)
{
	if (hs_scenario_has(c->s, HS_ANTAGONIST_BALLOON) && !hs_rule_never_ran(c) &&
	    !c->t->balloon_inflated)
		hs_rule_find(c, HS_BROKEN, "the balloon was never inflated: have the hypervisor do it during the run");
}

static void bystanders_idle(struct hs_court *c)
{
	uint64_t met = 0;

	for (int i = 0; i < HS_NR_PROBES; i++)
		met += c->t->probe[i].met;
	if (c->s->bystanders && !met && !hs_rule_never_ran(c))
		hs_rule_find(c, HS_BROKEN, "no bystander met an offline that was stuck: of those there were %" PRIu64,
			     c->t->bystanders_stuck);
}

static void hugetlb_idle(struct hs_court *c)
{
	if (!c->s->hugetlb || hs_rule_never_ran(c))
		return;
	if (hs_rule_attempts(c->t, HS_OP_OFFLINE) && !c->t->hugetlb_free_met &&
	    !c->t->hugetlb_used_met)
		hs_rule_find(c, HS_BROKEN, "the freer hugetlb never acted: no page of the pool lay in a block that was taken");
	if (!c->t->hugetlb_audits)
		hs_rule_find(c, HS_BROKEN, "the hugetlb pool's books could not be looked at");
}

/* What a stressor calls a failure may be a call that was refused, or its own mistake: it is
 * no fault of the kernel's until somebody has looked. */
static void stress_ng_idle(struct hs_court *c)
{
	const struct hs_stress_ng_tally *t = &c->t->stress_ng;
	uint64_t ops = 0;

	for (uint64_t i = 0; i < t->sum.nr; i++)
		ops += t->sum.stressor[i].bogo_ops;
	if (t->ends[HS_STRESS_NG_CORE])
		hs_rule_find(c, HS_BROKEN, "stress-ng failed itself: %s", t->failed);
	if (t->ends[HS_STRESS_NG_FAILED] && !*t->changed)
		hs_rule_find(c, HS_BROKEN, "a stressor of stress-ng failed: %s", t->failed);
	if (!c->s->stress_ng || hs_rule_never_ran(c) || !hs_rule_attempts(c->t, HS_OP_OFFLINE))
		return;
	if (!t->starts)
		hs_rule_find(c, HS_BROKEN, "the freer stress-ng never acted: it was never started");
	else if (!t->sum.nr)
		hs_rule_find(c, HS_BROKEN, "the freer stress-ng left no metrics: what it did is not known");
	else if (!ops)
		hs_rule_find(c, HS_BROKEN, "the freer stress-ng never acted: its stressors did nothing");
	if (t->gave_up)
		hs_rule_find(c, HS_BROKEN, "the freer stress-ng was not there to the end: it ended %" PRIu64 " times before",
			     t->early);
}

static void poisoned_thp_idle(struct hs_court *c)
{
	if (hs_scenario_has(c->s, HS_ANTAGONIST_POISONED_THP) && c->t->pages_held >= 2 &&
	    !c->t->poisoned_met)
		hs_rule_find(c, HS_BROKEN, "the antagonist poisoned-thp never met an offline, %" PRIu64 " times",
			     c->t->pages_held);
}

static void sysfs_readers_idle(struct hs_court *c)
{
	if (!hs_scenario_has(c->s, HS_ANTAGONIST_SYSFS_READERS) || hs_rule_never_ran(c))
		return;
	if (!c->t->sysfs_met)
		hs_rule_find(c, HS_BROKEN, "the antagonist sysfs-readers never read a block that was going offline, in %" PRIu64 " offlines",
			     hs_rule_attempts(c->t, HS_OP_OFFLINE));
	if (c->t->transitions && !c->t->uevents_heard)
		hs_rule_find(c, HS_BROKEN, "no uevent was heard at all, of %" PRIu64 " transitions",
			     c->t->transitions);
}

static void hard_poison_idle(struct hs_court *c)
{
	if (!hs_scenario_has(c->s, HS_ANTAGONIST_HARD_POISON) || c->t->pages_held < 2)
		return;
	if (!c->t->poisoned_met)
		hs_rule_find(c, HS_BROKEN, "the antagonist hard-poison never met an offline, %" PRIu64 " times",
			     c->t->pages_held);
	else if (!c->t->poison_refused && !c->t->poison_lost && !c->t->poisoned_endless)
		hs_rule_find(c, HS_BROKEN, "the antagonist hard-poison never met an online: %" PRIu64 " offlines met it",
			     c->t->poisoned_met);
}

/* The hypervisor's doing, or nobody's. */
static void virtio_mem_idle(struct hs_court *c)
{
	if (c->s->needs_virtio_mem && !hs_rule_never_ran(c) && !c->t->virtio_mem_resizes)
		hs_rule_find(c, HS_BROKEN, "the virtio-mem device was never resized: change its requested-size during the run");
}

static void nodes_idle(struct hs_court *c)
{
	if (c->s->needs_whole_nodes && !hs_rule_never_ran(c) && !c->t->nodes_gone_seen)
		hs_rule_find(c, HS_BROKEN, "no node was looked at as it lost its last block: %" PRIu64 " did",
			     c->t->nodes_emptied);
}

static void zones_idle(struct hs_court *c)
{
	if (c->s->alternate_zones && !hs_rule_never_ran(c) &&
	    hs_rule_attempts(c->t, HS_OP_ONLINE) && !c->t->zones_other)
		hs_rule_find(c, HS_BROKEN, "no block was put online in its other zone");
}

/* Neither can be told where nobody listens. */
static void compaction_idle(struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	if (hs_scenario_has(c->s, HS_ANTAGONIST_COMPACT) && st->windows && !st->compact_scans &&
	    !hs_rule_is_uncounted(c, HS_NEED_COMPACT))
		hs_rule_find(c, HS_BROKEN, "the antagonist compact never acted: no scan for free pages in %" PRIu64 " windows",
			     (uint64_t)st->windows);
}

/* A rate of nothing is no rate. That much is demanded of it whatever the scenario expects. */
static void contig_race_idle(struct hs_court *c)
{
	const struct hs_scenario *s = c->s;
	const struct hotsoak_stats *st = &c->t->stats;

	if (!s->contig_race || !st->windows || hs_rule_never_ran(c))
		return;
	if (!st->acr_tried)
		hs_rule_find(c, HS_BROKEN, "the freer contig-race never acted");
	else if (s->contig_race_straddle && !st->acr_straddled)
		hs_rule_find(c, HS_BROKEN, "contig-race: in %" PRIu64 " calls no free page was larger than the pageblock",
			     (uint64_t)st->acr_tried);
	else if (s->contig_race_parallel && !s->contig_race_mutex && !st->acr_overlapped)
		hs_rule_find(c, HS_BROKEN, "contig-race: of %" PRIu64 " pairs none had its calls at the same time",
			     (uint64_t)st->acr_pairs);
	else if (s->contig_race_mutex && st->acr_overlapped)
		hs_rule_find(c, HS_BROKEN, "contig-race: of %" PRIu64 " pairs %" PRIu64 " had their calls at the same time, the mutex notwithstanding",
			     (uint64_t)st->acr_pairs, (uint64_t)st->acr_overlapped);
	else if (!s->contig_race_straddle && !s->contig_race_parallel &&
		 s->contig_race_pcplists && s->widen_max_ns &&
		 !st->acr_e2 && !hs_rule_is_uncounted(c, HS_NEED_CONTIG))
		hs_rule_find(c, HS_BROKEN, "contig-race: in %" PRIu64 " calls no free crossed the isolation",
			     (uint64_t)st->acr_tried);
}

/*
 * A refusal may be for a page that somebody had for a moment. But no call is under way when
 * one begins under the mutex, and no offline: what is isolated has been left so.
 */
static void contig_left_isolated(struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	if (c->s->contig_race && c->s->contig_race_mutex && !st->acr_overlapped &&
	    st->acr_left_isolated)
		hs_rule_find(c, HS_FAIL, "alloc_contig_range() left pageblocks isolated: %" PRIu64 " were as the next call for them began, of %" PRIu64,
			     (uint64_t)st->acr_left_isolated, (uint64_t)st->acr_tried);
}

/* Before its window an offline has done nothing yet, and unseen may be before, too: one
 * that then ends as if there had been no signal tells of none. */
static void signals_idle(struct hs_court *c)
{
	const struct hs_signal_tally *s = &c->t->signals;
	uint64_t acted = hs_tally_signals(s->interrupted) + s->outran[HS_SIGNAL_OPEN] +
			 s->outran[HS_SIGNAL_ISOLATED] + s->outran[HS_SIGNAL_ENDED];

	if (hs_scenario_has(c->s, HS_ANTAGONIST_SIGNALS) && !acted && !hs_rule_never_ran(c))
		hs_rule_find(c, HS_BROKEN, "the antagonist signals never acted: %" PRIu64 " signals, none of them during an offline",
			     s->sent);
}

static void too_few_interrupted(struct hs_court *c)
{
	uint64_t interrupted = hs_tally_signals(c->t->signals.interrupted);

	if (interrupted < c->s->expect.min_interrupted && !hs_rule_never_ran(c))
		hs_rule_find(c, HS_BROKEN, "%" PRIu64 " offlines were interrupted by a signal, the scenario demands %" PRIu64,
			     interrupted, c->s->expect.min_interrupted);
}

static void too_few_lru_batched(struct hs_court *c)
{
	if (c->t->lru_batched < c->s->expect.min_lru_batched && !hs_rule_never_ran(c))
		hs_rule_find(c, HS_BROKEN, "%" PRIu64 " offlines of blocks with a page in an LRU batch, the scenario demands %" PRIu64,
			     c->t->lru_batched, c->s->expect.min_lru_batched);
}

void hs_rules_harm(struct hs_court *c)
{
	listeners(c);
	soft_offline(c);
	fifo_hog(c);
	bystanders(c);
	hugetlb_books(c);
	stress_ng(c);
	poisoned_thp(c);
	contig_left_isolated(c);
	uevents(c);
	sysfs_reads(c);
	hard_poison(c);
	compaction(c);
	nodes(c);
	zones(c);
}

void hs_rules_idle(struct hs_court *c)
{
	antagonist_idle(c);
	pages_never_held(c);
	soft_offline_idle(c);
	fifo_hog_idle(c);
	tuners_idle(c);
	online_other_unseen(c);
	balloon_idle(c);
	bystanders_idle(c);
	poisoned_thp_idle(c);
	hard_poison_idle(c);
	contig_race_idle(c);
	compaction_idle(c);
	hugetlb_idle(c);
	stress_ng_idle(c);
	sysfs_readers_idle(c);
	virtio_mem_idle(c);
	nodes_idle(c);
	zones_idle(c);
	signals_idle(c);
}

void hs_rules_few(struct hs_court *c)
{
	too_few_interrupted(c);
	too_few_lru_batched(c);
}
