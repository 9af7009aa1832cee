// SPDX-License-Identifier: GPL-2.0-only
/* The antagonist balloon: what the hypervisor does to it during a soak is counted. */
#include "soak_internal.h"

#include "balloon.h"

static bool is_wanted(const struct hs_soak *s)
{
	return hs_scenario_has(s->scenario, HS_ANTAGONIST_BALLOON);
}

void hs_soak_balloon_start(struct hs_soak *s)
{
	if (!is_wanted(s))
		return;
	hs_balloon_read(s->c.sysroot, &s->balloon_was);
	hs_soak_note(s, "balloon", hs_balloon_reports(s->c.sysroot) ?
		     "the device has free pages reported to it" :
		     "no free pages are reported to the device");
}

void hs_soak_balloon_look(struct hs_soak *s)
{
	struct hs_balloon_pages now;

	if (!is_wanted(s) || hs_balloon_read(s->c.sysroot, &now) < 0)
		return;
	s->tally.balloon_inflated = now.inflated - s->balloon_was.inflated;
	s->tally.balloon_deflated = now.deflated - s->balloon_was.deflated;
	s->tally.balloon_migrated = now.migrated - s->balloon_was.migrated;
}
