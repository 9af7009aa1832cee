// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc_contig_range() by itself, for pageblocks that no offline wants.
 *
 * It drains the pcplists once, after the isolation, and leaves them enabled. A free that
 * has read its migratetype before the isolation, and puts its page on a list after the
 * drain, hides it there: the final test finds a page that nobody holds and that is not
 * free, and the answer is EBUSY though nothing is in the way. That breaks no promise of
 * the kernel. It is counted, as a rate.
 *
 * A trial takes a pageblock, gives most of it back and the rest to threads on other CPUs,
 * which free it while the pageblock is asked for again. What was refused is asked for once
 * more with nobody in the way, to see that the refusal was for nothing.
 *
 * An alloc_contig_range() that fails lifts the isolation of others (Linux commit
 * b2c9e2fbba32, v5.19): mem_hotplug_lock is held for reading, so that no offline is under
 * way meanwhile.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "hotsoak.h"

#define HS_RACE_JITTER_NS	200000	/* head start of the frees when nothing delays them */
#define HS_RACE_PAUSE_US	10	/* between two frees of a thread, at most */

struct hs_racer {
	struct task_struct *task;
	int cpu;
	unsigned int nr;
	struct page *page[HOTSOAK_ACR_MAX_PAGES];
};

static struct {
	void (*get_online_mems)(void);
	void (*put_online_mems)(void);
	void (*pcp_disable)(struct zone *zone);
	void (*pcp_enable)(struct zone *zone);
	struct hs_racer *racer;
	unsigned int nr_racers;
	unsigned int generation;	/* +1 a trial: the threads go */
	atomic_t running;		/* threads not done with this generation */
	struct task_struct *caller;	/* inside of the call that is tried */
	const struct hs_window *window;	/* of the trial; NULL: no frees in this one */
	/* Of its final test, written by the caller itself, from a tracepoint. */
	unsigned long fin_pfn;		/* 0: it passed, or was not reached */
	bool fin_hidden;		/* nobody held that page and it was not free */
	bool fin_delayed;		/* a free was being held up, perhaps its own */
} hs_race;

static DECLARE_WAIT_QUEUE_HEAD(hs_race_go);
static DECLARE_WAIT_QUEUE_HEAD(hs_race_done);

void hs_contig_race_tested(unsigned long end_pfn, unsigned long fin_pfn)
{
	struct page *page;

	hs_contig_pair_tested();
	if (READ_ONCE(hs_race.caller) != current || fin_pfn >= end_pfn)
		return;
	page = pfn_to_page(fin_pfn);
	hs_race.fin_pfn = fin_pfn;
	hs_race.fin_hidden = !page_count(page) && !PageBuddy(page);
	hs_race.fin_delayed = hs_race.window && atomic_read(&hs_race.window->in_flight);
}

/* ---- the threads -------------------------------------------------------------- */

/* Upwards: the final test stops at the first page that is in its way, and had better find
 * one that is given back than one that still waits for that. */
static void hs_racer_run(struct hs_racer *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		__free_page(r->page[i]);
		udelay(hs_random_below(HS_RACE_PAUSE_US + 1));
	}
	r->nr = 0;
}

static int hs_racer(void *arg)
{
	struct hs_racer *r = arg;
	unsigned int seen = 0;

	while (!kthread_should_stop()) {
		wait_event_interruptible(hs_race_go, kthread_should_stop() ||
					 smp_load_acquire(&hs_race.generation) != seen);
		if (READ_ONCE(hs_race.generation) == seen)
			continue;
		seen = READ_ONCE(hs_race.generation);
		hs_racer_run(r);
		if (atomic_dec_and_test(&hs_race.running))
			wake_up_all(&hs_race_done);
	}
	return 0;
}

void hs_contig_race_stop(void)
{
	unsigned int i;

	for (i = 0; i < hs_race.nr_racers; i++)
		kthread_stop(hs_race.racer[i].task);
	kfree(hs_race.racer);
	hs_race.racer = NULL;
	hs_race.nr_racers = 0;
}

static int hs_race_start(void)
{
	unsigned int n = num_online_cpus();
	int cpu;

	if (hs_race.racer)
		return 0;
	hs_race.racer = kcalloc(n, sizeof(*hs_race.racer), GFP_KERNEL);
	if (!hs_race.racer)
		return -ENOMEM;
	hs_race.generation = 0;
	for_each_online_cpu(cpu) {
		struct hs_racer *r = &hs_race.racer[hs_race.nr_racers];

		if (hs_race.nr_racers == n)
			break;
		r->cpu = cpu;
		r->task = kthread_create(hs_racer, r, "hotsoak/race%d", cpu);
		if (IS_ERR(r->task)) {
			int err = PTR_ERR(r->task);

			hs_contig_race_stop();
			return err;
		}
		kthread_bind(r->task, cpu);
		hs_race.nr_racers++;
		wake_up_process(r->task);
	}
	return 0;
}

/* ---- a trial ---------------------------------------------------------------------- */

/*
 * Of a pageblock that is ours, @nr pages to the threads, one from each part of it, and
 * the rest back. None to the thread of this CPU, which would not run.
 */
static void hs_race_share(unsigned long start_pfn, unsigned int nr)
{
	unsigned int part = pageblock_nr_pages / nr, next = hs_random_below(part), i = 0;
	unsigned int here = raw_smp_processor_id(), n;

	for (n = 0; n < pageblock_nr_pages; n++) {
		struct page *page = pfn_to_page(start_pfn + n);
		struct hs_racer *r;

		if (n != next) {
			__free_page(page);
			continue;
		}
		next = (n / part + 1 < nr) ? (n / part + 1) * part + hs_random_below(part) :
					     pageblock_nr_pages;
		if (hs_race.nr_racers > 1 && hs_race.racer[i % hs_race.nr_racers].cpu == here)
			i++;
		r = &hs_race.racer[i++ % hs_race.nr_racers];
		r->page[r->nr++] = page;
	}
}

/* Sends the threads off: how many of them have pages to free. */
static int hs_race_begin(void)
{
	int i, nr = 0;

	for (i = 0; i < hs_race.nr_racers; i++)
		nr += hs_race.racer[i].nr > 0;
	atomic_set(&hs_race.running, hs_race.nr_racers);
	smp_store_release(&hs_race.generation, hs_race.generation + 1);
	wake_up_all(&hs_race_go);
	return nr;
}

static void hs_race_end(void)
{
	wait_event(hs_race_done, !atomic_read(&hs_race.running));
}

/* Lets @nr threads get as far as widen.c holds their frees up, or where it does not, some
 * of their way. */
static void hs_race_meet(const struct hs_window *w, int nr)
{
	u32 max_ns = READ_ONCE(hs_armed.widen_max_ns);
	u64 until = ktime_get_ns() + (max_ns ? max_ns / 2 : hs_random_below(HS_RACE_JITTER_NS));

	while (atomic_read(&w->in_flight) < nr && ktime_get_ns() < until)
		cpu_relax();
}

static void hs_race_refused(struct zone *zone, unsigned long start_pfn)
{
	hs_count(HS_C_ACR_BUSY);
	if (!hs_race.fin_pfn)
		return;
	if (!hs_race.fin_hidden)
		hs_count(HS_C_ACR_BUSY_HELD);
	/* One that was still on its way then may have come to the list by now. */
	else if (!hs_race.fin_delayed && hs_pcplist_holds(zone, hs_race.fin_pfn))
		hs_count(HS_C_ACR_BUSY_PCP);
}

static int hs_race_call(unsigned long start_pfn)
{
	u64 since;
	int err;

	hs_race.fin_pfn = 0;
	hs_race.fin_hidden = false;
	WRITE_ONCE(hs_race.caller, current);
	since = ktime_get_ns();
	err = hs_contig_take(start_pfn, pageblock_nr_pages);
	hs_count_add(HS_C_ACR_NS, ktime_get_ns() - since);
	WRITE_ONCE(hs_race.caller, NULL);
	hs_count(HS_C_ACR_TRIED);
	if (!err)
		hs_count(HS_C_ACR_TAKEN);
	return err;
}

static int hs_race_try(struct zone *zone, unsigned long start_pfn,
		       const struct hotsoak_acr *acr)
{
	bool without_pcp = acr->flags & HOTSOAK_ACR_NO_PCPLISTS;
	struct hs_window *w;
	int err;

	if (hs_contig_take(start_pfn, pageblock_nr_pages)) {
		hs_count(HS_C_ACR_PASSED_OVER);
		return 0;
	}
	hs_race_share(start_pfn, acr->pages);
	w = hs_window_contig_open(start_pfn, start_pfn + pageblock_nr_pages);
	if (!w) {
		hs_race_begin();
		hs_race_end();
		return -EBUSY;
	}
	if (without_pcp)
		hs_race.pcp_disable(zone);
	hs_race.window = w;
	hs_race_meet(w, hs_race_begin());
	err = hs_race_call(start_pfn);
	hs_race.window = NULL;
	/* At once: the next allocation or drain on its CPU takes it from the list. */
	if (err == -EBUSY)
		hs_race_refused(zone, start_pfn);
	hs_race_end();
	if (without_pcp)
		hs_race.pcp_enable(zone);
	hs_window_contig_close(w);
	if (err == -EBUSY && !hs_contig_take(start_pfn, pageblock_nr_pages)) {
		hs_count(HS_C_ACR_SPURIOUS);
		err = 0;
	}
	if (!err)
		hs_contig_give_back(start_pfn, pageblock_nr_pages);
	return 0;
}

/*
 * The second pageblock of a pair: when the pair is one free page, that must be split, and
 * its halves be counted and listed each by its own type.
 */
static void hs_race_straddle(unsigned long start_pfn)
{
	struct page *head;

	start_pfn = ALIGN_DOWN(start_pfn, 2 * pageblock_nr_pages) + pageblock_nr_pages;
	head = pfn_to_page(ALIGN_DOWN(start_pfn, 1UL << HS_MAX_ORDER));
	/* Without zone->lock: most often right, and only counted. */
	if (HS_MAX_ORDER > pageblock_order && PageBuddy(head) &&
	    page_private(head) == HS_MAX_ORDER)
		hs_count(HS_C_ACR_STRADDLED);
	if (!hs_race_call(start_pfn))
		hs_contig_give_back(start_pfn, pageblock_nr_pages);
	else
		hs_count(HS_C_ACR_BUSY);
}

/* ---- all of them ------------------------------------------------------------------- */

static int hs_race_find(void *function, const char *name)
{
	void **where = function, *address = *where ?: hs_symbol(name);

	if (IS_ERR(address))
		return PTR_ERR(address) == -ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	*where = address;
	return 0;
}

static int hs_race_prepare(const struct hotsoak_acr *acr)
{
	int err;

	err = hs_race_find(&hs_race.get_online_mems, "get_online_mems");
	if (!err)
		err = hs_race_find(&hs_race.put_online_mems, "put_online_mems");
	if (!err && acr->flags & HOTSOAK_ACR_NO_PCPLISTS) {
		err = hs_race_find(&hs_race.pcp_disable, "zone_pcp_disable");
		if (!err)
			err = hs_race_find(&hs_race.pcp_enable, "zone_pcp_enable");
	}
	return err ?: hs_race_start();
}

static int hs_race_check(const struct hotsoak_acr *acr)
{
	const u32 of_parallel = HOTSOAK_ACR_MUTEX | HOTSOAK_ACR_HALVES;
	bool frees = false;

	switch (acr->flags & ~of_parallel) {
	case 0:
	case HOTSOAK_ACR_NO_PCPLISTS:
		frees = true;
		break;
	case HOTSOAK_ACR_STRADDLE:
	case HOTSOAK_ACR_PARALLEL:
		break;
	default:
		return -EINVAL;
	}
	if (acr->flags & of_parallel && !(acr->flags & HOTSOAK_ACR_PARALLEL))
		return -EINVAL;
	if (acr->trials > HOTSOAK_ACR_MAX_TRIALS)
		return -EINVAL;
	if (frees ? !acr->pages || acr->pages > HOTSOAK_ACR_MAX_PAGES : acr->pages)
		return -EINVAL;
	return hs_is_guest() ? 0 : -EPERM;
}

/*
 * Somebody's offline has mem_hotplug_lock, and may wait for a page of ours, which another
 * ioctl would have to give back: not while this one waits for that lock.
 */
static bool hs_race_would_wait(void)
{
	return hs_window_any() || hs_holds() || hs_burst_held();
}

int hs_contig_race(struct hotsoak_acr *acr)
{
	struct zone *zone;
	int err;

	acr->tried = 0;
	err = hs_race_check(acr);
	if (err)
		return err;
	if (hs_race_would_wait())
		return -EBUSY;
	err = hs_race_prepare(acr);
	if (err)
		return err;
	/* The first time that takes long. */
	if (hs_race_would_wait())
		return -EBUSY;
	hs_race.get_online_mems();
	err = hs_contig_check_range(acr->start_pfn, acr->nr_pages);
	if (!err)
		zone = page_zone(pfn_to_page(acr->start_pfn));
	while (!err && acr->tried < acr->trials && !signal_pending(current)) {
		unsigned long nth = hs_random_below(acr->nr_pages / pageblock_nr_pages);
		unsigned long start_pfn = acr->start_pfn + nth * pageblock_nr_pages;

		if (acr->flags & HOTSOAK_ACR_STRADDLE)
			hs_race_straddle(start_pfn);
		else if (acr->flags & HOTSOAK_ACR_PARALLEL)
			hs_contig_pair(start_pfn, acr->flags);
		else
			err = hs_race_try(zone, start_pfn, acr);
		acr->tried++;
	}
	hs_race.put_online_mems();
	return err;
}
