// SPDX-License-Identifier: GPL-2.0-only
/* The table of antagonists, what gets in the way of an offline on purpose, and what each
 * of them can be asked for. */
#include "antagonist.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "balloon.h"
#include "hugetlb.h"
#include "hwpoison.h"

#define SETTLE_TRIES 500		/* 10 ms each: what drains every CPU may take long */

/* No page has these flags: every soft offline is refused once it has its page. */
static const struct hs_antagonist_knob hs_soft_offline_knobs[] = {
	{ HS_HWPOISON_FILTER "flags-value", "2" },
	{ HS_HWPOISON_FILTER "flags-mask", "1" },
	{ HS_HWPOISON_FILTER "enable", "1" },
	{ NULL, NULL },
};

/* A CPU may be real-time tasks' for all of its time, and no more for 95 % of each second. */
static const struct hs_antagonist_knob hs_fifo_hog_knobs[] = {
	{ HS_HOG_LIMIT, "-1" },
	{ NULL, NULL },
};

/* The kernel compacts by itself as well, for as long as anything is left to do. */
static const struct hs_antagonist_knob hs_compact_knobs[] = {
	{ HS_COMPACT_PROACTIVE, "100" },
	{ NULL, NULL },
};

_Static_assert(HS_NR_ANTAGONISTS <= 32, "a scenario has a bit for each");

const struct hs_antagonist_desc hs_antagonists[] = {
	/* A page of our own; the offline loops as it does for any busy page, and ends
	 * at its limit by a signal. */
	{
		.name = "hold-page", .kind = HS_ANTAGONIST_HOLD_PAGE, .danger = HS_DANGER_NONE,
		.summary = "a page keeps an extra reference, so that the offline loops until it is interrupted",
		.is_of_pages = true, .act = hs_antagonist_hold, .release = hs_antagonist_let_go,
	},
	/* Nothing ends that offline until the page is let go, and who else wants to
	 * move memory or CPUs waits for it. */
	{
		.name = "lock-page", .kind = HS_ANTAGONIST_LOCK_PAGE, .danger = HS_DANGER_DISTURBS,
		.summary = "a page stays locked, so that the offline sleeps, deaf to signals",
		.is_of_pages = true, .act = hs_antagonist_hold, .release = hs_antagonist_let_go,
	},
	/* Whoever writes to `state' may get one at any time: all must be undone. */
	{
		.name = "signals", .kind = HS_ANTAGONIST_SIGNALS, .danger = HS_DANGER_NONE,
		.summary = "a signal interrupts the offline, at any moment of it",
		.is_alone = true,
	},
	/* Since v5.19 its failure lifts the isolation of the offline, which then never
	 * ends, or reaches a BUG_ON() when it is lifted late. */
	{
		.name = "contig", .kind = HS_ANTAGONIST_CONTIG, .danger = HS_DANGER_CORRUPTS,
		.summary = "another task calls alloc_contig_range() for a pageblock of the range that goes away",
		.arm = HOTSOAK_ARM_CONTIG,
	},
	/* Only our own offlines are refused, but every listener of the machine is told of
	 * their cancelling, those too that never heard of their beginning. */
	{
		.name = "notifier-error", .kind = HS_ANTAGONIST_NOTIFIER_ERROR,
		.danger = HS_DANGER_DISTURBS,
		.summary = "a memory notifier refuses one offline in three, before, among or behind the others",
		.arm = HOTSOAK_ARM_REFUSE,
	},
	/* Pages of our own, in the state that every page is in just after it was faulted in. */
	{
		.name = "lru-batch", .kind = HS_ANTAGONIST_LRU_BATCH, .danger = HS_DANGER_NONE,
		.summary = "pages of the block are faulted in just before it goes, and wait in the CPUs' LRU batches",
		.is_alone = true, .act = hs_antagonist_refresh, .release = hs_antagonist_stale,
	},
	/* What keeps its pages from being poisoned for good lets the kernel ignore every
	 * memory error of the machine. */
	{
		.name = "soft-offline", .kind = HS_ANTAGONIST_SOFT_OFFLINE,
		.danger = HS_DANGER_CORRUPTS,
		.summary = "a page of the block is soft-offlined as the block goes offline",
		.is_alone = true, .is_of_pages = true, .knobs = hs_soft_offline_knobs,
		.needs = "soft offline", .ask = hs_hwpoison_ask, .ask_words = hs_hwpoison_words,
		.act = hs_antagonist_hold, .release = hs_antagonist_let_go,
	},
	/* Whatever else the kernel queues for that CPU's worker waits as the offline does, and
	 * every real-time task of the machine may do the same meanwhile. */
	{
		.name = "fifo-hog", .kind = HS_ANTAGONIST_FIFO_HOG, .danger = HS_DANGER_DISTURBS,
		.summary = "a real-time task that never sleeps has a CPU when the block goes offline",
		.is_alone = true, .knobs = hs_fifo_hog_knobs,
		.needs = "real time", .ask = hs_hog_ask, .ask_words = hs_hog_words,
		.act = hs_antagonist_hog, .release = hs_antagonist_unhog,
	},
	/* The offline goes on because of the poison alone: nothing pins the page by then. */
	{
		.name = "poisoned-thp", .kind = HS_ANTAGONIST_POISONED_THP,
		.danger = HS_DANGER_CORRUPTS,
		.summary = "a huge page of the block is poisoned while it is pinned, and then pinned no more",
		.is_alone = true, .is_of_pages = true, .poisons = true,
		.needs = "poisoned huge pages", .ask = hs_hwpoison_huge_ask,
		.ask_words = hs_hwpoison_huge_words,
		.act = hs_antagonist_poison, .release = hs_antagonist_heal,
	},
	/* Anybody may read these, and everybody is told. */
	{
		.name = "sysfs-readers", .kind = HS_ANTAGONIST_SYSFS_READERS,
		.danger = HS_DANGER_NONE,
		.summary = "the files of all blocks are read while one goes, and each transition must have one uevent",
		.is_alone = true,
	},
	/* It goes with its block, which then comes back only because the module heals it. */
	{
		.name = "hard-poison", .kind = HS_ANTAGONIST_HARD_POISON,
		.danger = HS_DANGER_CORRUPTS,
		.summary = "a page of the block is poisoned before it goes or meanwhile, and healed when its online was refused",
		.is_of_pages = true, .poisons = true,
		.needs = "poisoned pages", .ask = hs_hwpoison_hard_ask,
		.ask_words = hs_hwpoison_huge_words,
		.act = hs_antagonist_poison, .release = hs_antagonist_heal,
	},
	/* Whoever waits for a page that is being moved waits longer. A page that is taken between
	 * the final test and the removal of the range is a BUG_ON(), by the sources. */
	{
		.name = "compact", .kind = HS_ANTAGONIST_COMPACT, .danger = HS_DANGER_CORRUPTS,
		.summary = "memory is compacted again and again as the block goes offline",
		.is_alone = true, .knobs = hs_compact_knobs,
		.needs = "compaction", .ask = hs_compact_ask, .ask_words = hs_compact_words,
		.act = hs_antagonist_compact, .release = hs_antagonist_uncompact,
	},
	/* All is put back, but whoever relies on such a setting meanwhile is disturbed. */
	{
		.name = "pcp-fraction", .kind = HS_ANTAGONIST_PCP_FRACTION,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_pcp_fraction,
		.summary = "the limits of the pcplists are set anew again and again",
		.needs = "pcp fraction",
	},
	{
		.name = "watermark", .kind = HS_ANTAGONIST_WATERMARK,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_watermark,
		.summary = "min_free_kbytes is doubled and set back again and again",
		.needs = "min_free_kbytes", .ask = hs_tuner_ask_watermark,
	},
	{
		.name = "drop-caches", .kind = HS_ANTAGONIST_DROP_CACHES,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_drop_caches,
		.summary = "clean page cache and slab objects are dropped again and again",
		.needs = "drop_caches",
	},
	{
		.name = "thp-toggle", .kind = HS_ANTAGONIST_THP_TOGGLE,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_thp_toggle,
		.summary = "transparent huge pages are switched on and off again and again",
		.needs = "transparent huge pages",
	},
	{
		.name = "ksm-run", .kind = HS_ANTAGONIST_KSM_RUN,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_ksm_run,
		.summary = "KSM is switched on and off, and unmerges, again and again",
		.needs = "KSM", .ask = hs_tuner_ask_ksm,
	},
	{
		.name = "hugepage-pool", .kind = HS_ANTAGONIST_HUGEPAGE_POOL,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_hugepage_pool,
		.summary = "the pool of 2 MiB pages grows and shrinks again and again",
		.needs = "huge pages", .ask = hs_hugetlb_ask, .ask_words = hs_hugetlb_words,
	},
	{
		.name = "cpu-hotplug", .kind = HS_ANTAGONIST_CPU_HOTPLUG,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_cpu_hotplug,
		.summary = "CPUs go offline and come back again and again",
		.needs = "CPU hotplug",
	},
	/* None but those of the run, and in their own zone. */
	{
		.name = "online-other", .kind = HS_ANTAGONIST_ONLINE_OTHER,
		.danger = HS_DANGER_NONE, .is_alone = true, .tuner = &hs_tuner_online_other,
		.summary = "another process puts blocks online behind the run's back",
	},
	/* Others wait for reclaim meanwhile, or lose what they had in caches. */
	{
		.name = "oom-edge", .kind = HS_ANTAGONIST_OOM_EDGE,
		.danger = HS_DANGER_DISTURBS, .is_alone = true, .tuner = &hs_tuner_oom_edge,
		.summary = "memory is taken until the run's headroom is all that is left, and given back",
	},
	/* By the hypervisor, as it may at any time. */
	{
		.name = "balloon", .kind = HS_ANTAGONIST_BALLOON,
		.danger = HS_DANGER_NONE, .is_alone = true,
		.summary = "a virtio-balloon is inflated and deflated by the hypervisor, and free pages are reported to it",
		.needs = "balloon", .ask = hs_balloon_ask, .ask_words = hs_balloon_words,
	},
	{ .name = NULL },
};

const struct hs_antagonist_desc *hs_antagonist_find(const char *name)
{
	for (const struct hs_antagonist_desc *a = hs_antagonists; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

const struct hs_antagonist_desc *hs_antagonist_of(enum hs_antagonist_kind kind)
{
	for (const struct hs_antagonist_desc *a = hs_antagonists; a->name; a++)
		if (a->kind == kind)
			return a;
	return NULL;
}

int hs_antagonist_ask(const struct hs_antagonist_desc *a, const char *root)
{
	struct hs_tuner_plan plan;
	int r = a->tuner ? hs_tuner_plan(a->tuner, root, NULL, NULL, &plan) : 0;

	return r || !a->ask ? r : a->ask(root);
}

const char *hs_antagonist_ask_words(const struct hs_antagonist_desc *a, int answer)
{
	/* What asks for the file to be set comes first, and so does what it says. */
	return a->ask_words && !(a->tuner && answer == -ENOENT) ? a->ask_words(answer) :
								  hs_tuner_words(answer);
}

int hs_antagonist_add(struct hs_scenario *s, enum hs_antagonist_kind kind)
{
	const struct hs_antagonist_desc *acts = hs_antagonist_that_acts(s);

	if (acts && acts->kind != kind && hs_antagonist_of(kind)->act)
		return -EEXIST;
	s->antagonists |= 1u << kind;
	/* The kernel's own task that takes a CPU away would wait for the hog. */
	return hs_scenario_has(s, HS_ANTAGONIST_FIFO_HOG) &&
		hs_scenario_has(s, HS_ANTAGONIST_CPU_HOTPLUG) ? -EDEADLK : 0;
}

const struct hs_antagonist_desc *hs_antagonist_that_acts(const struct hs_scenario *s)
{
	const struct hs_antagonist_desc *a;

	hs_for_each_antagonist(a, s)
		if (a->act)
			return a;
	return NULL;
}

const struct hs_antagonist_desc *hs_antagonist_of_pages(const struct hs_scenario *s)
{
	const struct hs_antagonist_desc *a = hs_antagonist_that_acts(s);

	return a && a->is_of_pages ? a : NULL;
}

bool hs_antagonist_release(struct hs_antagonist *a)
{
	const struct hs_antagonist_desc *desc = hs_antagonist_of(a->kind);

	return !desc || !desc->release || desc->release(a);
}

bool hs_antagonist_settle(struct hs_antagonist *a)
{
	bool done = hs_antagonist_release(a);

	for (int i = 0; i < SETTLE_TRIES && !done; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		done = hs_antagonist_release(a);
	}
	return done;
}
