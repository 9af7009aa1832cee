// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times pairs of alloc_pages(gfp, 0) and __free_page() for the bench, and keeps an
 * offline in flight without the witness. It knows nothing of hotsoak.
 *
 * By parameters:
 *
 *   run   "ZONE CPUS PAIRS" written: ZONE kernel (GFP_KERNEL) or movable (what must come
 *         from ZONE_MOVABLE), CPUS one (the last that is online) or all at once, PAIRS for
 *         each CPU. Reads as nanoseconds a pair.
 *   hold  1 written: one page of ZONE_MOVABLE is locked, so that the offline of its block
 *         sleeps in the middle of its migration; 0: given back. Reads as its pfn, or 0.
 *
 * A run is cut into short chunks that are timed one by one, and counts as the quartile of
 * the faster ones, the mean of that over the CPUs: a virtual CPU that the host takes away
 * for a while spoils others.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/sort.h>

/* shmem_file_setup() takes a number, or a struct in newer kernels; Kbuild looks. */
#ifdef PAIRS_HAVE_VMA_FLAGS
#define PAIRS_NO_FLAGS	((vma_flags_t) { })
#else
#define PAIRS_NO_FLAGS	0
#endif

#define CHUNKS		100
#define WARM_PAIRS	64

struct pairs_worker {
	struct task_struct *task;
	struct completion done;
	gfp_t gfp;
	bool movable;		/* pages of another zone than ZONE_MOVABLE are an error */
	u32 per_chunk;
	u64 chunk_ns[CHUNKS];
	int err;
};

static const struct pairs_zone {
	const char *name;
	gfp_t gfp;
	bool movable;
} pairs_zones[] = {
	{ "kernel", GFP_KERNEL, false },
	{ "movable", GFP_HIGHUSER_MOVABLE, true },
};

static u64 pairs_ps;		/* a pair of the last run, picoseconds */
static atomic_t pairs_waiting;	/* workers that have not come to the start */
static struct file *hold_file;
static struct page *hold_page;
static DEFINE_MUTEX(pairs_lock);	/* all of the above */

/* ---- run --------------------------------------------------------------------- */

static int pairs_do(const struct pairs_worker *w, u32 n)
{
	while (n--) {
		struct page *page = alloc_pages(w->gfp, 0);
		bool strange;

		if (!page)
			return -ENOMEM;
		strange = w->movable && page_zonenum(page) != ZONE_MOVABLE;
		__free_page(page);
		if (strange)
			return -ENXIO;
	}
	return 0;
}

static int pairs_work(void *worker)
{
	struct pairs_worker *w = worker;
	int i;

	w->err = pairs_do(w, WARM_PAIRS);
	atomic_dec(&pairs_waiting);
	while (atomic_read(&pairs_waiting))
		cond_resched();
	for (i = 0; i < CHUNKS && !w->err; i++) {
		u64 since = ktime_get_ns();

		w->err = pairs_do(w, w->per_chunk);
		w->chunk_ns[i] = ktime_get_ns() - since;
		cond_resched();
	}
	complete(&w->done);
	/* kthread_stop() wants the task to be there still. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int pairs_compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static int pairs_run(const struct pairs_zone *zone, const struct cpumask *cpus, u32 per_chunk)
{
	struct pairs_worker *workers, *w;
	unsigned int n = 0, i;
	u64 sum_ps = 0;
	int cpu, err = 0;

	workers = kcalloc(nr_cpu_ids, sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	for_each_cpu(cpu, cpus) {
		w = &workers[n];
		*w = (struct pairs_worker) {
			.gfp = zone->gfp, .movable = zone->movable, .per_chunk = per_chunk,
		};
		init_completion(&w->done);
		w->task = kthread_create(pairs_work, w, "pairs/%d", cpu);
		if (IS_ERR(w->task)) {
			err = PTR_ERR(w->task);
			break;
		}
		kthread_bind(w->task, cpu);
		n++;
	}
	atomic_set(&pairs_waiting, n);
	/* Those that were never woken end unrun when they are stopped. */
	for (i = 0; i < n && !err; i++)
		wake_up_process(workers[i].task);
	for (i = 0; i < n && !err; i++)
		wait_for_completion(&workers[i].done);
	for (i = 0; i < n; i++) {
		w = &workers[i];
		kthread_stop(w->task);
		err = err ?: w->err;
		sort(w->chunk_ns, CHUNKS, sizeof(w->chunk_ns[0]), pairs_compare, NULL);
		sum_ps += div_u64(w->chunk_ns[CHUNKS / 4] * 1000, per_chunk);
	}
	kfree(workers);
	if (!err)
		pairs_ps = div_u64(sum_ps, n);
	return err;
}

static int run_set(const char *text, const struct kernel_param *kp)
{
	const struct pairs_zone *zone = NULL;
	char name[16], which[16];
	cpumask_var_t cpus;
	u32 pairs;
	int err, i;

	if (sscanf(text, "%15s %15s %u", name, which, &pairs) != 3 || pairs < CHUNKS)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(pairs_zones); i++)
		if (!strcmp(name, pairs_zones[i].name))
			zone = &pairs_zones[i];
	if (!zone || (strcmp(which, "one") && strcmp(which, "all")))
		return -EINVAL;
	if (!zalloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	if (!strcmp(which, "all"))
		cpumask_copy(cpus, cpu_online_mask);
	else
		cpumask_set_cpu(cpumask_last(cpu_online_mask), cpus);
	mutex_lock(&pairs_lock);
	err = pairs_run(zone, cpus, pairs / CHUNKS);
	mutex_unlock(&pairs_lock);
	free_cpumask_var(cpus);
	return err;
}

static int run_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%llu.%03llu\n", pairs_ps / 1000, pairs_ps % 1000);
}

/* ---- hold -------------------------------------------------------------------- */

static void hold_release(void)
{
	if (hold_page) {
		unlock_page(hold_page);
		put_page(hold_page);
	}
	if (hold_file)
		fput(hold_file);
	hold_page = NULL;
	hold_file = NULL;
}

/*
 * A page of the page cache, since only those on the LRU are migrated. The lock and not
 * a reference: the offliner sleeps on it and takes no CPU from the pairs.
 */
static int hold_take(void)
{
	struct page *page;

	if (hold_page)
		return -EBUSY;
	hold_file = shmem_file_setup("pairs", PAGE_SIZE, PAIRS_NO_FLAGS);
	if (IS_ERR(hold_file)) {
		int err = PTR_ERR(hold_file);

		hold_file = NULL;
		return err;
	}
	page = shmem_read_mapping_page(hold_file->f_mapping, 0);
	if (IS_ERR(page)) {
		hold_release();
		return PTR_ERR(page);
	}
	lock_page(page);
	hold_page = page;
	if (page_zonenum(page) == ZONE_MOVABLE)
		return 0;
	hold_release();
	return -ENXIO;
}

static int hold_set(const char *text, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(text, &on);

	if (err)
		return err;
	mutex_lock(&pairs_lock);
	if (on)
		err = hold_take();
	else
		hold_release();
	mutex_unlock(&pairs_lock);
	return err;
}

static int hold_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%lu\n", hold_page ? page_to_pfn(hold_page) : 0);
}

static const struct kernel_param_ops run_ops = { .set = run_set, .get = run_get };
static const struct kernel_param_ops hold_ops = { .set = hold_set, .get = hold_get };

module_param_cb(run, &run_ops, NULL, 0600);
MODULE_PARM_DESC(run, "ZONE CPUS PAIRS: times so many pairs");
module_param_cb(hold, &hold_ops, NULL, 0600);
MODULE_PARM_DESC(hold, "1: keeps a page of ZONE_MOVABLE locked");

static int __init pairs_init(void)
{
	return 0;
}

static void __exit pairs_exit(void)
{
	hold_release();
}

module_init(pairs_init);
module_exit(pairs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Times the page allocator for hotsoak's bench");
