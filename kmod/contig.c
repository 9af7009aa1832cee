// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc_contig_range() against an offline: another task wants a pageblock of the range
 * that is isolated already. It must be refused, and is, with EBUSY. But since Linux
 * commit b2c9e2fbba32 ("mm: make alloc_contig_range work at pageblock granularity",
 * v5.19) a start_isolate_page_range() that fails is followed by undo_isolate_page_range()
 * for the whole of what was wanted, and so the offline loses the isolation of that
 * pageblock.
 *
 * From the GOING_OFFLINE notifier, and waited for: before the final test of the range,
 * so that the kernel finds the damage and loops instead of reaching a BUG_ON(), and
 * while the block cannot go away below the allocation.
 */
#include <linux/gfp.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "hotsoak.h"

struct hs_contig_work {
	struct work_struct work;
	unsigned long start_pfn;	/* of the pageblock */
};

int hs_contig_take(unsigned long start_pfn, unsigned long nr_pages)
{
	return hs_alloc_contig_range(start_pfn, start_pfn + nr_pages,
				     GFP_KERNEL | __GFP_NOWARN);
}

void hs_contig_give_back(unsigned long start_pfn, unsigned long nr_pages)
{
	unsigned long pfn;

	for (pfn = start_pfn; pfn < start_pfn + nr_pages; pfn++)
		__free_page(pfn_to_page(pfn));
}

static void hs_contig(struct work_struct *work)
{
	struct hs_contig_work *cw = container_of(work, struct hs_contig_work, work);

	hs_count(HS_C_CONTIG_TRIED);
	if (hs_contig_take(cw->start_pfn, pageblock_nr_pages))
		return;
	hs_count(HS_C_CONTIG_TAKEN);
	hs_contig_give_back(cw->start_pfn, pageblock_nr_pages);
}

void hs_contig_isolated(struct hs_window *w)
{
	struct hs_contig_work cw;

	if (!READ_ONCE(hs_armed.contig))
		return;
	cw.start_pfn = hs_window_random_chunk(w, pageblock_nr_pages);
	hs_by_another_task(&cw.work, hs_contig);
}

int hs_contig_check_range(u64 start_pfn, u64 nr_pages)
{
	struct page *first, *last;

	if (!nr_pages || !IS_ALIGNED(start_pfn, 2 * pageblock_nr_pages) ||
	    !IS_ALIGNED(nr_pages, 2 * pageblock_nr_pages))
		return -EINVAL;
	if (start_pfn + nr_pages < start_pfn)
		return -ENXIO;
	first = pfn_to_online_page(start_pfn);
	last = pfn_to_online_page(start_pfn + nr_pages - 1);
	if (!first || !last || page_zone(first) != page_zone(last))
		return -ENXIO;
	/* Elsewhere a page held by the kernel is unmovable and fails the offline. */
	return zone_idx(page_zone(first)) == ZONE_MOVABLE ? 0 : -ENXIO;
}
