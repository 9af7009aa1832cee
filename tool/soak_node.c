// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes that lose their last block, and get one back: what the kernel says of them then.
 * It stops kswapd and kcompactd of such a node and clears its bit in N_MEMORY
 * (offline_pages() in mm/memory_hotplug.c), and undoes that when a block comes.
 */
#include "soak_internal.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "blockset.h"
#include "sysfile.h"

#define NODES	"/sys/devices/system/node"

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

/* The kernel's own word, of all blocks that have a part on the node: somebody else may have
 * brought one, or plugged it. */
static bool is_online_now(int node)
{
	char path[96], text[32];
	bool online = false;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), NODES "/node%d", node);
	dir = opendir(path);
	while (dir && !online && (e = readdir(dir))) {
		unsigned long index;

		if (sscanf(e->d_name, "memory%lu", &index) != 1)
			continue;
		snprintf(path, sizeof(path), NODES "/node%d/memory%lu/state", node, index);
		online = hs_sysfile_read(path, text, sizeof(text)) < 0 || strcmp(text, "offline");
	}
	if (dir)
		closedir(dir);
	return online;
}

/* 1, 0, or -1: it cannot be told. */
static int has_memory(int node)
{
	char text[256], err[128];
	struct hs_blockset set = { 0 };
	int has;

	/* "0-3,8": written like a set of memory blocks. */
	if (hs_sysfile_read(NODES "/has_memory", text, sizeof(text)) < 0 ||
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

	/* A tree tells nothing of nodes: nobody acts on it. */
	if (b->node < 0 || (s->c.sysroot && *s->c.sysroot) || ours_online(s, b->node) > came || others_online(s, b->node))
		return;
	s->tally.nodes_emptied += !came;
	s->tally.nodes_filled += came;
	has = settled ? has_memory(b->node) : -1;
	if (has < 0)
		return;
	/* What somebody else did before either look shows in the second. */
	if (has != came && (is_online_now(b->node) != came || has_memory(b->node) == came))
		return;
	s->tally.nodes_gone_seen += !came;
	s->tally.nodes_back_seen += came;
	if (has == came)
		return;
	s->tally.nodes_wrong++;
	snprintf(text, sizeof(text), came ?
		 "a block of node %d is online, and the kernel says that it has no memory" :
		 "no block of node %d is online, and the kernel says that it has memory", b->node);
	hs_soak_note(s, "node", text);
}
