/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that must stay while blocks are away.
 *
 * Of the machine: 5 % of MemTotal and at least 64 MiB must be available. And the
 * pages of a block need a place. The kernel puts them on other nodes, and on the
 * block's own only when no other has memory (do_migrate_range() in
 * mm/memory_hotplug.c). Each zone of those nodes keeps 5 % of itself, and no less
 * than its high watermark with what it holds back for the kernel; what is free
 * beyond that, half of the file cache counted as free, is the place. A block goes
 * only with 8 MiB of it to spare, and is interrupted when less than 4 are left.
 *
 * Huge pages in the hugetlb pool, free ones too, are neither free nor available to anybody
 * in the kernel's counts, so they are not here. What a pool may yet take is for who resizes
 * it to ask for, see hugetlb_resize.c.
 */
#ifndef HS_HEADROOM_H
#define HS_HEADROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone.h"

struct hs_headroom {
	const char *sysroot;		/* "" for the running system; must outlive this */
	uint64_t block_bytes;
	uint64_t page_bytes;
	uint64_t keep_bytes;		/* of all zones; with one node free memory beyond
					 * this and the machine's own is place enough */
	bool one_node;
	int trusted_node;		/* had room for several blocks … */
	uint64_t trusted_until_ns;	/* … until then */
};

void hs_headroom_init(struct hs_headroom *h, const char *sysroot, uint64_t block_bytes);

/*
 * May a block of @node and @zone go? Cheap while plenty is free. If not, one
 * clause of why goes to @why. A tree without the files to tell allows all.
 */
bool hs_headroom_allows(struct hs_headroom *h, int node, const char *zone, uint64_t now_ns,
			char *why, size_t why_bytes);

/* May one that is going go on? */
bool hs_headroom_holds(struct hs_headroom *h, int node, char *why, size_t why_bytes);

/* What may be taken beyond a block before the headroom is touched. */
uint64_t hs_headroom_spare(const struct hs_headroom *h);

/* max(64 MiB, 5 % of @total_bytes) */
uint64_t hs_headroom_bytes(uint64_t total_bytes);

/* The place for pages that leave a block of @node. */
uint64_t hs_headroom_room_pages(const struct hs_zone_list *l, int node);

#endif
