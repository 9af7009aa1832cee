// SPDX-License-Identifier: GPL-2.0-only
/* The table of controls: deliberate faults that a run must report. */
#include "control.h"

#include <stddef.h>
#include <string.h>

#include "invariant.h"

#define BIT(i) (UINT64_C(1) << (i))

const struct hs_control_desc hs_controls[] = {
	{ "reenable", HOTSOAK_CONTROL_REENABLE, BIT(HOTSOAK_INV_PCP_LIMITS), HS_DANGER_CORRUPTS,
	  "the pcplist limits are put back as zone_pcp_disable() returns" },
	{ "high-left", HOTSOAK_CONTROL_HIGH_LEFT, BIT(HOTSOAK_INV_PCP_EMPTY), HS_DANGER_CORRUPTS,
	  "the batch is disabled but the high mark left, so that freed pages linger" },
	{ "late-drain", HOTSOAK_CONTROL_LATE_DRAIN, BIT(HOTSOAK_INV_NO_STRAY), HS_DANGER_CORRUPTS,
	  "the order before v5.11: lists left enabled, drained after the isolation" },
	{ "realloc", HOTSOAK_CONTROL_REALLOC, BIT(HOTSOAK_INV_NO_REALLOC), HS_DANGER_CORRUPTS,
	  "the isolation of one chunk is lifted and a page of it allocated" },
	{ "lift", HOTSOAK_CONTROL_LIFT, BIT(HOTSOAK_INV_ISOLATION_LIFTED), HS_DANGER_CORRUPTS,
	  "another task undoes the isolation of one chunk" },
	{ "unpaired", HOTSOAK_CONTROL_UNPAIRED, BIT(HOTSOAK_INV_PAIRING), HS_DANGER_NONE,
	  "a disable without its enable in the event stream" },
	{ "leak-isolate", HOTSOAK_CONTROL_LEAK_ISOLATE, BIT(HS_INV_ACCOUNTING), HS_DANGER_CORRUPTS,
	  "the zone's count of isolated pageblocks is raised by one" },
	{ "drift", HOTSOAK_CONTROL_DRIFT, BIT(HS_INV_ACCOUNTING), HS_DANGER_CORRUPTS,
	  "the zone's NR_FREE_PAGES is raised by one; seen only without freers" },
	{ "leak-lru", HOTSOAK_CONTROL_LEAK_LRU, BIT(HS_INV_ACCOUNTING), HS_DANGER_CORRUPTS,
	  "the LRU caches are left disabled, as a failed offline left them before v5.14" },
	{ "stale-list", HOTSOAK_CONTROL_STALE_LIST, BIT(HOTSOAK_INV_NO_REALLOC),
	  HS_DANGER_CORRUPTS,
	  "a free page is put on the list of another type and allocated from there" },
	{ "unisolate", HOTSOAK_CONTROL_UNISOLATE, BIT(HS_INV_PROGRESS), HS_DANGER_CORRUPTS,
	  "the isolation of one chunk is lifted for good, so that the offline never ends" },
	{ "lock-order", HOTSOAK_CONTROL_LOCK_ORDER, BIT(HS_INV_CLEAN_LOG), HS_DANGER_CORRUPTS,
	  "pcp_batch_high_lock is taken before cpu_hotplug_lock, for lockdep to see" },
	{ "recursive-lock", HOTSOAK_CONTROL_RECURSIVE_LOCK, BIT(HS_INV_CLEAN_LOG), HS_DANGER_CORRUPTS,
	  "the offliner takes cpu_hotplug_lock once more, for lockdep to see" },
	{ "unlocked-count", HOTSOAK_CONTROL_UNLOCKED_COUNT,
	  BIT(HOTSOAK_INV_PCP_EMPTY) | BIT(HOTSOAK_INV_NO_STRAY) | BIT(HS_INV_PROGRESS),
	  HS_DANGER_CORRUPTS,
	  "a CPU refills its pcplist as the drain of zone_pcp_disable() passes it by" },
	{ "lru-undrained", HOTSOAK_CONTROL_LRU_UNDRAINED, BIT(HS_INV_PROGRESS), HS_DANGER_CORRUPTS,
	  "an offline leaves in the CPUs' LRU batches what is there: with lru-batch" },
	{ "corrupt-page", HOTSOAK_CONTROL_NONE, BIT(HS_INV_CONTENTS), HS_DANGER_NONE,
	  "a worker of anon, hugetlb or another freer flips a byte of its own page before the check" },
	{ "log-warning", HOTSOAK_CONTROL_NONE, BIT(HS_INV_CLEAN_LOG), HS_DANGER_NONE,
	  "a line like a kernel WARNING is written to /dev/kmsg" },
	{ NULL, 0, 0, HS_DANGER_NONE, NULL },
};

const struct hs_control_desc *hs_control_find(const char *name)
{
	for (const struct hs_control_desc *c = hs_controls; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

const char *const hs_danger_names[HS_NR_DANGERS] = {
	[HS_DANGER_NONE] = "none",
	[HS_DANGER_DISTURBS] = "disturbs",
	[HS_DANGER_CORRUPTS] = "corrupts",
};
