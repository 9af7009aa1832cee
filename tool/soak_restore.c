// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a soak owes the machine: its journal, and every block as it was found. The
 * conductor decides what goes back; see restore.c for a run that could not do this.
 */
#include "soak_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "memcg.h"

int hs_soak_journal_write(struct hs_soak *s)
{
	const struct hs_antagonist_desc *a, *changes = NULL;
	struct hs_journal *j = s->c.journal;
	const char *freer = hs_soak_freer_that_sets(s);
	bool fake = s->c.sysroot && s->c.sysroot[0];
	int r = 0;

	hs_for_each_antagonist(a, s->scenario)
		if (a->knobs || a->poisons || (a->tuner && !a->tuner->momentary))
			changes = a;
	if (!j && !changes && !freer)
		return 0;
	if (!j) {
		snprintf(s->tally.broken, sizeof(s->tally.broken),
			 "the %s %s changes the machine, and there is no journal",
			 changes ? "antagonist" : "freer", changes ? changes->name : freer);
		return -EINVAL;
	}
	for (size_t i = 0; !r && i < s->c.target->nr; i++)
		r = hs_journal_add(j, s->c.target->blk[i]);
	hs_for_each_antagonist(a, s->scenario)
		for (const struct hs_antagonist_knob *k = a->knobs; !r && k && k->path; k++)
			r = hs_journal_add_knob(j, k->path, k->value, false);
	if (!r)
		r = hs_soak_tuners_knobs(s);
	if (!r)
		r = hs_soak_freers_knobs(s);
	j->cgroup = hs_soak_freer_limited(s) != NULL;
	if (!fake && !s->c.no_witness)
		j->module = hs_witness_is_loaded() ? HS_JOURNAL_MODULE_LOADED :
						     HS_JOURNAL_MODULE_ABSENT;
	if (!r)
		r = hs_journal_commit(j);
	if (r < 0)
		snprintf(s->tally.broken, sizeof(s->tally.broken),
			 "%.80s: %.40s: nothing was touched", j->doing, strerror(-r));
	return r;
}

int hs_soak_knobs_set(struct hs_soak *s)
{
	struct hs_journal *j = s->c.journal;
	int r = 0;

	for (size_t i = 0; j && !r && i < j->nr_knobs; i++) {
		r = hs_knob_set(&j->knob[i], j->sysroot);
		if (r < 0)
			snprintf(s->tally.broken, sizeof(s->tally.broken), "writing %s to %s: %s",
				 j->knob[i].set, j->knob[i].path, strerror(-r));
	}
	return r;
}

static bool cgroup_remove(struct hs_soak *s, const struct hs_journal *j)
{
	char text[96];
	int r = j && j->cgroup ? hs_memcg_remove(j->sysroot) : 0;

	if (r >= 0)
		return true;
	snprintf(text, sizeof(text), HS_MEMCG_DIR " cannot be removed: %s", strerror(-r));
	hs_soak_note(s, "not-restored", text);
	return false;
}

bool hs_soak_knobs_restore(struct hs_soak *s)
{
	struct hs_journal *j = s->c.journal;
	bool restored = cgroup_remove(s, j);

	/* Who sets one waits for what is in the kernel, and the run would never end. */
	if (j && j->nr_knobs && (s->flight.active || s->tuners_stuck))
		return false;
	for (size_t i = j ? j->nr_knobs : 0; i; i--) {
		const struct hs_knob *k = &j->knob[i - 1];
		int r = hs_knob_restore(k, j->sysroot);
		char text[224];

		if (r == HS_KNOB_AS_FOUND || r == HS_KNOB_GONE)
			continue;
		restored &= r == HS_KNOB_FOREIGN;
		snprintf(text, sizeof(text), r == HS_KNOB_FOREIGN ?
			 "%s was changed last by someone else: left so" :
			 "%s was %s, and cannot be written: %s", k->path, k->was,
			 r < 0 ? strerror(-r) : "it stays as it is");
		hs_soak_note(s, r == HS_KNOB_FOREIGN ? "left" : "not-restored", text);
	}
	return restored;
}

void hs_soak_journal_clear(struct hs_soak *s)
{
	char text[800];
	int r;

	if (!s->c.journal || !s->c.journal->on_disk)
		return;
	r = hs_journal_clear(s->c.journal);
	if (r >= 0)
		return;
	/* The next run finds it, and everything as it says. */
	snprintf(text, sizeof(text), "%s: %s", s->c.journal->doing, strerror(-r));
	hs_soak_note(s, "journal", text);
}

void hs_soak_journal_mark(struct hs_soak *s, size_t at)
{
	char text[800];
	int r;

	if (!s->c.journal)
		return;
	r = hs_journal_mark(s->c.journal, at, s->conductor.blk[at].away);
	if (r >= 0)
		return;
	snprintf(text, sizeof(text),
		 "%s: %s: after a kill -9 blocks that somebody else took would come back too",
		 s->c.journal->doing, strerror(-r));
	hs_soak_note(s, "journal", text);
}

/* What someone else has changed is known to be theirs by now: the rest is our doing. */
static enum hs_standing block_stands(struct hs_soak *s, size_t at, struct hs_memblk *now)
{
	struct hs_conductor_block *b = &s->conductor.blk[at];
	enum hs_standing standing;

	*now = (struct hs_memblk){ .index = b->index, .state = HS_MEMBLK_UNKNOWN };
	hs_memblk_refresh(&s->known, now);
	b->away = !b->theirs;
	standing = hs_conductor_standing(&s->conductor, at, now);
	if (standing == HS_STANDING_AS_FOUND)
		b->away = false;
	hs_soak_journal_mark(s, at);
	return standing;
}

static void others_look(struct hs_soak *s)
{
	hs_soak_uevents_drain(s);
	hs_soak_resync(s, false);
}

int hs_soak_restore_step(struct hs_soak *s, unsigned int tries, struct hs_step *step)
{
	int r = hs_conductor_restore(&s->conductor, tries, step);
	struct hs_memblk now;

	if (r != -ENOENT)
		return r;
	/* As far as our own answers tell. Their zones do not show in those. */
	others_look(s);
	for (size_t i = 0; i < s->conductor.nr; i++)
		block_stands(s, i, &now);
	return hs_conductor_restore(&s->conductor, tries, step);
}

/*
 * State and zone of every block, read anew, against what was found. What someone
 * else changed last is theirs: named, and no failure of ours.
 */
bool hs_soak_is_restored(struct hs_soak *s, bool *ours_left)
{
	bool restored = true;

	*ours_left = false;
	others_look(s);
	for (size_t i = 0; i < s->conductor.nr; i++) {
		const struct hs_conductor_block *b = &s->conductor.blk[i];
		struct hs_memblk now;
		enum hs_standing standing = block_stands(s, i, &now);
		bool theirs = standing == HS_STANDING_FOREIGN;
		char text[200];

		if (standing == HS_STANDING_AS_FOUND)
			continue;
		/* Of ours nothing is in the kernel any more. */
		theirs |= now.state == HS_MEMBLK_GOING_OFFLINE && !s->flight.active;
		restored &= theirs;
		*ours_left |= !theirs;
		snprintf(text, sizeof(text), "memory%lu is %s (valid zones: %s), was %s in %s%s",
			 b->index, hs_memblk_state_name(now.state),
			 now.zones[0] ? now.zones : "none", hs_memblk_state_name(b->found), b->zone,
			 theirs ? ": changed last by someone else, left so" : "");
		hs_soak_note(s, theirs ? "left" : "not-restored", text);
	}
	return restored;
}
