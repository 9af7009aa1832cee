// SPDX-License-Identifier: GPL-2.0-only
/* The hooks of the witness: what rests on each, and why one may be missing. */
#include "hook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INV(name)	(UINT64_C(1) << HOTSOAK_INV_##name)
#define OF_DISABLE	(INV(PCP_LIMITS) | INV(PCP_EMPTY) | INV(NO_STRAY) | INV(PAIRING))
#define OF_ISOLATION	(INV(NO_STRAY) | INV(NO_REALLOC) | INV(ISOLATION_LIFTED))
#define PROGRESS	(UINT64_C(1) << HS_INV_PROGRESS)
#define OF_COMMIT	(HS_NEED_E1 | HS_NEED_E2 | HS_NEED_CONTIG)
#define ALL_NEEDS	(HS_NEED_WINDOWS | HS_NEED_E1 | HS_NEED_E2 | HS_NEED_SAMPLES | HS_NEED_ACTS)

struct cost {
	const char *name;
	bool of_disabling;	/* nothing where the kernel does not disable pcplists */
	struct hs_hook_loss loss;
};

/* The invariants are those that the module arms no more, and progress. */
static const struct cost costs[] = {
	{ "offline_pages", false, { OF_DISABLE | OF_ISOLATION | PROGRESS, ALL_NEEDS, NULL } },
	{ "zone_pcp_disable", true, { OF_DISABLE, HS_NEED_E1, NULL } },
	{ "zone_pcp_enable", true, { OF_DISABLE, HS_NEED_E1, NULL } },
	/* Without it a burst does not know when to give its pages back. */
	{ "start_isolate_page_range", false, { OF_ISOLATION, ALL_NEEDS, NULL } },
	{ "undo_isolate_page_range", false, { OF_ISOLATION, 0, NULL } },
	{ "__offline_isolated_pages", false, { OF_ISOLATION, 0, NULL } },
	{ "test_pages_isolated", false,
	  { 0, HS_NEED_CONTIG, "final tests that fail for a page that nobody held are not counted" } },
	{ "free_unref_page_commit", false, { 0, OF_COMMIT, NULL } },
	{ "free_frozen_page_commit", false, { 0, OF_COMMIT, NULL } },
	{ "_raw_spin_trylock", true,
	  { 0, HS_NEED_AIM, "no free is delayed, and none that lost the trylock is counted" } },
	{ "rt_spin_trylock", true,
	  { 0, HS_NEED_AIM, "no free is delayed, and none that lost the trylock is counted" } },
	{ "mm_page_free", false,
	  { 0, HS_NEED_AIM, "no free is delayed, and E3 is not counted" } },
	{ "mm_page_alloc_zone_locked", false, { INV(NO_REALLOC), 0, NULL } },
	{ "mm_page_alloc_extfrag", false, { INV(NO_REALLOC), 0, NULL } },
	{ "memory_notifier", false,
	  { 0, HS_NEED_ACTS, "no look at the lists of every CPU follows the isolation" } },
	{ "final_test", false, { PROGRESS, 0, NULL } },
	{ "mm_compaction_isolate_freepages", false,
	  { 0, HS_NEED_COMPACT, "what compaction takes is not counted" } },
	{ "isolate_freepages_block", false,
	  { 0, 0, "what compaction takes of pageblocks that were isolated before is not told from the rest" } },
};

static const struct cost *cost_of(const struct hs_hook_tally *h)
{
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
		if (!strcmp(costs[i].name, h->name))
			return &costs[i];
	return NULL;
}

unsigned int hs_hook_needs(const struct hs_scenario *s, const struct hs_tally *t)
{
	const struct hs_expect *e = &s->expect;
	const struct hs_control_desc *c = *t->control ? hs_control_find(t->control) : NULL;
	unsigned int needs = 0;

	/* A burst holds its pages until a window comes. */
	if (e->min_windows || (s->burst && s->needs_module))
		needs |= HS_NEED_WINDOWS;
	/* Written so that a NaN is a demand too. */
	if (!(e->min_e1_per_window <= 0))
		needs |= HS_NEED_E1;
	if (!(e->min_e2_per_window <= 0))
		needs |= HS_NEED_E2;
	if (!(e->min_samples_per_window <= 0))
		needs |= HS_NEED_SAMPLES;
	if (s->contig_race && !s->contig_race_straddle && !s->contig_race_parallel)
		needs |= HS_NEED_CONTIG;
	if (hs_scenario_has(s, HS_ANTAGONIST_COMPACT) && s->needs_module)
		needs |= HS_NEED_COMPACT;
	if (hs_scenario_has(s, HS_ANTAGONIST_CONTIG) ||
	    (c && c->module != HOTSOAK_CONTROL_NONE))
		needs |= HS_NEED_ACTS;
	return needs;
}

bool hs_hook_is_missing(const struct hs_tally *t, const struct hs_hook_tally *h)
{
	const struct cost *c = cost_of(h);

	return h->error < 0 &&
	       !(c && c->of_disabling && t->inv[HOTSOAK_INV_PAIRING].unpromised);
}

void hs_hook_loss(const struct hs_tally *t, const struct hs_hook_tally *h,
		  struct hs_hook_loss *loss)
{
	const struct cost *c = cost_of(h);

	memset(loss, 0, sizeof(*loss));
	if (!hs_hook_is_missing(t, h))
		return;
	if (c)
		*loss = c->loss;
	else
		loss->else_lost = "what it counts is not counted";
}

unsigned int hs_hook_needs_lost(const struct hs_tally *t)
{
	struct hs_hook_loss loss;
	unsigned int needs = 0;

	for (unsigned int i = 0; i < t->nr_hooks; i++) {
		hs_hook_loss(t, &t->hooks[i], &loss);
		needs |= loss.needs;
	}
	return needs;
}

void hs_hook_lost_words(const struct hs_hook_loss *loss, uint64_t invariants,
			unsigned int needs, char *words, size_t words_bytes)
{
	static const struct { unsigned int need; const char *words; } lost[] = {
		{ HS_NEED_WINDOWS, "no window can be seen" },
		{ HS_NEED_E1, "E1 cannot be told" },
		{ HS_NEED_E2, "E2 cannot be told" },
		{ HS_NEED_SAMPLES, "no window can be seen" },
		{ HS_NEED_CONTIG, "why contig-race is refused cannot be told" },
		{ HS_NEED_COMPACT, "whether compaction met an offline cannot be told" },
		{ HS_NEED_ACTS, "what is planted in windows never acts" },
	};
	char names[128];

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		if (loss->needs & needs & lost[i].need) {
			snprintf(words, words_bytes, "%s", lost[i].words);
			return;
		}
	hs_invariant_names(loss->invariants & invariants, names, sizeof(names));
	if (*names)
		snprintf(words, words_bytes, "nothing is claimed of %s", names);
	else
		snprintf(words, words_bytes, "%s", loss->else_lost ? loss->else_lost : "");
}

const char *hs_hook_error_words(int error)
{
	switch (error) {
	case -ECANCELED:
		return "left out by the module's parameter without";
	case -ESHUTDOWN:
		return "kprobes or ftrace are switched off";
	case -EBUSY:
		return "kernel.ftrace_enabled is 0";
	case -EOPNOTSUPP:
	case -ENOSYS:
		return "the kernel is built without kprobes";
	case -ENOENT:
		return "this kernel has none of that name";
	default:
		return strerror(-error);
	}
}

void hs_hook_words(const struct hs_hook_tally *h, char *words, size_t words_bytes)
{
	snprintf(words, words_bytes, "the hook %s is missing (%s)", h->name,
		 hs_hook_error_words(h->error));
}
