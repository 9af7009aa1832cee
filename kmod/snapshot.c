// SPDX-License-Identifier: GPL-2.0-only
/* The books of a zone, for the accounting invariant that the tool judges. */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "hotsoak.h"

int hs_snapshot(struct hotsoak_snapshot *snap)
{
	const atomic_t *lru = hs_lru_disable_count();
	struct page *page;
	struct zone *zone;
	unsigned long flags;
	u64 all = 0, isolated = 0;
	int order;

	if (snap->flags)
		return -EINVAL;
	page = pfn_to_online_page(snap->pfn);
	if (!page)
		return -ENXIO;
	zone = page_zone(page);
	snap->nid = zone_to_nid(zone);
	snap->zone = zone_idx(zone);
	spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order <= HS_MAX_ORDER; order++) {
		struct free_area *area = &zone->free_area[order];
		struct list_head *pos;

		all += (u64)area->nr_free << order;
		/* Empty at rest, so this walk is short. */
		list_for_each(pos, &area->free_list[MIGRATE_ISOLATE])
			isolated += 1ULL << order;
	}
	snap->present_pages = zone->present_pages;
	snap->managed_pages = zone_managed_pages(zone);
	snap->nr_isolate_pageblock = zone->nr_isolate_pageblock;
	snap->nr_free_pages = zone_page_state_snapshot(zone, NR_FREE_PAGES);
	spin_unlock_irqrestore(&zone->lock, flags);
	snap->buddy_free_pages = all - isolated;
	snap->buddy_isolate_pages = isolated;
	snap->known = lru ? HOTSOAK_SNAPSHOT_LRU : 0;
	snap->lru_disable_count = lru ? atomic_read(lru) : 0;
	return 0;
}
