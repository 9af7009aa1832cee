/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compactor: a child that has the kernel compact all memory again and again, with a
 * task on each CPU that any other task may take from it, in the midst of a scan as well.
 */
#ifndef HS_COMPACT_H
#define HS_COMPACT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HS_COMPACT_MEMORY	"/proc/sys/vm/compact_memory"
#define HS_COMPACT_PROACTIVE	"/proc/sys/vm/compaction_proactiveness"

/* 0: the kernel can. -ENOENT: it compacts no memory, or (before Linux v5.9) not by itself.
 * Else the errno of asking. @root NULL or "": the running system. */
int hs_compact_ask(const char *root);

/* What the answer means, in words that fit behind "compact: ". */
const char *hs_compact_words(int answer);

struct hs_compactor {
	pid_t pid;		/* 0: none */
	uint64_t addr, bytes;	/* its memory that is moved */
};

/* Starts one that fragments memory of @node, -1: of any, and returns when it is about to
 * have all memory compacted. It dies with us. */
int hs_compact_start(struct hs_compactor *c, int node);

/* False when there is none, or it died; then another may be started. */
bool hs_compact_runs(struct hs_compactor *c);

/*
 * Where compaction moves pages to now: the highest of the compactor's own, of those that
 * @is_wanted. 1, or 0: none is; a negative errno.
 */
int hs_compact_find(const struct hs_compactor *c, bool (*is_wanted)(uint64_t pfn, void *ctx),
		    void *ctx, uint64_t *pfn);

/* None is fine. -EBUSY: it is not gone yet. */
int hs_compact_stop(struct hs_compactor *c);

/* The child's side: tells its errno, or 0, and where its memory is through @fd. Returns
 * only when it failed. */
int hs_compact_work(int fd, int node);

#endif
