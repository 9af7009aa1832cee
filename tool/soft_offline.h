/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that soft-offlines one page while the page's block goes offline.
 *
 * madvise(MADV_SOFT_OFFLINE) takes a reference of the page, and then waits in
 * get_online_mems() for an offline that is under way; that offline waits for the page
 * (soft_offline_page() and madvise_inject_error() of Linux 5.10 to 7.2). The thread
 * sleeps there, deaf to signals, until the offline is interrupted. It is no process of
 * its own, for the page is one of this process.
 */
#ifndef HS_SOFT_OFFLINE_H
#define HS_SOFT_OFFLINE_H

#include <stdbool.h>
#include <stdint.h>

struct hs_soft_offline;

struct hs_soft_offline_seen {
	unsigned int calls;	/* that came back since the last look */
	uint64_t began_ns;	/* CLOCK_MONOTONIC; the last call that began with the block
				 * going offline and the page in it; 0: there was none */
	uint64_t back_ns;	/* of that; 0: it is still in the kernel */
	bool in_block;		/* the page, now */
	bool poisoned;		/* a call was not refused */
};

/*
 * Starts one for @page, which is of memory block @block of @block_pages pages. With
 * success it has the page, and unmaps it. @root NULL or "": the running system.
 */
int hs_soft_offline_start(struct hs_soft_offline **so, void *page, const char *root,
			  uint64_t block, uint64_t block_pages);

void hs_soft_offline_look(struct hs_soft_offline *so, struct hs_soft_offline_seen *seen);

/* No further call. True: it is gone, and @so with it. False: ask again, it is still in
 * the kernel, or about to see that it is to end. */
bool hs_soft_offline_end(struct hs_soft_offline *so);

#endif
