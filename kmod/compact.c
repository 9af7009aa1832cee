// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free pages that compaction takes while a block goes offline.
 *
 * isolate_freepages() reads the type of a pageblock without zone->lock, in
 * suitable_migration_target(), and not even that when cc->ignore_block_suitable is set;
 * fast_isolate_around() does not ask for it either. isolate_freepages_block() then looks,
 * under the lock, whether a page is free, and asks for no type; __isolate_free_page() only
 * leaves out the watermark where that is MIGRATE_ISOLATE. So a scan can take free pages of
 * a pageblock that is isolated by then. That breaks no promise: they come back, or data is
 * moved into them and out again.
 *
 * What a scan took is told as it ends. Whether its pageblock was isolated as it began is
 * seen at the function's entry, and kept by task: what the tracepoint tells of a scan whose
 * entry was not seen may have been taken before the isolation.
 */
#include <linux/hash.h>
#include <linux/uaccess.h>

#include "hotsoak.h"

#define HS_SCAN_BITS 8

/* The last scan of an isolated pageblock that a task began. Only that task writes its slot;
 * a collision makes an innocent of it. */
static struct hs_scan {
	struct task_struct *task;
	unsigned long pfn;
} hs_scans[1 << HS_SCAN_BITS];

static struct hs_scan *hs_scan_slot(void)
{
	return &hs_scans[hash_ptr(current, HS_SCAN_BITS)];
}

/* An open window whose range holds @pfn, pinned; not one of contig_race.c. */
static struct hs_window *hs_compact_window(unsigned long pfn)
{
	struct hs_window *w = hs_window_get(pfn);

	if (!w || !w->contig)
		return w;
	hs_window_put(w);
	return NULL;
}

/* isolate_freepages_block() is entered: its second argument points to the first pfn. */
int hs_compact_scan(struct kprobe *kp, struct pt_regs *regs)
{
	struct hs_scan *slot;
	struct hs_window *w;
	unsigned long pfn;

	/* What is left of an earlier scan is not this one's, whatever opens meanwhile. */
	slot = hs_scan_slot();
	if (READ_ONCE(slot->task) == current)
		WRITE_ONCE(slot->task, NULL);
	if (!hs_window_any())
		return 0;
	if (copy_from_kernel_nofault(&pfn, (void *)regs_get_kernel_argument(regs, 1), sizeof(pfn)))
		return 0;
	w = hs_compact_window(pfn);
	if (!w)
		return 0;
	if (hs_pageblock_is_isolated(pfn)) {
		WRITE_ONCE(slot->pfn, pfn);
		WRITE_ONCE(slot->task, current);
	}
	hs_window_put(w);
	return 0;
}

static bool hs_compact_any_open(void)
{
	struct hs_window *w;

	for_each_window(w)
		if (hs_window_is_open(w) && !READ_ONCE(w->contig) && !READ_ONCE(w->poison))
			return true;
	return false;
}

/* The end of isolate_freepages_block(), zone->lock given back. */
void hs_compact_taken(void *data, unsigned long start_pfn, unsigned long end_pfn,
		      unsigned long nr_scanned, unsigned long nr_taken)
{
	struct hs_scan *slot;
	struct hs_window *w;

	if (!hs_window_any() || !hs_compact_any_open())
		return;
	hs_count(HS_C_COMPACT_SCANS);
	w = hs_compact_window(start_pfn);
	if (!w)
		return;
	hs_count(HS_C_COMPACT_MET);
	hs_count_add(HS_C_COMPACT_TAKEN, nr_taken);
	slot = hs_scan_slot();
	if (READ_ONCE(slot->task) == current && slot->pfn == start_pfn)
		hs_count_add(HS_C_COMPACT_ISOLATED, nr_taken);
	else if (hs_pageblock_is_isolated(start_pfn))
		hs_count_add(HS_C_COMPACT_CROSSED, nr_taken);
	hs_window_put(w);
}
