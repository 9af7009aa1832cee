// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control unlocked-count: the drain of zone_pcp_disable() passes by a CPU that is
 * about to refill its pcplist.
 *
 * From Linux commit 4b23a68f9536 ("mm/page_alloc: protect PCP lists with a spinlock",
 * v6.0) to 66eca1021a42 ("mm/page_alloc: fix pcp->count race between
 * drain_pages_zone() vs __rmqueue_pcplist()", v6.11) drain_pages_zone() read pcp->count
 * without pcp->lock. A CPU with an empty list that was inside rmqueue_bulk() had pages
 * and no count yet: it was passed by, and its pages stayed on a list that was disabled.
 *
 * The same is planted from behind: as zone_pcp_disable() returns, one other CPU gets
 * its limits back, is made to refill from the pages that are allocated next, and loses
 * them again; nobody drains it. It ends before the isolation, since only pages that
 * are not isolated can be had: the burst has just given back some of the range, and
 * they are the first to go, being of the lowest order.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "hotsoak.h"

#define HS_REFILL_TRIES	4096

static struct {
	atomic_t busy;			/* from _begin() on until everything is given back */
	struct hs_window *w;
	u64 number;			/* of that window: its slot may be another's later */
	int nid;
	int cpu, other_cpu;		/* refilled; gives back, lest the list move on */
	struct list_head taken;
} hs_refill;

static void hs_refill_give_back(struct work_struct *unused)
{
	struct page *page;

	while ((page = list_first_entry_or_null(&hs_refill.taken, struct page, lru))) {
		list_del(&page->lru);
		__free_page(page);
	}
	atomic_set_release(&hs_refill.busy, 0);
}

static DECLARE_WORK(hs_refill_back_work, hs_refill_give_back);

static bool hs_refill_is_timely(const struct hs_window *w)
{
	return READ_ONCE(w->state) == HS_WINDOW_OPEN && w->number == hs_refill.number &&
	       !READ_ONCE(w->isolating);
}

/* Allocates until a page of the range comes: its neighbours are on the list now. */
static void hs_refill_allocate(const struct hs_window *w)
{
	gfp_t gfp = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE | __GFP_NOWARN;
	int i;

	for (i = 0; i < HS_REFILL_TRIES && hs_refill_is_timely(w); i++) {
		struct page *page = alloc_pages_node(hs_refill.nid, gfp, 0);

		if (!page)
			break;
		list_add(&page->lru, &hs_refill.taken);
		if (page_to_pfn(page) >= w->start_pfn && page_to_pfn(page) < w->end_pfn)
			break;
	}
}

static void hs_refill_do(struct work_struct *unused)
{
	struct hs_window *w = hs_refill.w;
	struct per_cpu_pages *pcp;

	hs_refill_allocate(w);
	/* zone_pcp_enable() waits for us; once it has begun the limits are its own. */
	if (hs_window_pin(w)) {
		if (w->number == hs_refill.number) {
			pcp = hs_zone_pcp(w->zone, hs_refill.cpu);
			hs_pcp_limits_write(pcp, (struct hs_pcp_limits) { .batch = 1 });
			if (READ_ONCE(pcp->count))
				hs_count(HS_C_CONTROL_PLANTED);
		}
		hs_window_put(w);
	}
	queue_work_on(hs_refill.other_cpu, system_highpri_wq, &hs_refill_back_work);
}

static DECLARE_WORK(hs_refill_work, hs_refill_do);

/* From the return of zone_pcp_disable(), preemption off; the offliner keeps CPUs online. */
void hs_refill_begin(struct hs_window *w)
{
	int here = raw_smp_processor_id(), cpu = cpumask_next(here, cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	if (cpu == here || atomic_cmpxchg_acquire(&hs_refill.busy, 0, 1))
		return;
	hs_refill.w = w;
	hs_refill.number = w->number;
	hs_refill.nid = zone_to_nid(w->zone);
	hs_refill.cpu = cpu;
	hs_refill.other_cpu = here;
	INIT_LIST_HEAD(&hs_refill.taken);
	hs_pcp_limits_write(hs_zone_pcp(w->zone, cpu), hs_zone_pcp_limits(w->zone));
	queue_work_on(cpu, system_highpri_wq, &hs_refill_work);
}

/* The one queues the other. */
void hs_refill_settle(void)
{
	flush_work(&hs_refill_work);
	flush_work(&hs_refill_back_work);
}
