// SPDX-License-Identifier: GPL-2.0-only
/*
 * fifo-hog: a real-time task that never sleeps has a CPU when an offline begins.
 *
 * An offline has the LRU batches of every CPU drained by the worker of that CPU, and
 * waits for it in flush_work(), deaf to signals (lru_add_drain_all() of Linux 5.10 to
 * 7.2; 5.10 drains its pcplists in that way as well).
 */
#include "antagonist.h"

#include <errno.h>

/* At most every second time it is asked, so that the soak can be seen to go on. Any block
 * will meet it. */
int hs_antagonist_hog(struct hs_antagonist *a, const struct hs_antagonist_want *want,
		      uint64_t *pfn)
{
	(void)want;
	(void)pfn;
	if (a->hog.pid || a->turn++ % 2)
		return 0;
	if (a->sysroot && *a->sysroot)
		return -ENODEV;
	return hs_hog_start(&a->hog, a->hog_most_ms);
}

bool hs_antagonist_unhog(struct hs_antagonist *a)
{
	return !hs_hog_stop(&a->hog);
}
