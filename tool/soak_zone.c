// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks that come back in the other zone every second time: where they may go, by the
 * kernel's word while they are offline, and where they then are. It puts them where it was
 * told to (zone_for_pfn_range() in mm/memory_hotplug.c), or refuses.
 */
#include "soak_internal.h"

#include <stdio.h>
#include <string.h>

void hs_soak_zone_look(struct hs_soak *s, size_t at)
{
	struct hs_conductor_block *b = &s->conductor.blk[at];
	struct hs_memblk now = { .index = b->index };
	char zone[16], text[160];

	/* A tree tells nothing of zones: nobody acts on it. */
	if (!s->conductor.alternates || (s->c.sysroot && *s->c.sysroot) ||
	    hs_memblk_refresh(&s->known, &now) < 0 || now.state != b->now)
		return;
	if (b->now == HS_MEMBLK_OFFLINE) {
		hs_conductor_zones_seen(&s->conductor, at, now.zones);
		return;
	}
	if (hs_memblk_in_zone(&now, b->zone_now)) {
		s->tally.zones_other += b->astray;
		s->tally.zones_own += !b->astray;
		return;
	}
	/* Somebody else may have moved it since. */
	if (hs_soak_others_at_work(s, s->tally.interference))
		return;
	snprintf(zone, sizeof(zone), "%.*s", (int)strcspn(now.zones, " "), now.zones);
	s->tally.zones_wrong++;
	snprintf(text, sizeof(text), "memory%lu was put online for zone %s and is in %s", b->index,
		 b->zone_now, zone);
	hs_soak_note(s, "zone", text);
	hs_conductor_strayed(&s->conductor, at, zone);
	hs_soak_journal_mark(s, at);
}
