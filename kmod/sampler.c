// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at pcplists while a window is open, from a thread of its own: one CPU at
 * a time, chosen at random, with a random pause in between.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>

#include "hotsoak.h"

/*
 * The sampler's share of the time, waking up included: where virtual CPUs outnumber
 * real ones each look takes one away from the offliner and from those whose work it
 * waits for, and windows grew fourfold under looks every 50 us.
 */
#define HS_SAMPLER_SHARE_PERCENT	10
#define HS_SAMPLER_PAUSE_MAX_US		10000

static struct task_struct *hs_sampler_task;	/* changes while no window is open only */

static struct hs_window *hs_sampler_pick(void)
{
	struct hs_window *w;

	for (w = hs_windows; w < hs_windows + HS_MAX_WINDOWS; w++)
		if (hs_window_is_open(w) && !w->poison && !w->contig)
			return w;
	return NULL;
}

static int hs_sampler_random_cpu(void)
{
	unsigned int nth = hs_random_below(num_possible_cpus());
	int cpu;

	for_each_possible_cpu(cpu)
		if (!nth--)
			return cpu;
	return cpumask_first(cpu_possible_mask);
}

static int hs_sampler(void *unused)
{
	struct hs_window *w;
	u64 late_us = 0;

	while (!kthread_should_stop()) {
		u64 since, look_us, rest_us, pause_us;

		/* Either we see what the waker has changed, or it sees us asleep. */
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop() && !hs_sampler_pick())
			schedule();
		__set_current_state(TASK_RUNNING);
		w = hs_sampler_pick();
		if (!w)
			continue;
		since = ktime_get_ns();
		hs_pcplist_look(w, hs_sampler_random_cpu());
		hs_hooks_look();
		look_us = (ktime_get_ns() - since) / NSEC_PER_USEC;
		/* What the last look took, and its wake-up, is paid for with a pause. */
		rest_us = (look_us + late_us) * (100 - HS_SAMPLER_SHARE_PERCENT) /
			  HS_SAMPLER_SHARE_PERCENT;
		rest_us = min_t(u64, rest_us, HS_SAMPLER_PAUSE_MAX_US);
		pause_us = 1 + hs_random_below(2 * max_t(u64, rest_us,
							 READ_ONCE(hs_armed.sample_us)));
		since = ktime_get_ns();
		usleep_range(pause_us, pause_us);
		late_us = (ktime_get_ns() - since) / NSEC_PER_USEC - pause_us;
	}
	return 0;
}

int hs_sampler_start(void)
{
	struct task_struct *task;

	if (hs_sampler_task)
		return 0;
	task = kthread_run(hs_sampler, NULL, "hotsoak/sampler");
	if (IS_ERR(task))
		return PTR_ERR(task);
	WRITE_ONCE(hs_sampler_task, task);
	return 0;
}

void hs_sampler_stop(void)
{
	if (hs_sampler_task)
		kthread_stop(hs_sampler_task);
	hs_sampler_task = NULL;
}

void hs_sampler_kick(void)
{
	struct task_struct *task = READ_ONCE(hs_sampler_task);

	if (task)
		wake_up_process(task);
}
