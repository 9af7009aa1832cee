// SPDX-License-Identifier: GPL-2.0-only
/* Pages of files that are in memory only. */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int tmpfs_take(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	/* On the tmpfs of the kernel's own, which has no limit. */
	r->fd = memfd_create("hotsoak", MFD_CLOEXEC);
	if (r->fd < 0 || ftruncate(r->fd, (off_t)r->bytes) < 0)
		return -errno;
	return hs_pages_map_file(r);
}

static void tmpfs_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	switch (hs_random_below(hs_pages_random(w), 2)) {
	case 0:
		fallocate(r->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at - r->addr,
			  (off_t)bytes);
		break;
	default:
		madvise(at, bytes, MADV_REMOVE);
	}
}

const struct hs_pages_kind hs_pages_tmpfs = {
	.take = tmpfs_take,
	.give = tmpfs_give,
	.drop = hs_pages_drop_file,
};
