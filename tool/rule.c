// SPDX-License-Identifier: GPL-2.0-only
/* The rules by which a run is judged: one function each, in the order of rules[]. */
#include "rule.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "antagonist.h"
#include "hook.h"

__attribute__((format(printf, 3, 4)))
static void find(struct hs_court *c, enum hs_verdict verdict, const char *fmt, ...)
{
	struct hs_finding *f = &c->found[c->nr];
	va_list ap;

	if (c->nr == HS_MAX_FOUND) {
		c->dropped[verdict] = true;
		return;
	}
	c->nr++;
	f->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static uint64_t attempts_at(const struct hs_tally *t, enum hs_op op)
{
	uint64_t sum = 0;

	for (int i = 0; i < HS_NR_OUTCOMES; i++)
		sum += t->ops[op][i];
	return sum;
}

static uint64_t attempts(const struct hs_tally *t)
{
	return attempts_at(t, HS_OP_OFFLINE) + attempts_at(t, HS_OP_ONLINE);
}

/*
 * A run that could not start has no exposure, no checks and no end; to blame it
 * for each would turn every SKIP into BROKEN. Once it touched a block it is
 * judged like any other.
 */
static bool never_ran(const struct hs_court *c)
{
	bool unwatched = c->s->needs_module && !c->t->witness;

	return (*c->t->skip || unwatched) && !attempts(c->t);
}

/* ---- FAIL --------------------------------------------------------------- */

static void violations(struct hs_court *c)
{
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->t->inv[i].violations)
			find(c, HS_FAIL, "%s violated %" PRIu64 " times in %" PRIu64 " checks",
			     hs_invariants[i].id, c->t->inv[i].violations, c->t->inv[i].checks);
}

/* Of the above: a fault that has long been mended, for who is about to report it. */
static void stale_lists(struct hs_court *c)
{
	if (c->t->stats.realloc_stale)
		find(c, HS_FAIL, "no-realloc: %" PRIu64 " off the list of another type, as Linux before v6.10 does now and then (mended by fd919a85cd55)",
		     (uint64_t)c->t->stats.realloc_stale);
}

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
			find(c, HS_FAIL, "the %s listener was told of %" PRIu64 " offlines that they begin, and never how they ended",
			     hs_listener_names[i], (uint64_t)l->unended);
		if (ended > begun)
			find(c, HS_FAIL, "the %s listener was told of the end of %" PRIu64 " offlines, but of the beginning of %" PRIu64,
			     hs_listener_names[i], ended, begun);
	}
	if (c->t->stats.offlines_refused)
		find(c, HS_PASS, "%" PRIu64 " offlines were refused by our notifier; MEM_CANCEL_OFFLINE came %" PRIu64 " times to a listener of ours that had no MEM_GOING_OFFLINE",
		     (uint64_t)c->t->stats.offlines_refused, unasked);
}

/* Only a signal has parted them. */
static void soft_offline(struct hs_court *c)
{
	if (c->t->soft_offlines_deadlocked)
		find(c, HS_FAIL, "%" PRIu64 " offlines waited for a soft offline that waited for them, until they were interrupted",
		     c->t->soft_offlines_deadlocked);
}

static void ending(struct hs_court *c)
{
	static const struct {
		enum hs_verdict verdict;
		const char *what;
	} endings[HS_NR_ENDINGS] = {
		[HS_ENDING_PANIC] = { HS_FAIL, "the kernel panicked" },
		[HS_ENDING_SPLAT] = { HS_FAIL, "the kernel complained on its console" },
		[HS_ENDING_HANG] = { HS_BROKEN, "the guest hung" },
		[HS_ENDING_SILENCE] = { HS_BROKEN, "the guest said nothing" },
		[HS_ENDING_TIMEOUT] = { HS_BROKEN, "the guest ran out of time" },
		[HS_ENDING_DIED] = { HS_BROKEN, "the guest died" },
	};

	if (c->ending == HS_ENDING_RECORD)
		return;
	if (c->words && *c->words)
		find(c, endings[c->ending].verdict, "%s: %s", endings[c->ending].what, c->words);
	else
		find(c, endings[c->ending].verdict, "%s", endings[c->ending].what);
}

/* ---- BROKEN ------------------------------------------------------------- */

static void harness(struct hs_court *c)
{
	if (*c->t->broken)
		find(c, HS_BROKEN, "%s", c->t->broken);
}

static void no_end(struct hs_court *c)
{
	/* Only one that says why it did not start may lack an end. */
	if (!c->t->ended && !(*c->t->skip && never_ran(c)))
		find(c, HS_BROKEN, "the record has no end: the run did not come to its own end");
}

static void not_restored(struct hs_court *c)
{
	/* Before the end nobody could have claimed it. */
	if (c->t->ended && !c->t->restored && attempts(c->t))
		find(c, HS_BROKEN, "a block was not restored to the state that it was found in");
}

static void control(struct hs_court *c)
{
	const struct hs_control_desc *desc;
	uint64_t caught = 0;

	/* One that could not be planted, for the run never began, went by nobody. */
	if (!*c->t->control || never_ran(c))
		return;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->t->inv[i].violations)
			caught |= UINT64_C(1) << i;
	desc = hs_control_find(c->t->control);
	if (!desc)
		find(c, HS_BROKEN, "control %s is not known to this judge", c->t->control);
	else if (caught & desc->breaks)
		find(c, HS_FAIL, "control %s was planted and reported", desc->name);
	else if (desc->module != HOTSOAK_CONTROL_NONE && !c->t->stats.control_planted)
		find(c, HS_BROKEN, "control %s went unreported: it never acted", desc->name);
	else
		find(c, HS_BROKEN, "control %s went unreported", desc->name);
}

/* It acts in every window that reached the notifiers. */
static void antagonist_idle(struct hs_court *c)
{
	if (c->s->antagonist == HS_ANTAGONIST_CONTIG && c->t->stats.windows_isolated &&
	    !c->t->stats.contig_tried)
		find(c, HS_BROKEN, "the antagonist contig never acted");
	/* So many windows hold one whole turn, wherever the first of them stands. */
	if (c->s->antagonist == HS_ANTAGONIST_NOTIFIER_ERROR &&
	    c->t->stats.windows >= 2 * HOTSOAK_REFUSE_ONE_IN - 1 &&
	    !c->t->stats.offlines_refused)
		find(c, HS_BROKEN, "the antagonist notifier-error never acted");
	if (c->s->antagonist == HS_ANTAGONIST_LRU_BATCH && !never_ran(c) && !c->t->lru_batched)
		find(c, HS_BROKEN, "the antagonist lru-batch never acted");
}

/* Every second offline has its turn. One that the kernel takes for none of its own does not
 * tell: it is not tried again. */
static void pages_never_held(struct hs_court *c)
{
	const uint64_t *ends = c->t->ops[HS_OP_OFFLINE];
	uint64_t nr = attempts_at(c->t, HS_OP_OFFLINE) - ends[HS_OUTCOME_UNSUPPORTED];

	if (hs_antagonist_is_of_pages(c->s->antagonist) && nr >= 2 && !c->t->pages_held)
		find(c, HS_BROKEN, "the antagonist %s never held a page, in %" PRIu64 " offlines",
		     hs_antagonist_of(c->s->antagonist)->name, nr);
}

static void soft_offline_idle(struct hs_court *c)
{
	if (c->s->antagonist == HS_ANTAGONIST_SOFT_OFFLINE && c->t->pages_held >= 2 &&
	    !c->t->soft_offlines_met)
		find(c, HS_BROKEN, "the antagonist soft-offline never met an offline, %" PRIu64 " times",
		     c->t->pages_held);
}

/* What no hook could count was not too little: see hooks_missing(). */
static bool is_uncounted(const struct hs_court *c, unsigned int need)
{
	return hs_hook_needs_lost(c->t) & need;
}

/* A rate of nothing is no rate. That much is demanded of it whatever the scenario expects. */
static void contig_race_idle(struct hs_court *c)
{
	const struct hs_scenario *s = c->s;
	const struct hotsoak_stats *st = &c->t->stats;

	if (!s->contig_race || !st->windows || never_ran(c))
		return;
	if (!st->acr_tried)
		find(c, HS_BROKEN, "the freer contig-race never acted");
	else if (s->contig_race_straddle && !st->acr_straddled)
		find(c, HS_BROKEN, "contig-race: in %" PRIu64 " calls no free page was larger than the pageblock",
		     (uint64_t)st->acr_tried);
	else if (!s->contig_race_straddle && s->contig_race_pcplists && s->widen_max_ns &&
		 !st->acr_e2 && !is_uncounted(c, HS_NEED_CONTIG))
		find(c, HS_BROKEN, "contig-race: in %" PRIu64 " calls no free crossed the isolation",
		     (uint64_t)st->acr_tried);
}

/* Before its window an offline has done nothing yet, and unseen may be before, too: one
 * that then ends as if there had been no signal tells of none. */
static void signals_idle(struct hs_court *c)
{
	const struct hs_signal_tally *s = &c->t->signals;
	uint64_t acted = hs_tally_signals(s->interrupted) + s->outran[HS_SIGNAL_OPEN] +
			 s->outran[HS_SIGNAL_ISOLATED] + s->outran[HS_SIGNAL_ENDED];

	if (c->s->antagonist == HS_ANTAGONIST_SIGNALS && !acted && !never_ran(c))
		find(c, HS_BROKEN, "the antagonist signals never acted: %" PRIu64 " signals, none of them during an offline",
		     s->sent);
}

static void witness_doubt(struct hs_court *c)
{
	if (c->t->witness_doubt)
		find(c, HS_BROKEN, "the witness contradicted itself and switched itself off");
}

static void hooks_missed(struct hs_court *c)
{
	for (unsigned int i = 0; i < c->t->nr_hooks; i++)
		if (c->t->hooks[i].nmissed && !c->t->hooks[i].aim)
			find(c, HS_BROKEN, "the hook %s missed %" PRIu64 " hits",
			     c->t->hooks[i].name, c->t->hooks[i].nmissed);
}

static void windows_missed(struct hs_court *c)
{
	if (c->t->stats.windows_missed)
		find(c, HS_BROKEN, "%" PRIu64 " offlines had no window",
		     (uint64_t)c->t->stats.windows_missed);
}

/* Every offline that passed the early checks must have opened and closed one. */
static void windows_add_up(struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	if (c->t->witness && st->windows + st->offlines_early != st->offlines)
		find(c, HS_BROKEN,
		     "windows do not add up: %" PRIu64 " windows, but %" PRIu64 " offlines of which %" PRIu64 " failed early",
		     (uint64_t)st->windows, (uint64_t)st->offlines, (uint64_t)st->offlines_early);
}

/* Two counts of the same thing, from inside and outside of the kernel. */
static void windows_cover_offlines(struct hs_court *c)
{
	uint64_t ok = c->t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK];

	if (c->t->witness && c->t->stats.windows < ok)
		find(c, HS_BROKEN, "the witness saw %" PRIu64 " windows of %" PRIu64 " blocks taken offline",
		     (uint64_t)c->t->stats.windows, ok);
}

/* Each of them has passed its final test: a hook that saw fewer would see none fail. */
static void tests_cover_offlines(struct hs_court *c)
{
	uint64_t ok = c->t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK];

	if (c->t->inv[HS_INV_PROGRESS].armed && c->t->stats.laps < ok)
		find(c, HS_BROKEN, "the witness saw %" PRIu64 " final tests of %" PRIu64 " blocks taken offline",
		     (uint64_t)c->t->stats.laps, ok);
}

static void unexpected_outcomes(struct hs_court *c)
{
	for (int op = 0; op < HS_NR_OPS; op++)
		if (c->t->ops[op][HS_OUTCOME_UNEXPECTED])
			find(c, HS_BROKEN, "%" PRIu64 " %s operations ended in a way that they never should",
			     c->t->ops[op][HS_OUTCOME_UNEXPECTED], hs_op_names[op]);
}

static void armed_unchecked(struct hs_court *c)
{
	for (int i = 0; i < HS_NR_INVARIANTS && !never_ran(c); i++)
		if (c->t->inv[i].armed && !c->t->inv[i].checks)
			find(c, HS_BROKEN, "%s was armed, but never checked", hs_invariants[i].id);
}

/* Whatever a scenario demands: without a transition nothing was tried. */
static void nothing_done(struct hs_court *c)
{
	if (!c->t->transitions && !never_ran(c))
		find(c, HS_BROKEN, "no block changed its state");
}

static void too_few_windows(struct hs_court *c)
{
	if (is_uncounted(c, HS_NEED_WINDOWS))
		return;
	if (c->t->stats.windows < c->s->expect.min_windows && !never_ran(c))
		find(c, HS_BROKEN, "%" PRIu64 " windows, the scenario demands %" PRIu64,
		     (uint64_t)c->t->stats.windows, c->s->expect.min_windows);
}

static void too_few_interrupted(struct hs_court *c)
{
	uint64_t interrupted = hs_tally_signals(c->t->signals.interrupted);

	if (interrupted < c->s->expect.min_interrupted && !never_ran(c))
		find(c, HS_BROKEN, "%" PRIu64 " offlines were interrupted by a signal, the scenario demands %" PRIu64,
		     interrupted, c->s->expect.min_interrupted);
}

static void too_few_lru_batched(struct hs_court *c)
{
	if (c->t->lru_batched < c->s->expect.min_lru_batched && !never_ran(c))
		find(c, HS_BROKEN, "%" PRIu64 " offlines of blocks with a page in an LRU batch, the scenario demands %" PRIu64,
		     c->t->lru_batched, c->s->expect.min_lru_batched);
}

static void per_window(struct hs_court *c, const char *what, uint64_t n, double min)
{
	uint64_t windows = c->t->stats.windows;

	/* Written so that a NaN demand is not met either. */
	if ((double)n >= min * (double)windows || never_ran(c))
		return;
	find(c, HS_BROKEN, "%.3g %s per window (%" PRIu64 " in %" PRIu64 " windows), the scenario demands %g",
	     windows ? (double)n / (double)windows : 0, what, n, windows, min);
}

static bool is_short_of_e2(const struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	return !((double)st->e2 >= c->s->expect.min_e2_per_window * (double)st->windows) &&
	       !never_ran(c);
}

static void too_little_e1(struct hs_court *c)
{
	if (!is_uncounted(c, HS_NEED_E1))
		per_window(c, "E1", c->t->stats.e1, c->s->expect.min_e1_per_window);
}

static void too_little_e2(struct hs_court *c)
{
	if (!is_uncounted(c, HS_NEED_E2 | HS_NEED_AIM))
		per_window(c, "E2", c->t->stats.e2, c->s->expect.min_e2_per_window);
}

static void too_few_samples(struct hs_court *c)
{
	if (!is_uncounted(c, HS_NEED_SAMPLES))
		per_window(c, "samples", c->t->stats.samples, c->s->expect.min_samples_per_window);
}

/* ---- SKIP --------------------------------------------------------------- */

/*
 * What a hook would have seen is not claimed: where it is required that is a SKIP, with
 * the hook's name, and a note where it is not.
 */
static void hooks_missing(struct hs_court *c)
{
	unsigned int needed = hs_hook_needs(c->s, c->t);

	/* Without delays there may be enough of them, or not. */
	if (is_short_of_e2(c))
		needed |= HS_NEED_AIM;
	for (unsigned int i = 0; i < c->t->nr_hooks; i++) {
		const struct hs_hook_tally *h = &c->t->hooks[i];
		char words[128], lost[128];
		struct hs_hook_loss loss;

		if (!hs_hook_is_missing(c->t, h))
			continue;
		hs_hook_words(h, words, sizeof(words));
		/* Said already. */
		if (!strncmp(words, c->t->skip, strlen(words)))
			continue;
		hs_hook_loss(c->t, h, &loss);
		hs_hook_lost_words(&loss, c->s->invariants, needed, lost, sizeof(lost));
		find(c, loss.invariants & c->s->invariants || loss.needs & needed ?
		     HS_SKIP : HS_PASS, "%s%s%s", words, *lost ? ": " : "", lost);
	}
}

static void could_not_run(struct hs_court *c)
{
	if (*c->t->skip)
		find(c, HS_SKIP, "%s", c->t->skip);
}

static void no_witness(struct hs_court *c)
{
	/* A record without an end may only have ended before it said so. */
	if (c->t->ended && c->s->needs_module && !c->t->witness && !*c->t->skip)
		find(c, HS_SKIP, "the scenario needs the witness, which was not armed");
}

static void not_armed(struct hs_court *c)
{
	/* Said already, in better words. */
	if (never_ran(c))
		return;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->s->invariants >> i & 1 && !c->t->inv[i].armed && !c->t->inv[i].unpromised)
			find(c, HS_SKIP, "%s is required, but could not be armed here",
			     hs_invariants[i].id);
}

/*
 * What the kernel does not mean to keep can be required of none that does not: the run
 * is judged by the others, and says so. Without others it proves nothing.
 */
static void not_promised(struct hs_court *c)
{
	uint64_t unpromised = 0;
	char names[96];

	if (never_ran(c))
		return;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->t->inv[i].unpromised)
			unpromised |= UINT64_C(1) << i;
	unpromised &= c->s->invariants;
	if (!unpromised)
		return;
	hs_invariant_names(unpromised, names, sizeof(names));
	find(c, unpromised == hs_invariant_module_mask(c->s->invariants) ? HS_SKIP : HS_PASS,
	     "nothing is claimed of %s: this kernel does not disable pcplists", names);
}

/* ---- notes -------------------------------------------------------------- */

static void events_lost(struct hs_court *c)
{
	if (c->t->stats.events_lost)
		find(c, HS_PASS, "%" PRIu64 " events of the witness were lost, none of its counts",
		     (uint64_t)c->t->stats.events_lost);
}

static void interference(struct hs_court *c)
{
	if (c->t->interference)
		find(c, HS_PASS, "%" PRIu64 " changes of blocks by someone else were seen",
		     c->t->interference);
}

static void stopped(struct hs_court *c)
{
	if (*c->t->stopped)
		find(c, HS_PASS, "%s", c->t->stopped);
}

/* The first finding of the strongest kind is the one in the verdict line. */
static void (*const rules[])(struct hs_court *c) = {
	violations, stale_lists, listeners, soft_offline, ending, harness, control,
	antagonist_idle, pages_never_held, soft_offline_idle, contig_race_idle, signals_idle,
	witness_doubt, hooks_missed, windows_missed, windows_add_up, windows_cover_offlines,
	tests_cover_offlines, unexpected_outcomes, no_end, not_restored, armed_unchecked,
	nothing_done, too_few_windows, too_little_e1, too_little_e2, too_few_samples,
	too_few_interrupted, too_few_lru_batched, could_not_run, no_witness, hooks_missing,
	not_armed, not_promised, events_lost, interference, stopped,
};

void hs_rules_apply(struct hs_court *c)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](c);
}
