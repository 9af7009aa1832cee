// SPDX-License-Identifier: GPL-2.0-only
/* Anonymous pages that are locked in memory: of the unevictable list, and migrated all the same. */
#include "pages.h"

#include <errno.h>
#include <sys/mman.h>

static int mlock_take(struct hs_pages *w, struct hs_region *r)
{
	int err = hs_pages_take_anon(w, r);

	/* Locked as they are touched, by who touches them: all at once would be one batch. */
	if (!err && mlock2(r->addr, r->bytes, MLOCK_ONFAULT) < 0)
		err = -errno;
	return err;
}

static void mlock_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	(void)r;
	/* Unmapped while they are locked, or not any more. */
	if (hs_random_below(hs_pages_random(w), 2))
		munlock(at, bytes);
	hs_pages_unmap(at, bytes);
	mlock2(at, bytes, MLOCK_ONFAULT);
}

const struct hs_pages_kind hs_pages_mlock = {
	.take = mlock_take,
	.give = mlock_give,
	.exits = true,
};
