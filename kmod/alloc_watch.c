// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-realloc: pages that leave the free lists of an isolated range.
 *
 * mm_page_alloc fires after the page has left its list, perhaps after a
 * preemption, and proves nothing: what is seen inside a window may have begun
 * before it. These two fire under zone->lock. Isolation takes that lock for each
 * pageblock and undoing it does too, so a handler that sees a STRICT window is
 * inside it. take_page_off_buddy() (soft offline) emits neither.
 *
 * Until the freelist hygiene of Linux v6.10 a page may lie on the list of another type
 * than its pageblock's: start_isolate_page_range() isolates the last pageblock before
 * the rest, and a free page of two pageblocks of which that is the second stays where
 * it is until the first is isolated as well. Whoever splits it meanwhile leaves the
 * isolated half on the list of its old type (expand()). Such a sighting is marked.
 */
#include "hotsoak.h"

static void hs_alloc_watch_look(struct page *page, unsigned int order)
{
	unsigned long pfn;
	struct hs_window *w;

	if (!hs_window_any())
		return;
	pfn = page_to_pfn(page);
	w = hs_window_get(pfn);
	if (!w)
		return;
	if (hs_window_is_strict(w)) {
		/* Nobody is served from the list of MIGRATE_ISOLATE. */
		bool stale = hs_pageblock_is_isolated(pfn);

		hs_invariant_checked(HOTSOAK_INV_NO_REALLOC);
		hs_invariant_violated(&(struct hs_sighting) {
			.invariant = HOTSOAK_INV_NO_REALLOC, .window = w, .seen_cpu = -1,
			.pfn = pfn, .value = 1UL << order, .expected = 0,
			.other_pid = task_pid_nr(current), .order = order,
			.flags = stale ? HOTSOAK_VIO_STALE_LIST : 0,
		});
	}
	hs_window_put(w);
}

void hs_alloc_watch_zone_locked(void *data, struct page *page, unsigned int order,
				int migratetype, int percpu_refill)
{
	hs_alloc_watch_look(page, order);
}

/* The only event of a fallback that claims a block, since v6.10. */
void hs_alloc_watch_extfrag(void *data, struct page *page, int alloc_order,
			    int fallback_order, int alloc_mt, int fallback_mt)
{
	hs_alloc_watch_look(page, alloc_order);
}
