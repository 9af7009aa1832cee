/* SPDX-License-Identifier: GPL-2.0-only */
/* A run that passes, for tests to spoil in one respect. */
#ifndef HS_TEST_RUN_H
#define HS_TEST_RUN_H

#include <string.h>

#include "record.h"

static inline void run_scenario(struct hs_scenario *s)
{
	hs_scenario_init(s);
	memcpy(s->name, "smoke", 6);
	s->expect = (struct hs_expect){ 20, 2, .5, 10, 0, 0 };
}

/* 100 cycles with just the exposure that run_scenario() demands. */
static inline void run_tally(struct hs_tally *t)
{
	memset(t, 0, sizeof(*t));
	t->duration_ns = UINT64_C(10000000000);
	t->cycles = 100;
	t->transitions = 200;
	for (int op = 0; op < HS_NR_OPS; op++) {
		t->ops[op][HS_OUTCOME_OK] = 100;
		for (uint64_t i = 1; i <= 100; i++)
			hs_latency_add(&t->latency[op], i * 100000);
	}
	t->ops[HS_OP_OFFLINE][HS_OUTCOME_REFUSED] = 3;
	t->witness = t->restored = t->ended = true;
	t->stats.size = sizeof(t->stats);
	t->stats.offlines = 103;
	t->stats.offlines_early = 2;
	t->stats.windows = 101;
	t->stats.windows_isolated = 100;
	t->stats.laps = 100;
	t->stats.windows_e1 = 90;
	t->stats.windows_e2 = 30;
	t->stats.e1 = 202;
	t->stats.e2 = 51;
	t->stats.e3 = 4000;
	t->stats.exposure_by_order[0] = 250;
	t->stats.exposure_by_order[3] = 3;
	t->stats.samples = 1010;
	t->stats.sample_lock_ns = 1000;
	t->stats.window_ns = 100000;
	t->nr_hooks = 2;
	memcpy(t->hooks[0].name, "zone_pcp_disable", 17);
	memcpy(t->hooks[1].name, "mm_page_free", 13);
	t->hooks[1].error = 1;
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		t->inv[i] = (struct hs_inv_tally){ .armed = true, .checks = 1000 };
}

#endif
