// SPDX-License-Identifier: GPL-2.0-only
/* The rules by which a run is judged: one function each, in the order of rules[]. */
#include "rule_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hook.h"

void hs_rule_find(struct hs_court *c, enum hs_verdict verdict, const char *fmt, ...)
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

uint64_t hs_rule_attempts(const struct hs_tally *t, enum hs_op op)
{
	uint64_t sum = 0;

	for (int i = 0; i < HS_NR_OUTCOMES; i++)
		sum += t->ops[op][i];
	return sum;
}

static uint64_t attempts(const struct hs_tally *t)
{
	return hs_rule_attempts(t, HS_OP_OFFLINE) + hs_rule_attempts(t, HS_OP_ONLINE);
}

bool hs_rule_never_ran(const struct hs_court *c)
{
	bool unwatched = c->s->needs_module && !c->t->witness;

	return (*c->t->skip || unwatched) && !attempts(c->t);
}

/* ---- FAIL --------------------------------------------------------------- */

static void violations(struct hs_court *c)
{
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->t->inv[i].violations)
			hs_rule_find(c, HS_FAIL, "%s violated %" PRIu64 " times in %" PRIu64 " checks",
				     hs_invariants[i].id, c->t->inv[i].violations, c->t->inv[i].checks);
}

/* Of the above: a fault that has long been mended, for who is about to report it. */
static void stale_lists(struct hs_court *c)
{
	if (c->t->stats.realloc_stale)
		hs_rule_find(c, HS_FAIL, "no-realloc: %" PRIu64 " off the list of another type, as Linux before v6.10 does now and then (mended by fd919a85cd55)",
			     (uint64_t)c->t->stats.realloc_stale);
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
		hs_rule_find(c, endings[c->ending].verdict, "%s: %s", endings[c->ending].what, c->words);
	else
		hs_rule_find(c, endings[c->ending].verdict, "%s", endings[c->ending].what);
}

/* ---- BROKEN ------------------------------------------------------------- */

static void harness(struct hs_court *c)
{
	if (*c->t->broken)
		hs_rule_find(c, HS_BROKEN, "%s", c->t->broken);
}

static void no_end(struct hs_court *c)
{
	/* Only one that says why it did not start may lack an end. */
	if (!c->t->ended && !(*c->t->skip && hs_rule_never_ran(c)))
		hs_rule_find(c, HS_BROKEN, "the record has no end: the run did not come to its own end");
}

static void not_restored(struct hs_court *c)
{
	/* Before the end nobody could have claimed it. */
	if (c->t->ended && !c->t->restored && attempts(c->t))
		hs_rule_find(c, HS_BROKEN, "a block was not restored to the state that it was found in");
}

static void control(struct hs_court *c)
{
	const struct hs_control_desc *desc;
	uint64_t caught = 0;

	/* One that could not be planted, for the run never began, went by nobody. */
	if (!*c->t->control || hs_rule_never_ran(c))
		return;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->t->inv[i].violations)
			caught |= UINT64_C(1) << i;
	desc = hs_control_find(c->t->control);
	if (!desc)
		hs_rule_find(c, HS_BROKEN, "control %s is not known to this judge", c->t->control);
	else if (caught & desc->breaks)
		hs_rule_find(c, HS_FAIL, "control %s was planted and reported", desc->name);
	else if (desc->module != HOTSOAK_CONTROL_NONE && !c->t->stats.control_planted)
		hs_rule_find(c, HS_BROKEN, "control %s went unreported: it never acted", desc->name);
	else
		hs_rule_find(c, HS_BROKEN, "control %s went unreported", desc->name);
}

bool hs_rule_is_uncounted(const struct hs_court *c, unsigned int need)
{
	return hs_hook_needs_lost(c->t) & need;
}

static void witness_doubt(struct hs_court *c)
{
	if (c->t->witness_doubt)
		hs_rule_find(c, HS_BROKEN, "the witness contradicted itself and switched itself off");
}

static void hooks_missed(struct hs_court *c)
{
	for (unsigned int i = 0; i < c->t->nr_hooks; i++)
		if (c->t->hooks[i].nmissed && !c->t->hooks[i].aim)
			hs_rule_find(c, HS_BROKEN, "the hook %s missed %" PRIu64 " hits",
				     c->t->hooks[i].name, c->t->hooks[i].nmissed);
}

static void windows_missed(struct hs_court *c)
{
	if (c->t->stats.windows_missed)
		hs_rule_find(c, HS_BROKEN, "%" PRIu64 " offlines had no window",
			     (uint64_t)c->t->stats.windows_missed);
}

/* Every offline that passed the early checks must have opened and closed one. */
static void windows_add_up(struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	if (c->t->witness && st->windows + st->offlines_early != st->offlines)
		hs_rule_find(c, HS_BROKEN,
			     "windows do not add up: %" PRIu64 " windows, but %" PRIu64 " offlines of which %" PRIu64 " failed early",
			     (uint64_t)st->windows, (uint64_t)st->offlines, (uint64_t)st->offlines_early);
}

/* Two counts of the same thing, from inside and outside of the kernel. */
static void windows_cover_offlines(struct hs_court *c)
{
	uint64_t ok = c->t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK];

	if (c->t->witness && c->t->stats.windows < ok)
		hs_rule_find(c, HS_BROKEN, "the witness saw %" PRIu64 " windows of %" PRIu64 " blocks taken offline",
			     (uint64_t)c->t->stats.windows, ok);
}

/* Each of them has passed its final test: a hook that saw fewer would see none fail. */
static void tests_cover_offlines(struct hs_court *c)
{
	uint64_t ok = c->t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK];

	if (c->t->inv[HS_INV_PROGRESS].armed && c->t->stats.laps < ok)
		hs_rule_find(c, HS_BROKEN, "the witness saw %" PRIu64 " final tests of %" PRIu64 " blocks taken offline",
			     (uint64_t)c->t->stats.laps, ok);
}

static void unexpected_outcomes(struct hs_court *c)
{
	for (int op = 0; op < HS_NR_OPS; op++)
		if (c->t->ops[op][HS_OUTCOME_UNEXPECTED])
			hs_rule_find(c, HS_BROKEN, "%" PRIu64 " %s operations ended in a way that they never should",
				     c->t->ops[op][HS_OUTCOME_UNEXPECTED], hs_op_names[op]);
}

static void armed_unchecked(struct hs_court *c)
{
	for (int i = 0; i < HS_NR_INVARIANTS && !hs_rule_never_ran(c); i++)
		if (c->t->inv[i].armed && !c->t->inv[i].checks)
			hs_rule_find(c, HS_BROKEN, "%s was armed, but never checked", hs_invariants[i].id);
}

/* Whatever a scenario demands: without a transition nothing was tried. */
static void nothing_done(struct hs_court *c)
{
	if (!c->t->transitions && !hs_rule_never_ran(c))
		hs_rule_find(c, HS_BROKEN, "no block changed its state");
}

static void too_few_windows(struct hs_court *c)
{
	if (hs_rule_is_uncounted(c, HS_NEED_WINDOWS))
		return;
	if (c->t->stats.windows < c->s->expect.min_windows && !hs_rule_never_ran(c))
		hs_rule_find(c, HS_BROKEN, "%" PRIu64 " windows, the scenario demands %" PRIu64,
			     (uint64_t)c->t->stats.windows, c->s->expect.min_windows);
}

static void per_window(struct hs_court *c, const char *what, uint64_t n, double min)
{
	uint64_t windows = c->t->stats.windows;

	/* Written so that a NaN demand is not met either. */
	if ((double)n >= min * (double)windows || hs_rule_never_ran(c))
		return;
	hs_rule_find(c, HS_BROKEN, "%.3g %s per window (%" PRIu64 " in %" PRIu64 " windows), the scenario demands %g",
		     windows ? (double)n / (double)windows : 0, what, n, windows, min);
}

static bool is_short_of_e2(const struct hs_court *c)
{
	const struct hotsoak_stats *st = &c->t->stats;

	return !((double)st->e2 >= c->s->expect.min_e2_per_window * (double)st->windows) &&
	       !hs_rule_never_ran(c);
}

static void too_little_e1(struct hs_court *c)
{
	if (!hs_rule_is_uncounted(c, HS_NEED_E1))
		per_window(c, "E1", c->t->stats.e1, c->s->expect.min_e1_per_window);
}

static void too_little_e2(struct hs_court *c)
{
	if (!hs_rule_is_uncounted(c, HS_NEED_E2 | HS_NEED_AIM))
		per_window(c, "E2", c->t->stats.e2, c->s->expect.min_e2_per_window);
}

static void too_few_samples(struct hs_court *c)
{
	if (!hs_rule_is_uncounted(c, HS_NEED_SAMPLES))
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
		hs_rule_find(c, loss.invariants & c->s->invariants || loss.needs & needed ?
			     HS_SKIP : HS_PASS, "%s%s%s", words, *lost ? ": " : "", lost);
	}
}

static void could_not_run(struct hs_court *c)
{
	if (*c->t->skip)
		hs_rule_find(c, HS_SKIP, "%s", c->t->skip);
}

static void no_witness(struct hs_court *c)
{
	/* A record without an end may only have ended before it said so. */
	if (c->t->ended && c->s->needs_module && !c->t->witness && !*c->t->skip)
		hs_rule_find(c, HS_SKIP, "the scenario needs the witness, which was not armed");
}

static void not_armed(struct hs_court *c)
{
	/* Said already, in better words. */
	if (hs_rule_never_ran(c))
		return;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->s->invariants >> i & 1 && !c->t->inv[i].armed && !c->t->inv[i].unpromised)
			hs_rule_find(c, HS_SKIP, "%s is required, but could not be armed here",
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

	if (hs_rule_never_ran(c))
		return;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (c->t->inv[i].unpromised)
			unpromised |= UINT64_C(1) << i;
	unpromised &= c->s->invariants;
	if (!unpromised)
		return;
	hs_invariant_names(unpromised, names, sizeof(names));
	hs_rule_find(c, unpromised == hs_invariant_module_mask(c->s->invariants) ? HS_SKIP : HS_PASS,
		     "nothing is claimed of %s: this kernel does not disable pcplists", names);
}

/* ---- notes -------------------------------------------------------------- */

static void events_lost(struct hs_court *c)
{
	if (c->t->stats.events_lost)
		hs_rule_find(c, HS_PASS, "%" PRIu64 " events of the witness were lost, none of its counts",
			     (uint64_t)c->t->stats.events_lost);
}

static void interference(struct hs_court *c)
{
	if (c->t->interference)
		hs_rule_find(c, HS_PASS, "%" PRIu64 " changes of blocks by someone else were seen",
			     c->t->interference);
}

static void stopped(struct hs_court *c)
{
	if (*c->t->stopped)
		hs_rule_find(c, HS_PASS, "%s", c->t->stopped);
}

/* The first finding of the strongest kind is the one in the verdict line. */
static void (*const rules[])(struct hs_court *c) = {
	violations, stale_lists, hs_rules_harm, ending, harness, control, hs_rules_idle, witness_doubt, hooks_missed, windows_missed, windows_add_up, windows_cover_offlines,
	tests_cover_offlines, unexpected_outcomes, no_end, not_restored, armed_unchecked,
	nothing_done, too_few_windows, too_little_e1, too_little_e2, too_few_samples,
	hs_rules_few, could_not_run, no_witness, hooks_missing,
	not_armed, not_promised, events_lost, interference, stopped,
};

void hs_rules_apply(struct hs_court *c)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](c);
}
