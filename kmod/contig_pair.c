// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc_contig_range() for two pageblocks, or for the halves of one, at the same time, each
 * by a task of its own. Nothing is freed and nobody holds a page: what is refused, and had
 * when it is asked for alone, was refused for the other call.
 *
 * The kernel has no lock for that, its callers must see to it: CMA has had a mutex around
 * its calls again since Linux commit 60a60e32cf91. With HOTSOAK_ACR_MUTEX so have these.
 *
 * Since Linux commit b2c9e2fbba32 (v5.19) a call isolates the pageblocks that it wants and
 * not the whole range of the largest order, and one that is refused lifts the isolation of
 * these, the other's: both may be refused. No offline is under way that could lose its own,
 * as who waits for both calls holds mem_hotplug_lock for reading.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "hotsoak.h"

#define HS_PAIR_LOOKS 10
#define HS_PAIR_LOOK_MS 20
#define HS_PAIR_MEET_NS	(10 * NSEC_PER_MSEC)	/* a virtual CPU may not run for as long */

struct hs_pair_call {
	struct work_struct work;
	unsigned long start_pfn, nr_pages;	/* what it wants */
	u64 since_ns, until_ns;
	int err;
	struct task_struct *task;	/* inside of the call */
	bool tested;			/* got as far as its final test, which it notes itself */
};

/* One pair at a time, under the mutex of ioctls. */
static struct {
	struct hs_pair_call call[2];
	atomic_t ready;
	bool in_turn;
} hs_pair;

static DEFINE_MUTEX(hs_pair_mutex);	/* around a call, as CMA has one */

#define for_each_call(c) \
	for ((c) = hs_pair.call; (c) < hs_pair.call + ARRAY_SIZE(hs_pair.call); (c)++)

void hs_contig_pair_tested(void)
{
	struct hs_pair_call *c;

	for_each_call(c)
		if (READ_ONCE(c->task) == current)
			c->tested = true;
}

/* Not for ever: on a machine with one CPU the other cannot come meanwhile. */
static void hs_pair_meet(void)
{
	u64 until = ktime_get_ns() + HS_PAIR_MEET_NS;

	atomic_inc(&hs_pair.ready);
	while (atomic_read(&hs_pair.ready) < ARRAY_SIZE(hs_pair.call) && ktime_get_ns() < until)
		cpu_relax();
}

static void hs_pair_call(struct hs_pair_call *c)
{
	c->tested = false;
	c->since_ns = ktime_get_ns();
	WRITE_ONCE(c->task, current);
	c->err = hs_contig_take(c->start_pfn, c->nr_pages);
	WRITE_ONCE(c->task, NULL);
	c->until_ns = ktime_get_ns();
}

static void hs_pair_work(struct work_struct *work)
{
	struct hs_pair_call *c = container_of(work, struct hs_pair_call, work);
	int i;

	hs_pair_meet();
	if (!hs_pair.in_turn) {
		hs_pair_call(c);
		return;
	}
	mutex_lock(&hs_pair_mutex);
	/* Neither of ours is about to isolate or to undo it; another's call is over soon. */
	for (i = 0; i < HS_PAIR_LOOKS && hs_pageblock_is_isolated(c->start_pfn); i++)
		msleep(HS_PAIR_LOOK_MS);
	if (hs_pageblock_is_isolated(c->start_pfn))
		hs_count(HS_C_ACR_LEFT_ISOLATED);
	hs_pair_call(c);
	mutex_unlock(&hs_pair_mutex);
}

static void hs_pair_count(struct hs_pair_call *c)
{
	hs_count(HS_C_ACR_TRIED);
	hs_count_add(HS_C_ACR_NS, c->until_ns - c->since_ns);
	if (!c->err)
		hs_count(HS_C_ACR_TAKEN);
	if (c->err != -EBUSY)
		return;
	hs_count(HS_C_ACR_BUSY);
	if (!c->tested && !hs_hook_error(HOTSOAK_HOOK_TEST_ISOLATED))
		hs_count(HS_C_ACR_BUSY_ISOLATING);
	/* The other's call is over, its pages still taken, as those of an area would be. */
	c->err = hs_contig_take(c->start_pfn, c->nr_pages);
	if (!c->err)
		hs_count(HS_C_ACR_SPURIOUS);
}

void hs_contig_pair(unsigned long start_pfn, u32 flags)
{
	unsigned long nr_pages = pageblock_nr_pages / (flags & HOTSOAK_ACR_HALVES ? 2 : 1);
	struct hs_pair_call *first = &hs_pair.call[0], *second = &hs_pair.call[1], *c;

	atomic_set(&hs_pair.ready, 0);
	hs_pair.in_turn = flags & HOTSOAK_ACR_MUTEX;
	first->start_pfn = ALIGN_DOWN(start_pfn, 2 * nr_pages);
	second->start_pfn = first->start_pfn + nr_pages;
	for_each_call(c) {
		c->nr_pages = nr_pages;
		INIT_WORK(&c->work, hs_pair_work);
		queue_work(hs_unbound_wq, &c->work);
	}
	for_each_call(c)
		flush_work(&c->work);
	hs_count(HS_C_ACR_PAIRS);
	if (max(first->since_ns, second->since_ns) < min(first->until_ns, second->until_ns))
		hs_count(HS_C_ACR_OVERLAPPED);
	for_each_call(c)
		hs_pair_count(c);
	for_each_call(c)
		if (!c->err)
			hs_contig_give_back(c->start_pfn, c->nr_pages);
}
