// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frees count. A free reads the migratetype of its pageblock, takes the
 * pcp lock by trylock and commits the page to a pcplist; when it read ISOLATE it
 * goes to the buddy allocator instead and was never at risk.
 *
 *   E1  committed between the return of zone_pcp_disable(), or where nobody disables
 *       the beginning of the isolation, and the isolation of its pageblock;
 *   E2  committed although its pageblock is isolated by now: it must have read
 *       the type before. The race of 2020 (Linux commit 968318261221);
 *   E3  the pageblock was isolated before the free began: counted, not credited.
 *
 * A commit whose pageblock turns ISOLATE right after our look is an E2 that is
 * booked as E1: the error is against us. The commit runs with pcp->lock held, on 5.10
 * with interrupts off.
 */
#include <linux/hash.h>
#include <linux/preempt.h>

#include "hotsoak.h"

/*
 * The last free that a task began. The probe at the trylock knows the task but
 * not the page; and a free that came to the trylock and is followed by another
 * of the same task without a commit in between has lost it. Only the task itself
 * writes its slot; a collision loses a delay or a count of trylock failures.
 */
#define HS_INFLIGHT_BITS 8

static struct hs_inflight {
	struct task_struct *task;
	unsigned long pfn;	/* 0: none of an open window */
	bool tried;		/* has come to the trylock */
} hs_inflight[1 << HS_INFLIGHT_BITS];

static struct hs_inflight *hs_inflight_slot(void)
{
	return &hs_inflight[hash_ptr(current, HS_INFLIGHT_BITS)];
}

/* A task began a free of @pfn, or with 0 one that does not concern us. */
static void hs_inflight_begin(unsigned long pfn)
{
	struct hs_inflight *slot = hs_inflight_slot();
	struct hs_window *w;

	if (!in_task())
		return;
	if (READ_ONCE(slot->task) == current && slot->tried) {
		w = hs_window_get(slot->pfn);
		if (w) {
			atomic_inc(&w->trylock_failed);
			if (!w->contig)
				hs_count(HS_C_TRYLOCK_FAILED);
			hs_window_put(w);
		}
	} else if (!pfn && READ_ONCE(slot->task) != current) {
		return;
	}
	WRITE_ONCE(slot->pfn, pfn);
	slot->tried = false;
	WRITE_ONCE(slot->task, current);
}

static void hs_inflight_committed(void)
{
	struct hs_inflight *slot = hs_inflight_slot();

	if (in_task() && READ_ONCE(slot->task) == current)
		slot->tried = false;
}

void hs_exposure_commit(struct pt_regs *regs)
{
	struct hs_commit c;
	struct hs_window *w;
	unsigned long pfn;
	bool e2;

	if (!hs_window_any() || !hs_commit_read(&c, regs))
		return;
	pfn = page_to_pfn(c.page);
	w = hs_window_get(pfn);
	if (!w)
		return;
	hs_inflight_committed();
	/*
	 * With no lock to be tried nobody waits for this commit but a drain, and that
	 * passes by a CPU whose list is empty.
	 */
	if (HS_PCP_IS_LOCAL && !c.pcp->count)
		hs_widen(w, pfn);
	e2 = hs_pageblock_is_isolated(pfn);
	if (e2)
		hs_pcplist_commit(w, c.pcp, pfn);
	atomic_inc(e2 ? &w->e2 : &w->e1);
	if (w->contig) {
		hs_count(e2 ? HS_C_ACR_E2 : HS_C_ACR_E1);
	} else {
		hs_count(e2 ? HS_C_E2 : HS_C_E1);
		atomic64_inc(&hs_exposure_by_order[min(c.order, HOTSOAK_NR_ORDERS - 1U)]);
	}
	hs_window_put(w);
}

/* In free_pages_prepare(), just before the migratetype is read. */
void hs_exposure_page_free(void *data, struct page *page, unsigned int order)
{
	struct hs_window *w;
	unsigned long pfn;

	if (!hs_window_any())
		return;
	pfn = page_to_pfn(page);
	w = hs_window_get(pfn);
	if (!w) {
		hs_inflight_begin(0);
		return;
	}
	if (hs_pageblock_is_isolated(pfn)) {
		atomic_inc(&w->e3);
		hs_count(w->contig ? HS_C_ACR_E3 : HS_C_E3);
		hs_inflight_begin(0);
	} else {
		hs_inflight_begin(pfn);
	}
	hs_window_put(w);
}

/*
 * A freeing function has called what tries pcp->lock: the type is read, no lock is held,
 * and a window is live. Interrupts stay off for as long as widen.c delays the free.
 */
void hs_exposure_trylock(void)
{
	struct hs_inflight *slot;
	struct hs_window *w;
	unsigned long flags;

	if (!in_task())
		return;
	slot = hs_inflight_slot();
	if (READ_ONCE(slot->task) != current || !slot->pfn)
		return;
	local_irq_save(flags);
	w = hs_window_get(slot->pfn);
	if (w) {
		slot->tried = true;
		hs_widen(w, slot->pfn);
		hs_window_put(w);
	}
	local_irq_restore(flags);
}

static bool hs_exposure_is_offline(unsigned long start_pfn, unsigned long end_pfn)
{
	struct hs_window *w = hs_window_any() ? hs_window_of(current) : NULL;

	return w && w->start_pfn == start_pfn && w->end_pfn == end_pfn;
}

/* The offliner is about to look whether all of its range is free. */
int hs_exposure_lap(struct kprobe *kp, struct pt_regs *regs)
{
	if (hs_exposure_is_offline(regs_get_kernel_argument(regs, 0),
				   regs_get_kernel_argument(regs, 1)))
		hs_count(HS_C_LAPS);
	return 0;
}

/*
 * The offliner has looked whether all of its range is free; at @fin_pfn it is not. A page
 * that somebody holds is one more lap for that reason. One that nobody holds is on a
 * pcplist, or a free of it is under way.
 */
void hs_exposure_final_test(void *data, unsigned long start_pfn, unsigned long end_pfn,
			    unsigned long fin_pfn)
{
	struct page *page;

	hs_contig_race_tested(end_pfn, fin_pfn);
	if (fin_pfn >= end_pfn || !hs_exposure_is_offline(start_pfn, end_pfn))
		return;
	atomic64_set(&hs_counters[HS_C_LAP_FAILED_PFN], fin_pfn);
	page = pfn_to_page(fin_pfn);
	if (!page_count(page) && !PageBuddy(page))
		hs_count(HS_C_LAPS_STRAY);
}
