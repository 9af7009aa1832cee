// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls: faults planted on purpose, one at a time, that the witness must
 * report. A control that goes unreported is a failure of hotsoak.
 *
 * They act from the offliner's context only: as zone_pcp_disable() returns, or in
 * the GOING_OFFLINE notifier, that is before the final test of the range, so
 * that the kernel finds the damage and loops instead of reaching a BUG_ON().
 * There none calls zone_pcp_enable() or zone_pcp_disable(): the one would unlock
 * somebody's mutex, the other deadlock. Limits that they write are put back by
 * the kernel's own zone_pcp_enable() and by nothing else. Two send another task
 * off, of which the offliner waits for one at most: lock_order.c and refill.c. One
 * takes the place of a function of the kernel, while armed: lru.c.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "hotsoak.h"

#define HS_CHUNK_PAGES		(1UL << HS_MAX_ORDER)
#define HS_REALLOC_TRIES	4096
#define HS_STALE_TRIES		100	/* a millisecond apart */

static struct {
	hs_start_isolate_fn isolate;
	hs_undo_isolate_fn undo;
	hs_drain_fn drain;
	hs_drain_cpu_fn drain_cpu;	/* where the compiler has split that one */
	/* Whose count is one too high: nr_isolate_pageblock, NR_FREE_PAGES. */
	struct zone *leaked, *drifted;
	atomic_t *lru;		/* lru_disable_count, where it is one too high */
} hs_control;

/* Those that act as zone_pcp_disable() returns. */
static const u32 hs_control_disables =
	BIT(HOTSOAK_CONTROL_REENABLE) | BIT(HOTSOAK_CONTROL_HIGH_LEFT) |
	BIT(HOTSOAK_CONTROL_LATE_DRAIN) | BIT(HOTSOAK_CONTROL_UNPAIRED) |
	BIT(HOTSOAK_CONTROL_UNLOCKED_COUNT);

/* What a control that acts from another task needs to know. */
struct hs_control_work {
	struct work_struct work;
	const struct hs_window *w;
	unsigned long start_pfn;	/* of a chunk of HS_CHUNK_PAGES */
	u32 control;
};

/* Finds a function, once. */
static int hs_control_find(void **where, const char *name)
{
	void *address = *where ?: hs_symbol(name);

	if (IS_ERR(address))
		return PTR_ERR(address) == -ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	*where = address;
	return 0;
}

int hs_control_prepare(u32 control)
{
	int err;

	/* unpaired is an event too many, and disturbs nobody. */
	if (control != HOTSOAK_CONTROL_NONE && control != HOTSOAK_CONTROL_UNPAIRED &&
	    !hs_is_guest())
		return -EPERM;
	if (hs_control_disables & BIT(control) && !HS_PCP_DISABLES)
		return -EOPNOTSUPP;
	switch (control) {
	case HOTSOAK_CONTROL_LEAK_LRU:
	case HOTSOAK_CONTROL_LRU_UNDRAINED:
		return hs_lru_disable_count() ? 0 : -EOPNOTSUPP;
	case HOTSOAK_CONTROL_LATE_DRAIN:
		err = hs_control_find((void **)&hs_control.drain, "__drain_all_pages");
		if (err != -EOPNOTSUPP)
			return err;
		return hs_control_find((void **)&hs_control.drain_cpu, "drain_pages_zone");
	case HOTSOAK_CONTROL_LOCK_ORDER:
		return hs_lock_order_prepare();
	case HOTSOAK_CONTROL_REALLOC:
	case HOTSOAK_CONTROL_LIFT:
	case HOTSOAK_CONTROL_UNISOLATE:
		err = hs_control_find((void **)&hs_control.isolate,
				      "start_isolate_page_range");
		return err ?: hs_control_find((void **)&hs_control.undo,
					      "undo_isolate_page_range");
	}
	return 0;
}

int hs_control_start(u32 control)
{
	return control == HOTSOAK_CONTROL_LRU_UNDRAINED ? hs_lru_undrained_start() : 0;
}

/* As zone_pcp_disable() returns, preemption off, pcp_batch_high_lock held. */
void hs_control_disabled(struct hs_window *w)
{
	struct hs_pcp_limits l = hs_zone_pcp_limits(w->zone);
	int cpu;

	switch (READ_ONCE(hs_armed.control)) {
	case HOTSOAK_CONTROL_HIGH_LEFT:
		l.batch = 1;
		l.high_min = l.high_max;
		break;
	case HOTSOAK_CONTROL_REENABLE:
	case HOTSOAK_CONTROL_LATE_DRAIN:
		break;
	case HOTSOAK_CONTROL_UNLOCKED_COUNT:
		hs_refill_begin(w);
		return;
	default:
		return;
	}
	for_each_possible_cpu(cpu)
		hs_pcp_limits_write(hs_zone_pcp(w->zone, cpu), l);
	hs_count(HS_C_CONTROL_PLANTED);
}

/*
 * Allocates from the lifted chunk. One page is first taken out of its middle by
 * alloc_contig_range(), so that what is left of it lies on the lists of low
 * orders, which are all but empty otherwise and are served first.
 */
static void hs_control_allocate(unsigned long start_pfn)
{
	gfp_t gfp = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE | __GFP_NOWARN;
	int nid = page_to_nid(pfn_to_page(start_pfn)), i;
	struct page *page;
	LIST_HEAD(taken);

	if (hs_alloc_contig_range(start_pfn, start_pfn + 1, GFP_KERNEL))
		return;
	for (i = 0; i < HS_REALLOC_TRIES; i++) {
		page = alloc_pages_node(nid, gfp, 0);
		if (!page)
			break;
		list_add(&page->lru, &taken);
		if (page_to_pfn(page) - start_pfn < HS_CHUNK_PAGES)
			break;
	}
	while ((page = list_first_entry_or_null(&taken, struct page, lru))) {
		list_del(&page->lru);
		__free_page(page);
	}
	__free_page(pfn_to_page(start_pfn));
}

static void hs_control_lift(struct work_struct *work)
{
	struct hs_control_work *cw = container_of(work, struct hs_control_work, work);
	unsigned long end = cw->start_pfn + HS_CHUNK_PAGES;

	hs_undo_isolate(hs_control.undo, cw->start_pfn, end);
	if (cw->control == HOTSOAK_CONTROL_UNISOLATE)
		return;
	if (cw->control == HOTSOAK_CONTROL_REALLOC)
		hs_control_allocate(cw->start_pfn);
	hs_start_isolate(hs_control.isolate, cw->start_pfn, end);
}

/*
 * Moves a free page to the list of movable pages, or back to that of isolated ones, and
 * counts it as the allocator would: only the list is wrong.
 */
static bool hs_control_move(struct page *page, bool movable)
{
	struct zone *zone = page_zone(page);
	unsigned long flags;
	bool moved = false;

	spin_lock_irqsave(&zone->lock, flags);
	if (PageBuddy(page) && page_private(page) == HS_MAX_ORDER) {
		list_move(&page->lru, &zone->free_area[HS_MAX_ORDER].free_list[
			  movable ? MIGRATE_MOVABLE : MIGRATE_ISOLATE]);
		__mod_zone_page_state(zone, NR_FREE_PAGES,
				      movable ? HS_CHUNK_PAGES : -HS_CHUNK_PAGES);
		moved = true;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return moved;
}

/* A chunk of the range that is free as a whole, to the list of movable pages. */
static struct page *hs_control_move_any(const struct hs_control_work *cw)
{
	unsigned long pfn = cw->start_pfn;

	do {
		if (hs_control_move(pfn_to_page(pfn), true))
			return pfn_to_page(pfn);
		pfn += HS_CHUNK_PAGES;
		if (pfn >= cw->w->end_pfn)
			pfn = cw->w->start_pfn;
	} while (pfn != cw->start_pfn);
	return NULL;
}

/* The chunk is now the head of the list that serves its order. */
static void hs_control_stale(struct work_struct *work)
{
	struct hs_control_work *cw = container_of(work, struct hs_control_work, work);
	struct page *page, *taken;
	int tries = HS_STALE_TRIES;

	/* The burst may have pages of each of them, and is giving them back. */
	while (!(page = hs_control_move_any(cw)) && tries--)
		msleep(1);
	if (!page)
		return;
	hs_count(HS_C_CONTROL_PLANTED);
	taken = alloc_pages_node(page_to_nid(page), GFP_HIGHUSER_MOVABLE | __GFP_THISNODE |
				 __GFP_NOWARN, HS_MAX_ORDER);
	if (taken)
		__free_pages(taken, HS_MAX_ORDER);
	if (taken != page)
		hs_control_move(page, false);
}

/* By another task, as the fault would be; the offliner waits for it. */
static void hs_control_work_on(struct hs_window *w, work_func_t func, u32 control)
{
	struct hs_control_work cw = { .w = w, .control = control };

	/* Aligned to the largest order: no free page straddles the chunk's edge. */
	cw.start_pfn = hs_window_random_chunk(w, HS_CHUNK_PAGES);
	hs_by_another_task(&cw.work, func);
}

/* Every CPU's pcplists, whatever their counts say. */
static void hs_control_drain(struct zone *zone)
{
	int cpu;

	if (hs_control.drain) {
		hs_control.drain(zone, true);
		return;
	}
	for_each_possible_cpu(cpu)
		hs_control.drain_cpu(cpu, zone);
}

/* In the GOING_OFFLINE notifier: just isolated, sleeping allowed. */
void hs_control_isolated(struct hs_window *w)
{
	u32 control = READ_ONCE(hs_armed.control);
	unsigned long flags;

	switch (control) {
	case HOTSOAK_CONTROL_LATE_DRAIN:
		hs_control_drain(w->zone);
		/* Only what comes after the drain is the race. */
		WRITE_ONCE(w->strays_count, true);
		break;
	case HOTSOAK_CONTROL_REALLOC:
	case HOTSOAK_CONTROL_LIFT:
	case HOTSOAK_CONTROL_UNISOLATE:
		hs_control_work_on(w, hs_control_lift, control);
		hs_count(HS_C_CONTROL_PLANTED);
		break;
	case HOTSOAK_CONTROL_LOCK_ORDER:
		hs_lock_order_begin();
		break;
	case HOTSOAK_CONTROL_RECURSIVE_LOCK:
		hs_lock_recurse();
		break;
	case HOTSOAK_CONTROL_UNLOCKED_COUNT:
		hs_refill_settle();
		break;
	case HOTSOAK_CONTROL_STALE_LIST:
		hs_control_work_on(w, hs_control_stale, control);
		break;
	case HOTSOAK_CONTROL_LEAK_ISOLATE:
		if (hs_control.leaked)
			break;
		spin_lock_irqsave(&w->zone->lock, flags);
		w->zone->nr_isolate_pageblock++;
		spin_unlock_irqrestore(&w->zone->lock, flags);
		hs_control.leaked = w->zone;
		hs_count(HS_C_CONTROL_PLANTED);
		break;
	case HOTSOAK_CONTROL_DRIFT:
		if (hs_control.drifted)
			break;
		mod_zone_page_state(w->zone, NR_FREE_PAGES, 1);
		hs_control.drifted = w->zone;
		hs_count(HS_C_CONTROL_PLANTED);
		break;
	case HOTSOAK_CONTROL_LEAK_LRU:
		if (hs_control.lru)
			break;
		atomic_inc(hs_lru_disable_count());
		hs_control.lru = hs_lru_disable_count();
		hs_count(HS_C_CONTROL_PLANTED);
		break;
	}
}

/* Some of it may have to wait for an offline's end. */
void hs_control_settle(void)
{
	hs_refill_settle();
	hs_lock_order_settle();
}

void hs_control_undo(void)
{
	struct zone *leaked = xchg(&hs_control.leaked, NULL);
	struct zone *drifted = xchg(&hs_control.drifted, NULL);
	atomic_t *lru = xchg(&hs_control.lru, NULL);
	unsigned long flags;

	if (leaked) {
		spin_lock_irqsave(&leaked->lock, flags);
		leaked->nr_isolate_pageblock--;
		spin_unlock_irqrestore(&leaked->lock, flags);
	}
	if (drifted)
		mod_zone_page_state(drifted, NR_FREE_PAGES, -1);
	if (lru)
		atomic_dec(lru);
}
