// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls for lockdep: locks that harm nobody until a CPU comes or goes at that moment.
 *
 * lock-order: pcp_batch_high_lock first and cpu_hotplug_lock below it. offline_pages()
 * takes them the other way round, in mem_hotplug_begin() and in zone_pcp_disable(), and so
 * does a CPU that comes online, in page_alloc_cpu_online(). Before Linux commit 1983184c22dd
 * ("mm/memory-failure: fix deadlock when hugetlb_optimize_vmemmap is enabled", v6.9)
 * memory_failure() disabled the pcplists of a page's zone and dissolved a huge page
 * meanwhile, which flips a static key and for that takes cpus_read_lock(). Here the same is
 * done by hand. By itself it harms nobody: two readers get past each other. Lockdep knows
 * that a CPU on its way up or down between them would have stopped both for good.
 *
 * recursive-lock: cpu_hotplug_lock once more by the offliner, who has had it since
 * mem_hotplug_begin(). Linux does so when it dissolves a huge page whose vmemmap was
 * optimized, for that flips a static key, until 7fcee5cc5589 ("mm/hugetlb: remove
 * hugetlb_optimize_vmemmap_key static key"). A reader that comes a second time waits for a
 * writer that waits for its first.
 */
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "hotsoak.h"

static struct {
	hs_pcp_switch_fn disable, enable;
	atomic_t begun;			/* in this arming */
} hs_lock_order;

/* Where the zone keeps a page of ours it does not lose its pageset. */
static void hs_lock_order_do(struct work_struct *unused)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return;
	hs_lock_order.disable(page_zone(page));
	cpus_read_lock();
	cpus_read_unlock();
	hs_lock_order.enable(page_zone(page));
	hs_count(HS_C_CONTROL_PLANTED);
	__free_page(page);
}

static DECLARE_WORK(hs_lock_order_work, hs_lock_order_do);

int hs_lock_order_prepare(void)
{
	void *disable = hs_symbol("zone_pcp_disable"), *enable = hs_symbol("zone_pcp_enable");

	if (disable == ERR_PTR(-ENOMEM) || enable == ERR_PTR(-ENOMEM))
		return -ENOMEM;
	if (IS_ERR(disable) || IS_ERR(enable))
		return -EOPNOTSUPP;
	hs_lock_order.disable = disable;
	hs_lock_order.enable = enable;
	atomic_set(&hs_lock_order.begun, 0);
	return 0;
}

/*
 * In the GOING_OFFLINE notifier. The task has to wait for the offliner, which holds
 * pcp_batch_high_lock, and so the offliner may not wait for it.
 */
void hs_lock_order_begin(void)
{
	if (!atomic_xchg(&hs_lock_order.begun, 1))
		queue_work(hs_unbound_wq, &hs_lock_order_work);
}

void hs_lock_recurse(void)
{
	cpus_read_lock();
	cpus_read_unlock();
	hs_count(HS_C_CONTROL_PLANTED);
}

void hs_lock_order_settle(void)
{
	flush_work(&hs_lock_order_work);
}
