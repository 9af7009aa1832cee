// SPDX-License-Identifier: GPL-2.0-only
/* The freers of a soak: what they need, what they report, their start and their end. */
#include "soak_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "zone.h"

/* See hs_random_derive(). */
#define SEED_FREERS 2

static void freer_note(const char *what, const char *text, void *ctx)
{
	hs_soak_note(ctx, what, text);
}

static void freer_violation(enum hs_invariant inv, const char *text, void *ctx)
{
	struct hs_soak *s = ctx;

	if (s->tally.inv[inv].armed)
		hs_soak_violation(s, inv, NULL, text);
}

static void freer_checked(enum hs_invariant inv, uint64_t checks, void *ctx)
{
	struct hs_soak *s = ctx;

	if (s->tally.inv[inv].armed)
		s->tally.inv[inv].checks += checks;
}

/* What a freer takes besides must leave the headroom, and a block's worth more. */
static int freer_ask(struct hs_soak *s, const struct hs_freer_desc *f)
{
	uint64_t spare = hs_headroom_spare(&s->headroom);
	uint64_t bytes = f->bytes ? f->bytes(s->scenario) : 0;
	int r = f->ask ? f->ask(s->scenario, s->c.sysroot) : 0;

	if (r < 0)
		snprintf(s->tally.skip, sizeof(s->tally.skip), "the freer %s: %s", f->name,
			 f->ask_words(r));
	else if (bytes > spare)
		snprintf(s->tally.skip, sizeof(s->tally.skip),
			 "the freer %s takes %" PRIu64 " MiB, %" PRIu64 " can be spared", f->name,
			 bytes >> 20, spare >> 20);
	else
		return 0;
	return -ENODEV;
}

int hs_soak_freers_ask(struct hs_soak *s)
{
	int r = 0;

	if (s->c.no_freers)
		return 0;
	s->nodes = calloc(s->conductor.nr, sizeof(*s->nodes));
	if (!s->nodes) {
		snprintf(s->tally.broken, sizeof(s->tally.broken), "the freers: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->conductor.nr; i++)
		s->nodes[i] = s->conductor.blk[i].node;
	s->freer_env = (struct hs_freer_env){
		.event = s->event,
		.scenario = s->scenario,
		.sysroot = s->c.sysroot,
		.block_bytes = s->c.block_bytes,
		.seed = hs_random_derive(s->c.info->seed, SEED_FREERS),
		.nodes = s->nodes,
		.nr_nodes = s->conductor.nr,
		.corrupt = s->c.control && !strcmp(s->c.control->name, "corrupt-page"),
		.tally = &s->tally,
		.ctx = s,
		.note = freer_note,
		.violation = freer_violation,
		.checked = freer_checked,
	};
	for (const struct hs_freer_desc *const *f = hs_freers; *f && !r; f++)
		if ((*f)->is_wanted(s->scenario))
			r = freer_ask(s, *f);
	if (r || !hs_freers_want_too_much(s->scenario, s->c.sysroot, s->tally.skip,
					  sizeof(s->tally.skip)))
		return r;
	return -ENOMEM;
}

static bool has_knob(const struct hs_soak *s, const struct hs_freer_desc *f)
{
	return !s->c.no_freers && f->knob && f->is_wanted(s->scenario);
}

const char *hs_soak_freer_limited(const struct hs_soak *s)
{
	return s->c.no_freers ? NULL : hs_freers_limited(s->scenario);
}

const char *hs_soak_freer_that_sets(const struct hs_soak *s)
{
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++)
		if (has_knob(s, *f))
			return (*f)->name;
	return hs_soak_freer_limited(s);
}

int hs_soak_freers_knobs(struct hs_soak *s)
{
	struct hs_freer_knob k;
	int r = 0;

	for (const struct hs_freer_desc *const *f = hs_freers; *f && !r; f++) {
		if (!has_knob(s, *f))
			continue;
		for (unsigned int i = 0; !r; i++) {
			int last = (*f)->knob(&s->freer_env, i, &k);

			if (last == -ENOENT)
				break;
			r = last < 0 ? last :
				hs_journal_add_knob(s->c.journal, k.path, k.value, k.moves);
		}
	}
	return r;
}

int hs_soak_freers_start(struct hs_soak *s)
{
	if (s->c.no_freers)
		return 0;
	s->freer_env.witness = s->has_witness ? &s->witness : NULL;
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++) {
		void *state;
		int r;

		if (!(*f)->is_wanted(s->scenario))
			continue;
		r = (*f)->start(&s->freer_env, &state);
		if (r < 0 && (s->tally.broken[0] || s->tally.skip[0]))
			return r;
		if (r == -EOPNOTSUPP || r == -EPERM) {
			snprintf(s->tally.skip, sizeof(s->tally.skip), r == -EPERM ?
				 "the freer %s acts only in a guest with hotsoak.guest=1 on its command line" :
				 "this kernel lacks what the freer %s needs", (*f)->name);
			return r;
		}
		if (r < 0) {
			snprintf(s->tally.broken, sizeof(s->tally.broken),
				 "the freer %s could not be started: %s", (*f)->name, strerror(-r));
			return r;
		}
		s->freer[s->nr_freers].desc = *f;
		s->freer[s->nr_freers++].state = state;
	}
	return 0;
}

/* ---- A block that goes ----------------------------------------------------- */

/* Before it is known how long an isolation takes to begin, and where nobody tells. */
#define UNKNOWN_NS	UINT64_C(5000000)

/* A worker finishes what it is about before it listens: some tens of ms for a whole region. */
#define READY_NS	UINT64_C(50000000)

/* Where zones alternate that is so every second time. */
static void freer_cannot_aim(struct hs_soak *s, const struct hs_freer_desc *f)
{
	char text[96];

	if (s->unaimed_noted || s->scenario->alternate_zones)
		return;
	s->unaimed_noted = true;
	snprintf(text, sizeof(text), "the freer %s aims at blocks of ZONE_MOVABLE alone", f->name);
	hs_soak_note(s, "freer", text);
}

void hs_soak_freers_aim(struct hs_soak *s, const struct hs_conductor_block *b)
{
	uint64_t pages = hs_soak_block_pages(s), until_ns;

	bool movable = hs_zone_is_movable(b->zone_now);

	for (unsigned int i = 0; i < s->nr_freers; i++)
		if (s->freer[i].desc->aim && s->freer[i].desc->of_movable && !movable)
			freer_cannot_aim(s, s->freer[i].desc);
		else if (s->freer[i].desc->aim)
			s->freer[i].desc->aim(s->freer[i].state, b->index * pages, pages);
	until_ns = hs_soak_now(s) + READY_NS;
	for (unsigned int i = 0; i < s->nr_freers; i++)
		if (s->freer[i].desc->ready)
			s->freer[i].desc->ready(s->freer[i].state, until_ns);
	s->aimed.start_pfn = b->index * pages;
}

void hs_soak_freers_go(struct hs_soak *s)
{
	struct hs_freer_go go;

	if (!s->aimed.mean_ns)
		s->aimed.mean_ns = UNKNOWN_NS;
	s->aimed.at_ns = hs_soak_now(s);
	go.due_ns = s->aimed.at_ns + s->aimed.mean_ns;
	go.spread_ns = s->aimed.mean_ns;
	for (unsigned int i = 0; i < s->nr_freers; i++)
		if (s->freer[i].desc->go)
			s->freer[i].desc->go(s->freer[i].state, &go);
}

/*
 * A mean that forgets: the kernel takes longer when the machine is busy. What waits for
 * somebody else's lock counts as little more than that.
 */
void hs_soak_freers_closed(struct hs_soak *s, const struct hotsoak_event *window)
{
	uint64_t began_ns = window->win.isolating_ns, took_ns, most_ns = 4 * s->aimed.mean_ns;

	if (window->start_pfn != s->aimed.start_pfn || !s->aimed.at_ns ||
	    began_ns < s->aimed.at_ns)
		return;
	took_ns = began_ns - s->aimed.at_ns;
	s->aimed.at_ns = 0;
	s->aimed.mean_ns += (took_ns < most_ns ? took_ns : most_ns) / 8 - s->aimed.mean_ns / 8;
}

void hs_soak_freers_drop(struct hs_soak *s)
{
	for (unsigned int i = 0; i < s->nr_freers; i++)
		if (s->freer[i].desc->drop)
			s->freer[i].desc->drop(s->freer[i].state);
}

void hs_soak_freers_stop(struct hs_soak *s)
{
	while (s->nr_freers) {
		s->nr_freers--;
		s->freer[s->nr_freers].desc->stop(s->freer[s->nr_freers].state);
	}
}
