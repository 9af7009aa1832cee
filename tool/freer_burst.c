// SPDX-License-Identifier: GPL-2.0-only
/* The freer burst: the module's own threads, aimed at the window of one offline. */
#include "freer.h"

#include <errno.h>
#include <stdlib.h>

struct burst {
	const struct hs_freer_env *env;
	bool complained;
};

static bool burst_is_wanted(const struct hs_scenario *s)
{
	return s->burst;
}

static int burst_start(const struct hs_freer_env *env, void **state)
{
	struct burst *b;

	if (!env->witness)
		return -ENODEV;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->env = env;
	*state = b;
	return 0;
}

static int burst_aim(void *state, uint64_t start_pfn, uint64_t nr_pages)
{
	struct burst *b = state;
	const struct hs_scenario *s = b->env->scenario;
	struct hotsoak_fill fill = {
		.start_pfn = start_pfn,
		.nr_pages = nr_pages,
		.pages_per_block = s->burst_pages_per_block,
		.max_order = s->burst_max_order,
		.early_percent = s->burst_early_percent,
	};
	int r = hs_witness_fill(b->env->witness, &fill);

	/* EBUSY: a window of somebody else's is open; this offline goes unaimed, and
	 * the demands of the scenario show whether that was too often. */
	hs_freer_complain(b->env, &b->complained, "burst fill of", start_pfn, r);
	return r == -EBUSY ? 0 : r;
}

static void burst_drop(void *state)
{
	struct burst *b = state;

	hs_witness_drop(b->env->witness);
}

static void burst_stop(void *state)
{
	burst_drop(state);
	free(state);
}

const struct hs_freer_desc hs_freer_burst = {
	.name = "burst",
	.summary = "kernel threads give pages of the range back around its isolation",
	.is_wanted = burst_is_wanted,
	.start = burst_start,
	.of_movable = true,
	.aim = burst_aim,
	.drop = burst_drop,
	.stop = burst_stop,
};
