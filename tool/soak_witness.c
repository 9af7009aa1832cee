// SPDX-License-Identifier: GPL-2.0-only
/* The witness of a soak: what is asked of it, and what may be claimed then. */
#include "soak_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hook.h"

static uint32_t flags_of(const struct hs_scenario *s)
{
	uint32_t flags = s->burst && s->burst_nolock ? HOTSOAK_ARM_NOLOCK : 0;
	const struct hs_antagonist_desc *a;

	hs_for_each_antagonist(a, s)
		flags |= a->arm;
	return flags;
}

/* Why the module would not be armed. */
static void refusal(struct hs_soak *s, int err)
{
	char *skip = s->tally.skip;
	size_t bytes = sizeof(s->tally.skip);

	if (err == -EPERM && s->c.control)
		snprintf(skip, bytes,
			 "the module plants the control %s only in a guest with hotsoak.guest=1 on its command line",
			 s->c.control->name);
	else if (err == -EOPNOTSUPP && s->c.control)
		snprintf(skip, bytes, "this kernel lacks what the control %s breaks",
			 s->c.control->name);
	else if (err == -ENXIO && s->scenario->burst_nolock)
		snprintf(skip, bytes, "this kernel has no free_pages_nolock(), which is of v6.15");
	else
		snprintf(skip, bytes, "arming the witness: %s", strerror(-err));
}

/*
 * What the scenario demands and no hook can see: better no run than one that takes blocks
 * and proves nothing. What is merely not claimed then is for the judge.
 */
static int hooks_check(struct hs_soak *s)
{
	struct hs_tally *t = &s->tally;
	unsigned int needed = hs_hook_needs(s->scenario, t);
	int r = hs_witness_stats(&s->witness, t);

	if (r < 0) {
		snprintf(t->skip, sizeof(t->skip), "asking the witness for its hooks: %s",
			 strerror(-r));
		return r;
	}
	for (unsigned int i = 0; i < t->nr_hooks; i++) {
		char words[128], lost[64];
		struct hs_hook_loss loss;

		hs_hook_loss(t, &t->hooks[i], &loss);
		if (!(loss.needs & needed))
			continue;
		hs_hook_words(&t->hooks[i], words, sizeof(words));
		hs_hook_lost_words(&loss, 0, needed, lost, sizeof(lost));
		snprintf(t->skip, sizeof(t->skip), "%s: %s", words, lost);
		return -EOPNOTSUPP;
	}
	return 0;
}

static bool witness_is_wanted(const struct hs_soak *s)
{
	if (s->c.no_witness || (s->c.sysroot && s->c.sysroot[0]))
		return false;
	/* The snapshots of accounting are the module's, too. */
	return true;
}

int hs_soak_witness_start(struct hs_soak *s)
{
	const struct hs_scenario *sc = s->scenario;
	struct hs_tally *t = &s->tally;
	struct hotsoak_arm arm = {
		.flags = flags_of(sc),
		.seed = s->c.info->seed,
		.control = s->c.control ? s->c.control->module : HOTSOAK_CONTROL_NONE,
		.sample_us = sc->sample_us, .widen_max_ns = sc->widen_max_ns,
		.widen_one_in = sc->widen_one_in ? sc->widen_one_in : 1,
	};
	uint64_t armed = 0;
	int r;

	if (!witness_is_wanted(s))
		return 0;
	r = hs_witness_open(&s->witness, t->skip, sizeof(t->skip));
	if (r < 0) {
		if (sc->needs_module)
			return r;
		hs_soak_note(s, "witness", t->skip);
		t->skip[0] = '\0';
		return 0;
	}
	s->has_witness = true;
	if (s->witness.loaded && s->has_kmsg)
		hs_kmsg_forgive_module(&s->kmsg);
	r = hs_witness_arm(&s->witness, &arm, sc->invariants, &armed);
	if (r < 0) {
		refusal(s, r);
		return r;
	}
	hs_witness_claims(&s->witness, 0, t);
	r = hooks_check(s);
	if (r < 0)
		return r;
	hs_witness_claims(&s->witness, armed, t);
	t->inv[HS_INV_ACCOUNTING].armed = sc->invariants >> HS_INV_ACCOUNTING & 1;
	hs_soak_laps_arm(s);
	s->accounting = (struct hs_accounting){
		.witness = &s->witness,
		.block_pages = hs_soak_block_pages(s),
		.at_rest = s->c.no_freers || (!sc->burst && !sc->stress_ng && !hs_freers_check_contents(sc)),
	};
	s->antagonist.witness = &s->witness;
	return 0;
}

void hs_soak_hooks_look(struct hs_soak *s)
{
	const struct hs_tally *t = &s->tally;
	char words[128];

	if (!s->has_witness || s->stopping || !t->witness_doubt)
		return;
	for (unsigned int i = 0; i < t->nr_hooks; i++) {
		if (t->hooks[i].error != -ESHUTDOWN)
			continue;
		snprintf(words, sizeof(words), "kprobes were switched off while it ran: the hook %s sees nothing any more",
			 t->hooks[i].name);
		hs_soak_broken(s, words);
		return;
	}
}
