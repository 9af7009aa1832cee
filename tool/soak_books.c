// SPDX-License-Identifier: GPL-2.0-only
/* The books of a zone around the operations on its blocks: the invariant accounting. */
#include "soak_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool hs_soak_share_zone(const struct hs_conductor_block *a,
			      const struct hs_conductor_block *b)
{
	return a->node == b->node && !strcmp(a->zone_now, b->zone_now);
}

/*
 * An online page of the block's zone: its own last one (the first may hold the
 * block's memmap), else one of another block there. 0: there is none.
 */
static uint64_t zone_pfn(const struct hs_soak *s, size_t at)
{
	const struct hs_conductor *c = &s->conductor;
	uint64_t pages = hs_soak_block_pages(s);

	if (c->blk[at].now == HS_MEMBLK_ONLINE)
		return (c->blk[at].index + 1) * pages - 1;
	for (size_t i = 0; i < c->nr; i++)
		if (c->blk[i].now == HS_MEMBLK_ONLINE &&
		    hs_soak_share_zone(&c->blk[i], &c->blk[at]))
			return (c->blk[i].index + 1) * pages - 1;
	return 0;
}

static uint64_t zone_key(const struct hs_conductor_block *b)
{
	return (uint64_t)(unsigned int)b->node << 32 | (unsigned char)b->zone_now[0];
}

void hs_soak_books_open(struct hs_soak *s, size_t at)
{
	uint64_t pfn;

	s->accounted = false;
	/* Where the kernel is wrong about zones there are no books of them. */
	if (!s->tally.inv[HS_INV_ACCOUNTING].armed || s->tally.zones_wrong)
		return;
	pfn = zone_pfn(s, at);
	/* What is not looked at moves MemTotal, which no zone has for itself. */
	if (!pfn)
		hs_accounting_forget(&s->accounting);
	else
		s->accounted = !hs_accounting_begin(&s->accounting,
						    zone_key(&s->conductor.blk[at]), pfn);
	if (s->accounted && s->accounting.drift && !s->drift_noted) {
		char text[128];

		snprintf(text, sizeof(text), "NR_FREE_PAGES of zone %s is off by %+" PRId64 " pages, from before this run",
			 s->conductor.blk[at].zone_now, s->accounting.drift);
		hs_soak_note(s, "accounting", text);
		s->drift_noted = true;
	}
	if (s->accounted && s->accounting.lru_disabled && !s->lru_noted &&
	    !s->tally.inv[HS_INV_ACCOUNTING].violations) {
		char text[128];

		snprintf(text, sizeof(text), "lru_disable_count is %" PRIu64 ", expected 0, from before this run: the LRU caches were left disabled",
			 s->accounting.lru_disabled);
		hs_soak_note(s, "accounting", text);
		s->lru_noted = true;
	}
}

/* Does somebody take parts of blocks, or single pages, who tells no uevent? */
static bool are_restless(struct hs_soak *s)
{
	hs_soak_balloon_look(s);
	return s->tally.virtio_mem_resizes || s->tally.balloon_inflated || s->tally.balloon_deflated;
}

void hs_soak_books_close(struct hs_soak *s, size_t at, enum hs_move move)
{
	uint64_t interference = s->tally.interference, pfn;
	char why[160], text[224];
	int r;

	if (!s->accounted)
		return;
	s->accounted = false;
	pfn = zone_pfn(s, at);
	if (!pfn) {
		/* The zone's last block is away: no page to ask by. */
		hs_accounting_forget(&s->accounting);
		return;
	}
	hs_soak_kmsg_look(s);
	s->accounting.restless = are_restless(s);
	r = hs_accounting_end(&s->accounting, pfn, move, why, sizeof(why));
	s->tally.inv[HS_INV_ACCOUNTING].checks = s->accounting.checks;
	if (r != -EUCLEAN)
		return;
	/* It may have begun since. */
	s->accounting.restless = are_restless(s);
	/* Somebody else may have moved a block: ask before accusing the kernel. */
	if (hs_soak_others_at_work(s, interference))
		return;
	/* Of a part of a block virtio-mem tells nobody but the log, and not when it is done; nor
	 * does a balloon. */
	if (s->accounting.restless && s->accounting.of_managed) {
		if (!s->resize_noted)
			hs_soak_note(s, "accounting", s->tally.virtio_mem_resizes ?
				     "a virtio-mem device was resized: managed_pages and MemTotal may differ by its doing" :
				     "a balloon was resized: managed_pages and MemTotal may differ by its doing");
		s->resize_noted = true;
		return;
	}
	snprintf(text, sizeof(text), "memory%lu: %s", s->conductor.blk[at].index, why);
	hs_soak_violation(s, HS_INV_ACCOUNTING, NULL, text);
}
