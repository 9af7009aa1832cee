// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that the kernel holds besides for a short time, and that an offline cannot move until
 * they are let go: a pipe does since vmsplice(2), by a reference, which leaves them in
 * ZONE_MOVABLE; or io_uring does, as buffers that are registered, by a pin for longer. Since
 * Linux commit d1e153fea2a8 ("mm/gup: migrate pinned pages out of movable zone", v5.13) such
 * pages are moved out of ZONE_MOVABLE first: they are freed there as they are registered,
 * and lie in no block that goes any more.
 */
#include "pages_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BUFFER_MOST	(UINT64_C(1) << 30)	/* bytes: the kernel's limit */

/* ---- io_uring ------------------------------------------------------------------------ */

/* A kernel without it, or a sandbox, is not asked again. */
static bool ring_refused;

/* @r->other_fd is -1 then: no pipe. */
static int ring_open(struct hs_region *r)
{
	struct io_uring_params p;
	long fd;

	memset(&p, 0, sizeof(p));
	fd = syscall(SYS_io_uring_setup, 1, &p);
	if (fd < 0)
		return -errno;
	r->fd = (int)fd;
	fcntl(r->fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

static bool is_ring(const struct hs_region *r)
{
	return r->other_fd < 0;
}

static int ring_register(struct hs_region *r)
{
	struct iovec v = { r->addr, r->bytes };

	return syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_BUFFERS, &v, 1) < 0 ?
		-errno : 0;
}

/* Waits until they are let go, as closing the descriptor does not. */
static void ring_unregister(struct hs_region *r)
{
	(void)syscall(SYS_io_uring_register, r->fd, IORING_UNREGISTER_BUFFERS, NULL, 0);
}

/* ---- Either -------------------------------------------------------------------------- */

static int gup_take(struct hs_pages *w, struct hs_region *r)
{
	int err = -ENOSYS;

	if (!ring_refused && r->bytes <= BUFFER_MOST && hs_random_below(&w->random, 2)) {
		err = ring_open(r);
		ring_refused = err < 0 && err != -ENOMEM && err != -EMFILE && err != -ENFILE;
	}
	/* A page that finds no room in it is not held. */
	if (err < 0)
		err = hs_pages_open_pipe(r);
	return err < 0 ? err : hs_pages_take_anon(w, r);
}

static int pipe_fill(struct hs_region *r)
{
	for (size_t done = 0; done < r->bytes;) {
		struct iovec v = { r->addr + done, r->bytes - done };
		ssize_t n = vmsplice(r->other_fd, &v, 1, SPLICE_F_NONBLOCK);

		if (n <= 0)
			return n < 0 && errno != EAGAIN ? -errno : 0;
		done += (size_t)n;
	}
	return 0;
}

static int gup_filled(struct hs_pages *w, struct hs_region *r)
{
	int err;

	if (!is_ring(r))
		return pipe_fill(r);
	err = ring_register(r);
	if (!err) {
		w->report.fixed_buffers += hs_region_pages(w, r);
		return 0;
	}
	/* For want of memory, which has to come from elsewhere, it is tried again: the pages of a
	 * block that goes cannot be moved out of ZONE_MOVABLE then. */
	ring_refused = err != -ENOMEM && err != -EAGAIN;
	return err == -ENOMEM ? err : 0;
}

/* Unmapped first: the pipe, or the ring, has the last reference then. */
static void gup_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	static char sink[1 << 16];

	(void)w;
	hs_pages_unmap(at, bytes);
	if (is_ring(r))
		ring_unregister(r);
	else
		while (read(r->fd, sink, sizeof(sink)) > 0)
			;
}

static void gup_drop(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	if (is_ring(r))
		ring_unregister(r);
}

const struct hs_pages_kind hs_pages_gup_short = {
	.take = gup_take,
	.filled = gup_filled,
	.give = gup_give,
	.drop = gup_drop,
	.pins = true,
};
