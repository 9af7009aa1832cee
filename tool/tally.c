// SPDX-License-Identifier: GPL-2.0-only
/* What a run saw, in numbers. */
#include "tally.h"

#include <string.h>

const char *const hs_op_names[HS_NR_OPS] = {
	[HS_OP_OFFLINE] = "offline",
	[HS_OP_ONLINE] = "online",
};

const char *const hs_outcome_names[HS_NR_OUTCOMES] = {
	[HS_OUTCOME_OK] = "ok",
	[HS_OUTCOME_REFUSED] = "refused",
	[HS_OUTCOME_INTERRUPTED] = "interrupted",
	[HS_OUTCOME_UNANSWERED] = "unanswered",
	[HS_OUTCOME_UNSUPPORTED] = "unsupported",
	[HS_OUTCOME_UNEXPECTED] = "unexpected",
};

const char *const hs_signal_phase_names[HS_NR_SIGNAL_PHASES] = {
	[HS_SIGNAL_EARLY] = "early",
	[HS_SIGNAL_OPEN] = "open",
	[HS_SIGNAL_ISOLATED] = "isolated",
	[HS_SIGNAL_ENDED] = "ended",
	[HS_SIGNAL_UNSEEN] = "unseen",
};

const char *const hs_listener_names[HOTSOAK_NR_LISTENERS] = {
	[HOTSOAK_LISTENER_FIRST] = "first",
	[HOTSOAK_LISTENER_MIDDLE] = "middle",
	[HOTSOAK_LISTENER_LAST] = "last",
};

void hs_tally_hooks_from_info(struct hs_tally *t, const struct hotsoak_info *info)
{
	t->nr_hooks = info->nr_hooks < HOTSOAK_NR_HOOKS ? info->nr_hooks : HOTSOAK_NR_HOOKS;
	for (unsigned int i = 0; i < t->nr_hooks; i++) {
		const struct hotsoak_hook_info *h = &info->hooks[i];

		memcpy(t->hooks[i].name, h->name, sizeof(t->hooks[i].name));
		t->hooks[i].name[sizeof(t->hooks[i].name) - 1] = '\0';
		t->hooks[i].error = h->error;
		t->hooks[i].aim = h->flags & HOTSOAK_HOOK_AIM;
		t->hooks[i].nmissed = h->nmissed;
	}
	for (int i = 0; i < HOTSOAK_NR_INVARIANTS; i++)
		t->inv[i].unpromised = !(info->invariants_promised >> i & 1);
}

uint64_t hs_tally_violations(const struct hs_tally *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		sum += t->inv[i].violations;
	return sum;
}

uint64_t hs_tally_signals(const uint64_t phase[HS_NR_SIGNAL_PHASES])
{
	uint64_t sum = 0;

	for (int i = 0; i < HS_NR_SIGNAL_PHASES; i++)
		sum += phase[i];
	return sum;
}
