// SPDX-License-Identifier: GPL-2.0-only
/* Pages of the hugetlb pool, for the workers of the freer of that name. */
#include "pages.h"

#include <sys/mman.h>

#include "hugetlb.h"

#define HUGE_2MB	(21 << 26)	/* MAP_HUGE_2MB of linux/mman.h */

static int hugetlb_take(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	return hs_pages_map(r, MAP_HUGETLB | HUGE_2MB);
}

static void hugetlb_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	(void)w;
	(void)r;
	madvise(at, bytes, MADV_DONTNEED);
}

const struct hs_pages_kind hs_pages_hugetlb = {
	.unit = HS_HUGETLB_PAGE_BYTES,
	.take = hugetlb_take,
	.give = hugetlb_give,
	.exits = true,
};
