// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bursts: threads bound to CPUs that hold pages of the range about to go offline
 * and give them back around the moment of its isolation.
 *
 * In ZONE_MOVABLE a page held by the kernel does not fail the isolation; the
 * offline loops until it is free. Some pages go back as soon as the pcplists are
 * disabled (E1). The others are aimed: start_isolate_page_range() isolates the
 * first pageblock, then the last, then the rest upwards (on 5.10 all upwards), and
 * each thread gives back pages of a pageblock when the one before it has just been
 * isolated, so that the free reads its type before and commits after (E2).
 *
 * alloc_contig_range() takes the pages. When it fails it undoes the isolation of
 * whoever owns the pageblock (since Linux commit b2c9e2fbba32, "mm: make
 * alloc_contig_range work at pageblock granularity", v5.19), so a fill happens
 * only while no offline is under way.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/memory_hotplug.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "hotsoak.h"

#define HS_BURST_MAX_ORDER	3	/* PAGE_ALLOC_COSTLY_ORDER: what pcplists hold */
#define HS_BURST_WAIT		HZ	/* for the isolation; then the aim is lost */
#define HS_BURST_PAUSE_US	1000
#define HS_BURST_YIELD_US	20
#define HS_BURST_BATCH		15	/* PAGEVEC_SIZE */
#define HS_BURST_LEAD		4	/* places ahead of the isolation, at most */

enum hs_burst_phase {
	HS_BURST_EMPTY,
	HS_BURST_FILLED,	/* held; the fill owner may still drop them */
	HS_BURST_GO,		/* the threads own them and give them back */
};

struct hs_chunk {
	unsigned long pfn;
	u16 nth;		/* its pageblock's place in the order of isolation */
	u8 order;
	bool early;
};

struct hs_freer {
	struct task_struct *task;
	struct hs_chunk *chunk;		/* in the order of isolation */
	unsigned int nr, room;
};

static struct {
	struct hs_freer *freer;
	unsigned int nr_freers;
	int phase;			/* enum hs_burst_phase, by cmpxchg */
	unsigned long start_pfn, end_pfn;
	unsigned int nr_blocks;		/* pageblocks in it */
	struct hs_window *window;	/* written before generation */
	u64 window_number;
	unsigned int generation;	/* +1 a window: threads go */
	atomic_t running;		/* threads not done with this generation */
	atomic64_t held;		/* pages */
	struct workqueue_struct *workqueue;	/* takes the pages */
	bool stop;			/* give everything back without aiming */
} hs_burst;

static DECLARE_WAIT_QUEUE_HEAD(hs_burst_go);	/* woken by hs_burst_wake() only */
static DECLARE_WAIT_QUEUE_HEAD(hs_burst_done);

u64 hs_burst_held(void)
{
	return atomic64_read(&hs_burst.held);
}

/* From hooks, too: without the lock of a wait queue. hs_burst_stop() waits for hooks. */
static void hs_burst_wake(void)
{
	unsigned int i;

	for (i = 0; i < hs_burst.nr_freers; i++)
		wake_up_process(hs_burst.freer[i].task);
}

/* ---- giving back ------------------------------------------------------------ */

static void hs_chunk_free(struct hs_chunk *c)
{
	hs_armed.free(pfn_to_page(c->pfn), c->order);
	atomic64_sub(1UL << c->order, &hs_burst.held);
	hs_count_add(HS_C_BURST_FREED, 1UL << c->order);
	c->pfn = 0;
}

/* The window that we were sent off for is still before its isolation's end. */
static bool hs_burst_is_timely(const struct hs_window *w)
{
	return !READ_ONCE(hs_burst.stop) && READ_ONCE(w->state) == HS_WINDOW_OPEN &&
	       w->number == hs_burst.window_number;
}

/*
 * The place that the isolation has reached: the first pageblock, in its order,
 * that is not isolated yet.
 */
static unsigned int hs_burst_front(unsigned int nth)
{
	while (nth < hs_burst.nr_blocks &&
	       hs_pageblock_is_isolated(hs_burst.start_pfn +
			hs_isolation_order(nth, hs_burst.nr_blocks) * pageblock_nr_pages))
		nth++;
	return nth;
}

/* Sleeps until the isolation begins; false when it will not. */
static bool hs_burst_await(const struct hs_window *w)
{
	wait_event_interruptible_timeout(hs_burst_go, READ_ONCE(w->isolating) ||
					 !hs_burst_is_timely(w), HS_BURST_WAIT);
	return READ_ONCE(w->isolating) && hs_burst_is_timely(w);
}

/*
 * Frees several pages in one call, as munmap and exit do. Of one pageblock: the
 * delay is that of one of them, and all wait for it.
 */
static void hs_freer_batch(struct hs_chunk *c, const struct hs_chunk *end)
{
	struct page *batch[HS_BURST_BATCH];
	unsigned int nth = c->nth, n = 0;

	for (; c < end && c->nth == nth && n < HS_BURST_BATCH; c++) {
		if (!c->pfn || c->order)
			continue;
		batch[n++] = pfn_to_page(c->pfn);
		c->pfn = 0;
	}
	release_pages(batch, n);
	atomic64_sub(n, &hs_burst.held);
	hs_count_add(HS_C_BURST_FREED, n);
}

/*
 * Keeps just ahead of the isolation: frees pages of the pageblock that is a few
 * places on, by seeded jitter, for a free takes as long as isolating several.
 */
static void hs_freer_chase(struct hs_freer *f, const struct hs_window *w)
{
	struct hs_chunk *c = f->chunk, *end = f->chunk + f->nr;
	unsigned int front = 0;

	while (hs_burst_is_timely(w)) {
		unsigned int target;

		front = hs_burst_front(front);
		target = front + hs_random_below(HS_BURST_LEAD);
		while (c < end && (!c->pfn || c->nth < target))
			c++;
		if (c == end)
			return;
		/*
		 * Live lists are drained after each pageblock, by a worker on this CPU,
		 * and until it is done neither the isolation goes on nor is another free
		 * held up: let it run, and wait for the isolation to come near.
		 */
		if (w->by_isolation) {
			usleep_range(HS_BURST_YIELD_US, 2 * HS_BURST_YIELD_US);
			if (c->nth > front + HS_BURST_LEAD)
				continue;
		}
		if (!c->order && hs_armed.free == __free_pages && !hs_random_below(HS_BATCH_ONE_IN))
			hs_freer_batch(c, end);
		else
			hs_chunk_free(c);
	}
}

static void hs_freer_run(struct hs_freer *f, struct hs_window *w)
{
	struct hs_chunk *c, *end = f->chunk + f->nr;

	/* When the isolation has begun already it is too late to be early. */
	for (c = f->chunk; c < end && !w->by_isolation; c++) {
		if (c->early)
			hs_chunk_free(c);
		cond_resched();
	}
	if (hs_burst_await(w)) {
		hs_freer_chase(f, w);
		/*
		 * What is left proves nothing. Let the offliner go on to whatever
		 * follows its isolation before all CPUs contend for zone->lock, or
		 * the frees still in flight land before it gets there.
		 */
		if (!READ_ONCE(hs_burst.stop))
			usleep_range(HS_BURST_PAUSE_US, 2 * HS_BURST_PAUSE_US);
	}
	for (c = f->chunk; c < end; c++) {
		if (c->pfn)
			hs_chunk_free(c);
		cond_resched();
	}
	f->nr = 0;
}

static int hs_freer(void *arg)
{
	struct hs_freer *f = arg;
	unsigned int seen = 0;

	while (!kthread_should_stop()) {
		wait_event_interruptible(hs_burst_go, kthread_should_stop() ||
					 smp_load_acquire(&hs_burst.generation) != seen);
		if (hs_burst.generation == seen)
			continue;
		seen = hs_burst.generation;
		hs_freer_run(f, hs_burst.window);
		if (atomic_dec_and_test(&hs_burst.running)) {
			smp_store_release(&hs_burst.phase, HS_BURST_EMPTY);
			wake_up_all(&hs_burst_done);
		}
	}
	return 0;
}

/* From the return of zone_pcp_disable(), preemption off. */
void hs_burst_window_open(struct hs_window *w)
{
	if (READ_ONCE(hs_burst.phase) != HS_BURST_FILLED)
		return;
	if (hs_burst.end_pfn <= w->start_pfn || hs_burst.start_pfn >= w->end_pfn)
		return;
	if (cmpxchg(&hs_burst.phase, HS_BURST_FILLED, HS_BURST_GO) != HS_BURST_FILLED)
		return;
	hs_burst.window = w;
	hs_burst.window_number = w->number;
	atomic_set(&hs_burst.running, hs_burst.nr_freers);
	smp_store_release(&hs_burst.generation, hs_burst.generation + 1);
	hs_burst_wake();
}

/*
 * Where the isolation begins, in the offliner: holds it up until the freers have a
 * free each under way, which widen.c holds up in turn. The isolation is over in a
 * millisecond; on a hypervisor whose CPUs are busy it would pass before as much as
 * one of the freers runs again. The offliner's own CPU cannot run its freer. Half the
 * longest delay is left for the isolation to get to the pageblocks in flight.
 */
void hs_burst_meet(const struct hs_window *w)
{
	u64 until = ktime_get_ns() + READ_ONCE(hs_armed.widen_max_ns) / 2;

	if (READ_ONCE(hs_burst.phase) != HS_BURST_GO || hs_burst.window != w)
		return;
	hs_burst_wake();
	while (atomic_read(&w->in_flight) < atomic_read(&hs_burst.running) - 1 &&
	       !READ_ONCE(hs_burst.stop) && ktime_get_ns() < until)
		cpu_relax();
}

/* ---- taking ------------------------------------------------------------------ */

/*
 * Gives one order to pages that alloc_contig_range() left with a reference each:
 * __free_pages() of an order above 0 expects tails without one, as they are in
 * what alloc_pages() without __GFP_COMP returns.
 */
static void hs_burst_join(unsigned long pfn, unsigned int order)
{
	unsigned long i;

	for (i = 1; i < 1UL << order; i++)
		set_page_count(pfn_to_page(pfn + i), 0);
}

/* Cuts pages of a pageblock into chunks, half of order 0, the others of random orders. */
static void hs_burst_cut(struct hs_freer *f, unsigned long pfn, unsigned long end,
			 unsigned int nth, const struct hotsoak_fill *fill)
{
	while (pfn < end) {
		unsigned int order = hs_random_below(2) * hs_random_below(fill->max_order + 1);

		while (!IS_ALIGNED(pfn, 1UL << order) || pfn + (1UL << order) > end)
			order--;
		hs_burst_join(pfn, order);
		f->chunk[f->nr++] = (struct hs_chunk) {
			.pfn = pfn, .nth = nth, .order = order,
			.early = hs_random_below(100) < fill->early_percent,
		};
		pfn += 1UL << order;
	}
}

/* Every freer gets an equal part of each pageblock, neighbours for its batches. */
static void hs_burst_share(unsigned long pfn, unsigned int nth, const struct hotsoak_fill *fill)
{
	unsigned int nr = hs_burst.nr_freers, i;

	atomic64_add(fill->pages_per_block, &hs_burst.held);
	for (i = 0; i < nr; i++)
		hs_burst_cut(&hs_burst.freer[(nth + i) % nr],
			     pfn + fill->pages_per_block * i / nr,
			     pfn + fill->pages_per_block * (i + 1) / nr, nth, fill);
}

/*
 * A pair of pageblocks, the span of the largest buddy: pages are taken on both
 * sides of the middle, with one alloc_contig_range() for the two. Most of a call
 * is lru_cache_disable() waiting, milliseconds, and parallel callers share that
 * wait; inside a pair they would get in each other's way.
 */
struct hs_pair {
	struct work_struct work;
	unsigned long start_pfn, end_pfn;	/* what to take */
	bool taken;
};

static void hs_pair_take(struct work_struct *work)
{
	struct hs_pair *pair = container_of(work, struct hs_pair, work);

	if (hs_window_any())
		return;
	pair->taken = !hs_alloc_contig_range(pair->start_pfn, pair->end_pfn,
					     GFP_KERNEL | __GFP_NOWARN);
}

static int hs_burst_check(const struct hotsoak_fill *fill)
{
	if (fill->flags || fill->reserved || fill->max_order > HS_BURST_MAX_ORDER ||
	    fill->early_percent > 100 || !fill->pages_per_block ||
	    fill->pages_per_block > pageblock_nr_pages)
		return -EINVAL;
	return hs_contig_check_range(fill->start_pfn, fill->nr_pages);
}

/* Room for the most chunks that one thread can get: all of order 0. */
static int hs_burst_make_room(unsigned long nr_blocks, unsigned int pages_per_block)
{
	unsigned int need = nr_blocks * DIV_ROUND_UP(pages_per_block, hs_burst.nr_freers), i;

	for (i = 0; i < hs_burst.nr_freers; i++) {
		struct hs_freer *f = &hs_burst.freer[i];

		f->nr = 0;
		if (f->room >= need)
			continue;
		kvfree(f->chunk);
		f->room = 0;
		f->chunk = kvmalloc_array(need, sizeof(*f->chunk), GFP_KERNEL);
		if (!f->chunk)
			return -ENOMEM;
		f->room = need;
	}
	return 0;
}

int hs_burst_fill(struct hotsoak_fill *fill)
{
	unsigned long nr, nth, i;
	struct hs_pair *pair;
	int err;

	fill->filled = 0;
	err = hs_burst_check(fill);
	if (err)
		return err;
	if (hs_window_any())
		return -EBUSY;
	hs_burst_drop();
	nr = fill->nr_pages / pageblock_nr_pages;
	err = hs_burst_make_room(nr, fill->pages_per_block);
	if (err)
		return err;
	pair = kvcalloc(nr / 2, sizeof(*pair), GFP_KERNEL);
	if (!pair)
		return -ENOMEM;
	for (i = 0; i < nr / 2; i++) {
		unsigned long middle = fill->start_pfn + (2 * i + 1) * pageblock_nr_pages;

		pair[i].start_pfn = middle - fill->pages_per_block;
		pair[i].end_pfn = middle + fill->pages_per_block;
		INIT_WORK(&pair[i].work, hs_pair_take);
		queue_work(hs_burst.workqueue, &pair[i].work);
	}
	flush_workqueue(hs_burst.workqueue);
	for (nth = 0; nth < nr; nth++) {
		i = hs_isolation_order(nth, nr);
		if (pair[i / 2].taken) {
			hs_burst_share(i & 1 ? pair[i / 2].end_pfn - fill->pages_per_block
					     : pair[i / 2].start_pfn, nth, fill);
			fill->filled += fill->pages_per_block;
		} else {
			hs_count(HS_C_BURST_FILL_FAILED);
		}
	}
	kvfree(pair);
	hs_burst.start_pfn = fill->start_pfn;
	hs_burst.end_pfn = fill->start_pfn + fill->nr_pages;
	hs_burst.nr_blocks = nr;
	smp_store_release(&hs_burst.phase, HS_BURST_FILLED);
	if (!hs_window_any())
		return 0;
	/* An offline began meanwhile: what it wants it shall have. */
	hs_burst_drop();
	return -EBUSY;
}

void hs_burst_drop(void)
{
	unsigned int i, j;

	if (cmpxchg(&hs_burst.phase, HS_BURST_FILLED, HS_BURST_EMPTY) == HS_BURST_FILLED) {
		for (i = 0; i < hs_burst.nr_freers; i++) {
			struct hs_freer *f = &hs_burst.freer[i];

			for (j = 0; j < f->nr; j++) {
				hs_chunk_free(&f->chunk[j]);
				cond_resched();
			}
			f->nr = 0;
		}
		return;
	}
	WRITE_ONCE(hs_burst.stop, true);
	hs_burst_wake();
	wait_event(hs_burst_done, smp_load_acquire(&hs_burst.phase) == HS_BURST_EMPTY);
	WRITE_ONCE(hs_burst.stop, false);
}

/* ---- threads ------------------------------------------------------------------ */

int hs_burst_start(void)
{
	unsigned int n = num_online_cpus();
	int cpu;

	hs_burst.workqueue = alloc_workqueue("hotsoak", WQ_UNBOUND, 0);
	if (!hs_burst.workqueue)
		return -ENOMEM;
	hs_burst.freer = kcalloc(n, sizeof(*hs_burst.freer), GFP_KERNEL);
	if (!hs_burst.freer) {
		destroy_workqueue(hs_burst.workqueue);
		return -ENOMEM;
	}
	hs_burst.generation = 0;
	for_each_online_cpu(cpu) {
		struct hs_freer *f = &hs_burst.freer[hs_burst.nr_freers];
		struct task_struct *task;

		if (hs_burst.nr_freers == n)
			break;
		task = kthread_create(hs_freer, f, "hotsoak/%d", cpu);
		if (IS_ERR(task)) {
			hs_burst_stop();
			return PTR_ERR(task);
		}
		kthread_bind(task, cpu);
		f->task = task;
		hs_burst.nr_freers++;
		wake_up_process(task);
	}
	return 0;
}

void hs_burst_stop(void)
{
	unsigned int i;

	if (!hs_burst.freer)
		return;
	hs_burst_drop();
	/* A hook that has sent the threads off may still be waking them. */
	synchronize_rcu();
	for (i = 0; i < hs_burst.nr_freers; i++) {
		kthread_stop(hs_burst.freer[i].task);
		kvfree(hs_burst.freer[i].chunk);
	}
	destroy_workqueue(hs_burst.workqueue);
	kfree(hs_burst.freer);
	hs_burst.freer = NULL;
	hs_burst.nr_freers = 0;
}
