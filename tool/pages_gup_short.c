// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that a pipe holds besides, since vmsplice(2): a reference for a short time, which
 * leaves them in ZONE_MOVABLE. An offline cannot move them, and waits until they are let go.
 */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static int gup_take(struct hs_pages *w, struct hs_region *r)
{
	/* A page that finds no room in it is not held. */
	int err = hs_pages_open_pipe(r);

	return err < 0 ? err : hs_pages_take_anon(w, r);
}

static int gup_filled(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	for (size_t done = 0; done < r->bytes;) {
		struct iovec v = { r->addr + done, r->bytes - done };
		ssize_t n = vmsplice(r->other_fd, &v, 1, SPLICE_F_NONBLOCK);

		if (n <= 0)
			return n < 0 && errno != EAGAIN ? -errno : 0;
		done += (size_t)n;
	}
	return 0;
}

/* Unmapped first: the pipe has the last reference then, one page after the other. */
static void gup_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	static char sink[1 << 16];

	(void)w;
	hs_pages_unmap(at, bytes);
	while (read(r->fd, sink, sizeof(sink)) > 0)
		;
}

const struct hs_pages_kind hs_pages_gup_short = {
	.take = gup_take,
	.filled = gup_filled,
	.give = gup_give,
	.pins = true,
};
