/* SPDX-License-Identifier: GPL-2.0-only */
/* The invariant accounting: the books of a zone before and after an operation. */
#ifndef HS_ACCOUNTING_H
#define HS_ACCOUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "witness.h"

/* All in pages. */
struct hs_books {
	uint64_t present, managed, isolate_blocks, free, buddy, total;
	bool lru_known;
	uint64_t lru_disabled;	/* times that the LRU caches are disabled, no pages */
};

enum hs_move {
	HS_MOVE_NONE,		/* an off/on pair, or an operation that failed */
	HS_MOVE_OFF,		/* one block went */
	HS_MOVE_ON,		/* one block came */
};

/* Do @after follow from @before by @move of a block of @block_pages? If not, @why. */
bool hs_books_follow(const struct hs_books *before, const struct hs_books *after,
		     enum hs_move move, uint64_t block_pages, char *why, size_t why_bytes);

struct hs_accounting {
	struct hs_witness *witness;
	uint64_t block_pages;
	bool at_rest;		/* nothing of ours runs: the free-list checksum is judged */
	bool valid;		/* @books are those of @key */
	uint64_t key;
	struct hs_books books;
	int64_t drift;		/* at rest: what NR_FREE_PAGES is above the free lists, pages */
	bool lru_based;		/* the next was taken; it is not of one zone */
	uint64_t lru_disabled;	/* times that the LRU caches are disabled at rest */
	bool restless;		/* virtio-mem or a balloon is at work: others isolate, for long */
	bool of_managed;	/* the last that was found is of managed_pages and MemTotal alone */
	uint64_t checks;
};

/*
 * Before an operation: @pfn is an online page of the zone that @key stands for.
 * Costs nothing when the books of the last operation's end are still at hand. A
 * drift that is there already is what later ends are compared with: kernels before
 * e0932b6c1f94 (v6.10) may lose count while isolated blocks are allocated from, and
 * keep the difference until they are booted again. -EAGAIN: pages were on their way,
 * and what the drift is cannot be told; nothing is checked by this operation then.
 */
int hs_accounting_begin(struct hs_accounting *a, uint64_t key, uint64_t pfn);

/*
 * After it. 0: the books hold, -EUCLEAN: they do not, with @why; another negative
 * errno: no snapshot could be taken (then nothing was checked).
 */
int hs_accounting_end(struct hs_accounting *a, uint64_t pfn, enum hs_move move, char *why,
		      size_t why_bytes);

/* Somebody else moved memory: forget what was known. */
void hs_accounting_forget(struct hs_accounting *a);

#endif
