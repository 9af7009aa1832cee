// SPDX-License-Identifier: GPL-2.0-only
/* The table of antagonists: what gets in the way of an offline on purpose. */
#include "antagonist.h"

#include <string.h>

#include "hwpoison.h"

/* No page has these flags: every soft offline is refused once it has its page. */
static const struct hs_antagonist_knob hs_soft_offline_knobs[] = {
	{ HS_HWPOISON_FILTER "flags-value", "2" },
	{ HS_HWPOISON_FILTER "flags-mask", "1" },
	{ HS_HWPOISON_FILTER "enable", "1" },
	{ NULL, NULL },
};

const struct hs_antagonist_desc hs_antagonists[] = {
	/* A page of our own; the offline loops as it does for any busy page, and ends
	 * at its limit by a signal. */
	{ "hold-page", HS_ANTAGONIST_HOLD_PAGE, HS_DANGER_NONE,
	  "a page keeps an extra reference, so that the offline loops until it is interrupted", NULL },
	/* Nothing ends that offline until the page is let go, and who else wants to
	 * move memory or CPUs waits for it. */
	{ "lock-page", HS_ANTAGONIST_LOCK_PAGE, HS_DANGER_DISTURBS,
	  "a page stays locked, so that the offline sleeps, deaf to signals", NULL },
	/* Whoever writes to `state' may get one at any time: all must be undone. */
	{ "signals", HS_ANTAGONIST_SIGNALS, HS_DANGER_NONE,
	  "a signal interrupts the offline, at any moment of it", NULL },
	/* Since v5.19 its failure lifts the isolation of the offline, which then never
	 * ends, or reaches a BUG_ON() when it is lifted late. */
	{ "contig", HS_ANTAGONIST_CONTIG, HS_DANGER_CORRUPTS,
	  "another task calls alloc_contig_range() for a pageblock of the range that goes away", NULL },
	/* Only our own offlines are refused, but every listener of the machine is told of
	 * their cancelling, those too that never heard of their beginning. */
	{ "notifier-error", HS_ANTAGONIST_NOTIFIER_ERROR, HS_DANGER_DISTURBS,
	  "a memory notifier refuses one offline in three, before, among or behind the others",
	  NULL },
	/* Pages of our own, in the state that every page is in just after it was faulted in. */
	{ "lru-batch", HS_ANTAGONIST_LRU_BATCH, HS_DANGER_NONE,
	  "pages of the block are faulted in just before it goes, and wait in the CPUs' LRU batches",
	  NULL },
	/* What keeps its pages from being poisoned for good lets the kernel ignore every
	 * memory error of the machine. */
	{ "soft-offline", HS_ANTAGONIST_SOFT_OFFLINE, HS_DANGER_CORRUPTS,
	  "a page of the block is soft-offlined as the block goes offline", hs_soft_offline_knobs },
	{ NULL, HS_ANTAGONIST_NONE, HS_DANGER_NONE, NULL, NULL },
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
