// SPDX-License-Identifier: GPL-2.0-only
/* The freer contig-race: alloc_contig_range() for pageblocks of a block before it goes. */
#include "freer.h"

#include <errno.h>
#include <stdlib.h>

struct race {
	const struct hs_freer_env *env;
	bool complained;
};

static bool race_is_wanted(const struct hs_scenario *s)
{
	return s->contig_race;
}

static int race_try(struct race *r, uint64_t start_pfn, uint64_t nr_pages, uint32_t trials)
{
	const struct hs_scenario *s = r->env->scenario;
	bool frees = !s->contig_race_straddle && !s->contig_race_parallel;
	struct hotsoak_acr acr = {
		.flags = (s->contig_race_straddle ? HOTSOAK_ACR_STRADDLE : 0) |
			 (s->contig_race_parallel ? HOTSOAK_ACR_PARALLEL : 0) |
			 (s->contig_race_mutex ? HOTSOAK_ACR_MUTEX : 0) |
			 (s->contig_race_halves ? HOTSOAK_ACR_HALVES : 0) |
			 (s->contig_race_pcplists ? 0 : HOTSOAK_ACR_NO_PCPLISTS),
		.start_pfn = start_pfn,
		.nr_pages = nr_pages,
		.trials = trials,
		.pages = frees ? s->contig_race_pages : 0,
	};

	return hs_witness_contig_race(r->env->witness, &acr);
}

static int race_start(const struct hs_freer_env *env, void **state)
{
	struct race *r;
	int err;

	if (!env->witness)
		return -ENODEV;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->env = env;
	/* No range yet, hence EINVAL: whatever this kernel lacks is found before that. */
	err = race_try(r, 0, 0, 0);
	if (err < 0 && err != -EINVAL && err != -EBUSY) {
		free(r);
		return err;
	}
	*state = r;
	return 0;
}

static int race_aim(void *state, uint64_t start_pfn, uint64_t nr_pages)
{
	struct race *r = state;
	int err = race_try(r, start_pfn, nr_pages, r->env->scenario->contig_race_trials);

	/* EBUSY: somebody else's offline is under way, or an antagonist has a page; this
	 * block goes untried. */
	hs_freer_complain(r->env, &r->complained, "contig-race at", start_pfn, err);
	return err == -EBUSY ? 0 : err;
}

const struct hs_freer_desc hs_freer_contig_race = {
	.name = "contig-race",
	.summary = "alloc_contig_range() takes pageblocks while kernel threads free pages of them",
	.is_wanted = race_is_wanted,
	.start = race_start,
	.of_movable = true,
	.aim = race_aim,
	.stop = free,
};
