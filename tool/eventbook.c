// SPDX-License-Identifier: GPL-2.0-only
/* The books of uevents. */
#include "eventbook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hs_eventbook_deinit(struct hs_eventbook *b)
{
	free(b->blk);
	memset(b, 0, sizeof(*b));
}

static struct hs_eventbook_block *block_get(struct hs_eventbook *b, unsigned long index)
{
	for (size_t i = 0; i < b->nr; i++)
		if (b->blk[i].index == index)
			return &b->blk[i];
	return NULL;
}

static struct hs_eventbook_block *block_add(struct hs_eventbook *b, unsigned long index)
{
	struct hs_eventbook_block *blk = block_get(b, index);

	if (blk)
		return blk;
	blk = reallocarray(b->blk, b->nr + 1, sizeof(*blk));
	if (!blk)
		return NULL;
	b->blk = blk;
	blk[b->nr] = (struct hs_eventbook_block){ .index = index };
	return &blk[b->nr++];
}

static void count(struct hs_eventbook *b, uint64_t *fault, unsigned long index)
{
	++*fault;
	b->at = index;
}

static bool is_contradicted(bool online, enum hs_memblk_state now)
{
	if (online)
		return now == HS_MEMBLK_OFFLINE;
	return now == HS_MEMBLK_ONLINE || now == HS_MEMBLK_GOING_OFFLINE;
}

int hs_eventbook_heard(struct hs_eventbook *b, const struct hs_blockevent *e,
		       enum hs_memblk_state now)
{
	struct hs_eventbook_block *blk;
	bool online = e->kind == HS_BLOCKEVENT_ONLINE;

	if (b->lost)
		return 0;
	blk = block_add(b, e->block);
	if (!blk)
		return -ENOMEM;
	if (e->kind == HS_BLOCKEVENT_PLUG) {
		/* What came before it came. */
		blk->known = false;
		blk->doubt = 0;
		return 0;
	}
	b->heard++;
	/* Its own contradiction has not come, for this one says the same again. */
	if (blk->known && blk->online == online)
		count(b, blk->doubt ? &b->unasked : &b->doubled, e->block);
	blk->known = true;
	blk->online = online;
	blk->came[e->kind] = true;
	blk->doubt = is_contradicted(online, now);
	return 0;
}

void hs_eventbook_begin(struct hs_eventbook *b, unsigned long block)
{
	struct hs_eventbook_block *blk = block_get(b, block);

	if (blk)
		memset(blk->came, 0, sizeof(blk->came));
}

void hs_eventbook_done(struct hs_eventbook *b, unsigned long block, enum hs_blockevent_kind kind)
{
	struct hs_eventbook_block *blk = block_get(b, block);

	if (b->lost)
		return;
	if (!blk || !blk->came[kind]) {
		count(b, &b->missing, block);
		/* As it would have told: the next one is not to be found wanting for it. */
		if (blk)
			*blk = (struct hs_eventbook_block){
				.index = block, .known = true,
				.online = kind == HS_BLOCKEVENT_ONLINE,
			};
	}
	for (size_t i = 0; i < b->nr; i++) {
		blk = &b->blk[i];
		if (blk->doubt && blk->doubt++ == 2) {
			count(b, &b->unasked, blk->index);
			blk->online = !blk->online;
			blk->doubt = 0;
		}
	}
}
