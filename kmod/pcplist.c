// SPDX-License-Identifier: GPL-2.0-only
/*
 * One view of a zone's pcplists, and the three invariants that are seen there.
 *
 * Looking is dangerous twice. The pageset may be freed once zone_pcp_enable()
 * has been entered (zone_pcp_reset() for a zone's last block), so a look happens
 * between hs_window_pin() and hs_window_put(). And whoever holds pcp->lock makes
 * the frees of that CPU lose their trylock and go around the list, which hides
 * the race: the lock is tried, held for a walk of lists that ought to be empty,
 * with interrupts off, and the time is added up for the record.
 */
#include <linux/ktime.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "hotsoak.h"

/* Live lists hold hundreds of pages; more than this is a broken list. */
#define HS_MAX_WALK	65536

static bool hs_pcp_is_disabled(struct hs_pcp_limits l)
{
	return !l.high_min && !l.high_max && l.batch == 1;
}

static void hs_pcplist_limits(struct hs_window *w, int cpu, const struct per_cpu_pages *pcp)
{
	struct hs_pcp_limits l = hs_pcp_limits_read(pcp);

	hs_invariant_checked(HOTSOAK_INV_PCP_LIMITS);
	if (hs_pcp_is_disabled(l))
		return;
	hs_invariant_violated(&(struct hs_sighting) {
		.invariant = HOTSOAK_INV_PCP_LIMITS, .window = w, .seen_cpu = cpu,
		/* high_max in the upper half, batch in the lower */
		.value = (u64)(u32)l.high_max << 32 | (u32)l.batch, .expected = 1,
	});
}

/* A violation or not: where no-stray is not promised these are all there is. */
static void hs_pcplist_strayed(struct hs_window *w)
{
	atomic_inc(&w->strays);
	atomic64_cmpxchg(&hs_counters[HS_C_FIRST_STRAY_NS], 0,
			 ktime_get_ns() - READ_ONCE(hs_armed.since_ns));
}

/* Under pcp->lock. Counts the pages on the lists and looks for strays. */
static void hs_pcplist_walk(struct hs_window *w, int cpu, const struct per_cpu_pages *pcp)
{
	bool strays = hs_window_is_strict(w) && READ_ONCE(w->strays_count);
	unsigned long first = 0, nr = 0, nr_strays = 0, stray = 0;
	struct page *page;
	int i;

	for (i = 0; i < HS_PCP_NR_LISTS; i++) {
		list_for_each_entry(page, &pcp->lists[i], hs_pcp_member) {
			unsigned long pfn = page_to_pfn(page);

			if (!nr++)
				first = pfn;
			if (pfn >= w->start_pfn && pfn < w->end_pfn && !nr_strays++)
				stray = pfn;
			if (nr > HS_MAX_WALK) {
				hs_doubt("a pcplist does not end");
				return;
			}
		}
	}
	hs_invariant_checked(HOTSOAK_INV_PCP_EMPTY);
	if (nr || pcp->count)
		hs_invariant_violated(&(struct hs_sighting) {
			.invariant = HOTSOAK_INV_PCP_EMPTY, .window = w, .seen_cpu = cpu,
			.pfn = first, .value = pcp->count, .expected = 0,
		});
	if (!strays)
		return;
	hs_invariant_checked(HOTSOAK_INV_NO_STRAY);
	if (nr_strays) {
		hs_pcplist_strayed(w);
		hs_invariant_violated(&(struct hs_sighting) {
			.invariant = HOTSOAK_INV_NO_STRAY, .window = w, .seen_cpu = cpu,
			.pfn = stray, .value = nr_strays, .expected = 0,
		});
	}
}

/*
 * The surest look for strays: an E2 about to be committed. On a disabled list it
 * goes on to the buddy allocator before pcp->lock is released; that of 7.2's
 * free_pages_nolock() does not, and is left to a walk. On a live one it stays: when
 * the list overflows free_pcppages_bulk() takes the oldest, and all of them only when
 * orders 1 to 3 are freed in a row. A walk may come too late, for the next allocation
 * takes the newest.
 */
void hs_pcplist_commit(struct hs_window *w, const struct per_cpu_pages *pcp,
		       unsigned long pfn)
{
	if (!hs_window_is_strict(w) || !READ_ONCE(w->strays_count))
		return;
	hs_invariant_checked(HOTSOAK_INV_NO_STRAY);
	if (hs_pcp_is_disabled(hs_pcp_limits_read(pcp)))
		return;
	hs_pcplist_strayed(w);
	hs_count(HS_C_STRAYS);
	hs_invariant_violated(&(struct hs_sighting) {
		.invariant = HOTSOAK_INV_NO_STRAY, .window = w,
		.seen_cpu = raw_smp_processor_id(), .pfn = pfn, .value = 1, .expected = 0,
		.other_pid = task_pid_nr(current),
	});
}

static void hs_pcplist_look_at(struct hs_window *w, int cpu)
{
	struct per_cpu_pages *pcp;
	unsigned long flags;
	u64 since;

	if (!hs_window_pin(w))
		return;
	pcp = hs_zone_pcp(w->zone, cpu);
	if (HS_PCP_DISABLES)
		hs_pcplist_limits(w, cpu, pcp);
	local_irq_save(flags);
	if (hs_pcp_trylock(pcp)) {
		since = ktime_get_ns();
		hs_pcplist_walk(w, cpu, pcp);
		hs_pcp_unlock(pcp);
		hs_count_add(HS_C_SAMPLE_LOCK_NS, ktime_get_ns() - since);
		atomic_inc(&w->samples);
		hs_count(HS_C_SAMPLES);
	} else {
		hs_count(HS_C_SAMPLES_CONTENDED);
	}
	local_irq_restore(flags);
	hs_window_put(w);
}

static void hs_pcplist_look_here(void *window)
{
	hs_pcplist_look_at(window, raw_smp_processor_id());
}

/*
 * Lists that have no lock are looked at by their own CPU. It pins the window itself: a
 * window pinned by one who waits for another CPU could be waited for by that CPU.
 * One that is offline has been drained and frees nothing.
 */
void hs_pcplist_look(struct hs_window *w, int cpu)
{
	if (HS_PCP_IS_LOCAL)
		smp_call_function_single(cpu, hs_pcplist_look_here, w, true);
	else
		hs_pcplist_look_at(w, cpu);
}

void hs_pcplist_look_all(struct hs_window *w)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hs_pcplist_look(w, cpu);
}

/* ---- one page, on whichever list ------------------------------------------------ */

#define HS_TRYLOCK_TRIES	100000

struct hs_pcplist_search {
	const struct zone *zone;
	unsigned long pfn;
	bool found;
};

static void hs_pcplist_search(struct hs_pcplist_search *s, int cpu)
{
	struct per_cpu_pages *pcp = hs_zone_pcp(s->zone, cpu);
	int i, tries = HS_TRYLOCK_TRIES;
	unsigned long flags, nr = 0;
	struct page *page;

	for (;;) {
		local_irq_save(flags);
		if (hs_pcp_trylock(pcp))
			break;
		local_irq_restore(flags);
		if (!--tries)
			return;
		cpu_relax();
	}
	for (i = 0; i < HS_PCP_NR_LISTS; i++)
		list_for_each_entry(page, &pcp->lists[i], hs_pcp_member) {
			s->found |= page_to_pfn(page) == s->pfn;
			if (++nr > HS_MAX_WALK) {
				hs_doubt("a pcplist does not end");
				goto out;
			}
		}
out:
	hs_pcp_unlock(pcp);
	local_irq_restore(flags);
}

static void hs_pcplist_search_here(void *search)
{
	hs_pcplist_search(search, raw_smp_processor_id());
}

bool hs_pcplist_holds(struct zone *zone, unsigned long pfn)
{
	struct hs_pcplist_search s = { .zone = zone, .pfn = pfn };
	int cpu;

	for_each_possible_cpu(cpu) {
		if (HS_PCP_IS_LOCAL)
			smp_call_function_single(cpu, hs_pcplist_search_here, &s, true);
		else
			hs_pcplist_search(&s, cpu);
		if (s.found)
			break;
	}
	return s.found;
}
