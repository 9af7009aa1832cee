// SPDX-License-Identifier: GPL-2.0-only
/* Small anonymous pages. */
#include "pages.h"

#include <sys/mman.h>

static void anon_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	(void)r;
	switch (hs_random_below(hs_pages_random(w), 3)) {
	case 0:
		hs_pages_unmap(at, bytes);
		break;
	case 1:
		madvise(at, bytes, MADV_DONTNEED);
		break;
	default:
		/* By itself that waits for somebody who wants memory: reclaim, at once. */
		madvise(at, bytes, MADV_FREE);
		madvise(at, bytes, MADV_PAGEOUT);
	}
}

const struct hs_pages_kind hs_pages_anon = {
	.take = hs_pages_take_anon,
	.give = anon_give,
	.exits = true,
};
