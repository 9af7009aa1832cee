// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at pcplists while a window is open, from a thread of its own: one CPU at
 * a time, chosen at random, with a random pause in between.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/wait.h>

#include "hotsoak.h"

/* Shortest share of its time that the sampler spends pausing, in percent. */
#define HS_SAMPLER_REST_PERCENT 90

static struct task_struct *hs_sampler_task;
static DECLARE_WAIT_QUEUE_HEAD(hs_sampler_wait);

static struct hs_window *hs_sampler_pick(void)
{
	struct hs_window *w;

	for (w = hs_windows; w < hs_windows + HS_MAX_WINDOWS; w++)
		if (hs_window_is_disabled(w) && !w->poison)
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

	while (!kthread_should_stop()) {
		u64 since, spent_us, pause_us;

		wait_event_interruptible(hs_sampler_wait,
					 kthread_should_stop() || hs_sampler_pick());
		w = hs_sampler_pick();
		if (!w)
			continue;
		since = ktime_get_ns();
		hs_pcplist_look(w, hs_sampler_random_cpu());
		spent_us = (ktime_get_ns() - since) / NSEC_PER_USEC;
		pause_us = 1 + hs_random_below(2 * READ_ONCE(hs_armed.sample_us));
		/* A look that was slow is paid for with a long pause. */
		pause_us = max(pause_us, spent_us * HS_SAMPLER_REST_PERCENT /
					 (100 - HS_SAMPLER_REST_PERCENT));
		usleep_range(pause_us, pause_us + pause_us / 4 + 1);
	}
	return 0;
}

int hs_sampler_start(void)
{
	if (hs_sampler_task)
		return 0;
	hs_sampler_task = kthread_run(hs_sampler, NULL, "hotsoak/sampler");
	if (IS_ERR(hs_sampler_task)) {
		int err = PTR_ERR(hs_sampler_task);

		hs_sampler_task = NULL;
		return err;
	}
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
	wake_up(&hs_sampler_wait);
}
