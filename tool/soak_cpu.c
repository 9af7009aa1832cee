// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where supervisor and operator run while nothing of ours frees pages: on one CPU
 * together, another each second.
 *
 * An offline flushes what each CPU keeps to itself: slabs by SLUB's memory notifier
 * (slab_mem_going_offline_callback()), pcplists and LRU batches by the drains, a
 * work item and often the waking of an idle CPU each. A supervisor that wanders
 * fills them on every CPU that it comes by. With freers every CPU is busy anyhow,
 * and a bound offliner would only wait for them. With an antagonist an offline may
 * spin in the kernel, and the supervisor must not wait for that; and a CPU that one of
 * them takes for itself is left to it.
 */
#include "soak_internal.h"

#include <sched.h>

/* The last of our CPUs. Who must end the hog never waits for it. */
static void leave_to_hog(struct hs_soak *s)
{
	struct hs_hog *hog = &s->antagonist.hog;
	cpu_set_t rest = s->cpus;

	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &rest))
			hog->cpu = i;
	CPU_CLR(hog->cpu, &rest);
	sched_setaffinity(0, sizeof(rest), &rest);
	if (s->operator.pid)
		sched_setaffinity(s->operator.pid, sizeof(rest), &rest);
}

void hs_soak_cpu_start(struct hs_soak *s)
{
	if (s->antagonist.kind == HS_ANTAGONIST_FIFO_HOG &&
	    !sched_getaffinity(0, sizeof(s->cpus), &s->cpus)) {
		leave_to_hog(s);
		return;
	}
	/* Of more CPUs than the set holds (EINVAL) none is chosen. */
	if (s->nr_freers || s->scenario->antagonists ||
	    sched_getaffinity(0, sizeof(s->cpus), &s->cpus) < 0)
		CPU_ZERO(&s->cpus);
	s->cpu = (int)(s->c.info->seed % CPU_SETSIZE);
	hs_soak_cpu_next(s);
}

void hs_soak_cpu_next(struct hs_soak *s)
{
	cpu_set_t one;

	if (!CPU_COUNT(&s->cpus) || s->scenario->antagonists)
		return;
	for (int i = 0; i < CPU_SETSIZE; i++) {
		s->cpu = (s->cpu + 1) % CPU_SETSIZE;
		if (!CPU_ISSET(s->cpu, &s->cpus))
			continue;
		CPU_ZERO(&one);
		CPU_SET(s->cpu, &one);
		/* Refused for a CPU that is offline: then the next one. */
		if (!sched_setaffinity(0, sizeof(one), &one)) {
			if (s->operator.pid)
				sched_setaffinity(s->operator.pid, sizeof(one), &one);
			return;
		}
	}
}

void hs_soak_cpu_end(struct hs_soak *s)
{
	if (CPU_COUNT(&s->cpus))
		sched_setaffinity(0, sizeof(s->cpus), &s->cpus);
}
