/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that knows of kernel versions. The rest of the module reads as
 * if there were one kernel; Kbuild probes the headers and defines HS_HAVE_*.
 */
#ifndef HS_COMPAT_H
#define HS_COMPAT_H

#include <linux/ftrace.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/spinlock.h>
#include <linux/stringify.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0))
#error "hotsoak supports Linux 5.10, and 6.1 and later"
#endif

/*
 * Since Linux commit ec6e8c7e0314 ("mm, page_alloc: disable pcplists during memory
 * offline", v5.11) offline_pages() calls zone_pcp_disable(), and zones remember the
 * limits for zone_pcp_enable(). Without it there are no disabled lists to watch, and
 * pages of an isolated range on live ones break no promise.
 */
#ifdef HS_HAVE_PCP_DISABLE
#define HS_PCP_DISABLES	1
#else
#define HS_PCP_DISABLES	0
#endif

/*
 * A zone's lists of one CPU. Those of 5.10 are of order 0 only and have no lock: their
 * CPU alone may look, with interrupts off.
 */
#ifdef NR_PCP_LISTS
#define HS_PCP_IS_LOCAL		0
#define HS_PCP_NR_LISTS		NR_PCP_LISTS
#define hs_pcp_member		pcp_list

static inline struct per_cpu_pages *hs_zone_pcp(const struct zone *zone, int cpu)
{
	return per_cpu_ptr(zone->per_cpu_pageset, cpu);
}

static inline bool hs_pcp_trylock(struct per_cpu_pages *pcp)
{
	return spin_trylock(&pcp->lock);
}

static inline void hs_pcp_unlock(struct per_cpu_pages *pcp)
{
	spin_unlock(&pcp->lock);
}
#else
#define HS_PCP_IS_LOCAL		1
#define HS_PCP_NR_LISTS		MIGRATE_PCPTYPES
#define hs_pcp_member		lru

static inline struct per_cpu_pages *hs_zone_pcp(const struct zone *zone, int cpu)
{
	return &per_cpu_ptr(zone->pageset, cpu)->pcp;
}

static inline bool hs_pcp_trylock(struct per_cpu_pages *pcp)
{
	return true;
}

static inline void hs_pcp_unlock(struct per_cpu_pages *pcp)
{
}
#endif

/* What a free tries pcp->lock with: under PREEMPT_RT that is a lock that sleeps. */
#ifdef CONFIG_PREEMPT_RT
#define hs_pcp_trylock_target	rt_spin_trylock
#else
#define hs_pcp_trylock_target	_raw_spin_trylock
#endif

/*
 * The limits of one CPU's pcplist of a zone.
 *
 * Since Linux commit 90b41691b988 ("mm: add framework for PCP high auto-tuning",
 * v6.7) high is tuned between high_min and high_max, and only these say
 * "disabled": high itself stays as it was until the next free or refill.
 */
struct hs_pcp_limits {
	int high_min;
	int high_max;
	int batch;
};

static inline struct hs_pcp_limits hs_pcp_limits_read(const struct per_cpu_pages *pcp)
{
	return (struct hs_pcp_limits) {
#ifdef HS_HAVE_PCP_HIGH_MIN
		.high_min = READ_ONCE(pcp->high_min),
		.high_max = READ_ONCE(pcp->high_max),
#else
		.high_min = READ_ONCE(pcp->high),
		.high_max = READ_ONCE(pcp->high),
#endif
		.batch = READ_ONCE(pcp->batch),
	};
}

/* In the order of pageset_update(): batch first, then high. */
static inline void hs_pcp_limits_write(struct per_cpu_pages *pcp, struct hs_pcp_limits l)
{
	WRITE_ONCE(pcp->batch, l.batch);
#ifdef HS_HAVE_PCP_HIGH_MIN
	WRITE_ONCE(pcp->high_min, l.high_min);
	WRITE_ONCE(pcp->high_max, l.high_max);
#else
	WRITE_ONCE(pcp->high, l.high_max);
#endif
}

/* What zone_pcp_enable() will put back; where nobody disables, those of any CPU. */
static inline struct hs_pcp_limits hs_zone_pcp_limits(const struct zone *zone)
{
#ifdef HS_HAVE_PCP_DISABLE
	return (struct hs_pcp_limits) {
#ifdef HS_HAVE_PCP_HIGH_MIN
		.high_min = zone->pageset_high_min,
		.high_max = zone->pageset_high_max,
#else
		.high_min = zone->pageset_high,
		.high_max = zone->pageset_high,
#endif
		.batch = zone->pageset_batch,
	};
#else
	return hs_pcp_limits_read(hs_zone_pcp(zone, 0));
#endif
}

/*
 * get_pfnblock_flags_mask() is not exported. The bitmap hangs off the section
 * and is read without a lock, as the page allocator does.
 */
static inline bool hs_pageblock_is_isolated(unsigned long pfn)
{
	const struct mem_section *ms = __pfn_to_section(pfn);
	unsigned long bit, word;

	bit = ((pfn & (PAGES_PER_SECTION - 1)) >> pageblock_order) * NR_PAGEBLOCK_BITS;
	word = READ_ONCE(ms->usage->pageblock_flags[bit / BITS_PER_LONG]);
	word >>= bit % BITS_PER_LONG;
#ifdef HS_HAVE_PB_ISOLATE_BIT	/* beside the migratetype, which stays as it was */
	return word & BIT(PB_migrate_isolate);
#else
	return (word & MIGRATETYPE_MASK) == MIGRATE_ISOLATE;
#endif
}

/*
 * The arguments of a function at its entry, in the registers that regs_get_kernel_argument()
 * knows; the others hold nothing. Since Linux commit 02a474ca266a ("ftrace/x86: Allow for
 * arguments to be passed in to ftrace_regs by default", v5.11) ftrace saves these for
 * everyone, and a handler that asks for all of them makes each hit dearer.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)	/* d19ad0775dcd */
typedef struct pt_regs hs_ftrace_regs;
#define hs_ftrace_args(fregs)	(fregs)
#define HS_FTRACE_ARGS		FTRACE_OPS_FL_SAVE_REGS
#else
typedef struct ftrace_regs hs_ftrace_regs;
#ifndef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#define hs_ftrace_args(fregs)	ftrace_get_regs(fregs)
#define HS_FTRACE_ARGS		FTRACE_OPS_FL_SAVE_REGS
#elif defined(arch_ftrace_regs)	/* where the struct is opaque */
#define hs_ftrace_args(fregs)	(&arch_ftrace_regs(fregs)->regs)
#define HS_FTRACE_ARGS		0
#else
#define hs_ftrace_args(fregs)	(&(fregs)->regs)
#define HS_FTRACE_ARGS		0
#endif
#endif

/* A page on its way to a pcplist. */
struct hs_commit {
	struct page *page;
	const struct per_cpu_pages *pcp;
	unsigned int order;
};

/*
 * Reads what the commit was called with; false when the page goes around the list.
 *
 * 5.10 has free_unref_page_commit(page, pfn), with interrupts off. It is called for
 * pages of isolated pageblocks too: the type that the free has read lies in the page.
 * Later kernels have (zone, pcp, page, migratetype, order), with pcp->lock held.
 */
static inline bool hs_commit_read(struct hs_commit *c, struct pt_regs *regs)
{
#ifdef HS_HAVE_PCP_DISABLE
	c->pcp = (const struct per_cpu_pages *)regs_get_kernel_argument(regs, 1);
	c->page = (struct page *)regs_get_kernel_argument(regs, 2);
	c->order = regs_get_kernel_argument(regs, 4);
	return true;
#else
	c->page = (struct page *)regs_get_kernel_argument(regs, 0);
	c->pcp = hs_zone_pcp(page_zone(c->page), raw_smp_processor_id());
	c->order = 0;
	return c->page->index != MIGRATE_ISOLATE;
#endif
}

/*
 * How often a free of order 0 is a batch. free_unref_page_list() reads the types of a
 * whole batch before it commits the first, so that all of them may be E2. Since Linux
 * commit 90491d87dd46 ("mm: add free_unref_folios()", v6.10) each type is read when its
 * turn comes, under pcp->lock but for the first, and a single free is worth as much.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define HS_BATCH_ONE_IN	8
#else
#define HS_BATCH_ONE_IN	2
#endif

/*
 * Which pageblock start_isolate_page_range() takes as its @nth of @nr: the first, then
 * the last, then the rest, since Linux commit b2c9e2fbba32 ("mm: make alloc_contig_range
 * work at pageblock granularity", v5.19). Before, it went upwards.
 */
static inline unsigned long hs_isolation_order(unsigned long nth, unsigned long nr)
{
	if (nth == 0 || LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0))
		return nth;
	return nth == 1 ? nr - 1 : nth - 1;
}

/* Largest order of the buddy allocator, inclusive. */
#ifdef MAX_PAGE_ORDER	/* Linux commit 5e0a760b4441, v6.8: MAX_ORDER renamed */
#define HS_MAX_ORDER	MAX_PAGE_ORDER
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)	/* 23baf831a32c: inclusive */
#define HS_MAX_ORDER	MAX_ORDER
#else
#define HS_MAX_ORDER	(MAX_ORDER - 1)
#endif

/* What was called MIGRATE_MOVABLE has the value of another flag now. */
static inline int hs_alloc_contig_range(unsigned long start_pfn, unsigned long end_pfn,
					gfp_t gfp)
{
#ifdef HS_HAVE_ACR_FLAGS
	return alloc_contig_range(start_pfn, end_pfn, ACR_FLAGS_NONE, gfp);
#else
	return alloc_contig_range(start_pfn, end_pfn, MIGRATE_MOVABLE, gfp);
#endif
}

/*
 * Functions that are not exported, for the controls: their signatures, and calls as
 * offline_pages() makes them.
 */
#ifdef HS_HAVE_PB_ISOLATE_MODE
typedef int (*hs_start_isolate_fn)(unsigned long start_pfn, unsigned long end_pfn,
				   enum pb_isolate_mode mode);
typedef void (*hs_undo_isolate_fn)(unsigned long start_pfn, unsigned long end_pfn);
#else
#ifdef HS_HAVE_PCP_DISABLE
typedef int (*hs_start_isolate_fn)(unsigned long start_pfn, unsigned long end_pfn,
				   int migratetype, int flags, gfp_t gfp);
#else
typedef int (*hs_start_isolate_fn)(unsigned long start_pfn, unsigned long end_pfn,
				   unsigned int migratetype, int flags);
#endif
typedef void (*hs_undo_isolate_fn)(unsigned long start_pfn, unsigned long end_pfn,
				   int migratetype);
#endif
typedef void (*hs_drain_fn)(struct zone *zone, bool force_all_cpus);
typedef void (*hs_pcp_switch_fn)(struct zone *zone);	/* zone_pcp_disable(), _enable() */
/* __free_pages(), and since Linux commit 8c57b687e833, v6.15, free_pages_nolock(). */
typedef void (*hs_free_fn)(struct page *page, unsigned int order);
typedef void (*hs_drain_cpu_fn)(unsigned int cpu, struct zone *zone);

static inline int hs_start_isolate(hs_start_isolate_fn isolate, unsigned long start_pfn,
				   unsigned long end_pfn)
{
#ifdef HS_HAVE_PB_ISOLATE_MODE
	return isolate(start_pfn, end_pfn, PB_ISOLATE_MODE_MEM_OFFLINE);
#elif !defined(HS_HAVE_PCP_DISABLE)
	return isolate(start_pfn, end_pfn, MIGRATE_MOVABLE, MEMORY_OFFLINE);
#else
	return isolate(start_pfn, end_pfn, MIGRATE_MOVABLE, MEMORY_OFFLINE,
		       GFP_USER | __GFP_MOVABLE | __GFP_RETRY_MAYFAIL);
#endif
}

static inline void hs_undo_isolate(hs_undo_isolate_fn undo, unsigned long start_pfn,
				   unsigned long end_pfn)
{
#ifdef HS_HAVE_PB_ISOLATE_MODE
	undo(start_pfn, end_pfn);
#else
	undo(start_pfn, end_pfn, MIGRATE_MOVABLE);
#endif
}

/* The old name still works, but the kernel's log complains of who uses it. */
#ifdef HS_HAVE_DFL_WQ
#define hs_unbound_wq	system_dfl_wq
#else
#define hs_unbound_wq	system_unbound_wq
#endif

#endif
