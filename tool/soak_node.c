// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes that lose their last block, and get one back: what the kernel says of them then.
 * It stops kswapd and kcompactd of such a node and clears its bit in N_MEMORY
 * (node_states_clear_node() in mm/memory_hotplug.c), and undoes that when a block comes.
 */
#include "soak_internal.h"

#include <stdio.h>

#include "blockset.h"
#include "sysfile.h"

#define HAS_MEMORY	"/sys/devices/system/node/has_memory"

/* Blocks of the run's that are online. */
static unsigned int ours_online(const struct hs_soak *s, int node)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < s->conductor.nr; i++)
		nr += s->conductor.blk[i].node == node &&
			s->conductor.blk[i].now == HS_MEMBLK_ONLINE;
	return nr;
}

/* Any other, as it was last seen. */
static bool others_online(struct hs_soak *s, int node)
{
	for (size_t i = 0; i < s->known.nr; i++) {
		const struct hs_memblk *b = &s->known.blk[i];

		if (b->node == node && b->state == HS_MEMBLK_ONLINE &&
		    !hs_conductor_get(&s->conductor, b->index))
			return true;
	}
	return false;
}

/* 1, 0, or -1: it cannot be told. */
static int has_memory(const struct hs_soak *s, int node)
{
	char text[256], err[128];
	struct hs_blockset set = { 0 };
	int has;

	/* "0-3,8": written like a set of memory blocks. */
	if (hs_sysfile_read_below(s->c.sysroot, HAS_MEMORY, text, sizeof(text)) < 0 ||
	    hs_blockset_parse(&set, text, err, sizeof(err)) < 0)
		return -1;
	has = hs_blockset_has(&set, (unsigned long)node);
	hs_blockset_deinit(&set);
	return has;
}

/* @settled: nothing of ours has been done since. */
void hs_soak_node_look(struct hs_soak *s, size_t at, bool settled)
{
	const struct hs_conductor_block *b = &s->conductor.blk[at];
	bool came = b->now == HS_MEMBLK_ONLINE;
	char text[96];
	int has;

	if (b->node < 0 || ours_online(s, b->node) > came || others_online(s, b->node))
		return;
	s->tally.nodes_emptied += !came;
	s->tally.nodes_filled += came;
	/* Nor is it known then what somebody else has done. */
	has = settled && !s->tally.interference ? has_memory(s, b->node) : -1;
	if (has < 0)
		return;
	s->tally.nodes_checked++;
	if (has == came)
		return;
	s->tally.nodes_wrong++;
	snprintf(text, sizeof(text), came ?
		 "a block of node %d is online, and the kernel says that it has no memory" :
		 "no block of node %d is online, and the kernel says that it has memory", b->node);
	hs_soak_note(s, "node", text);
}
