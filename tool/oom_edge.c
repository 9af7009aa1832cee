// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory at its edge. The guard of the run is the measure (hs_headroom_spare()): with less
 * than a block to spare besides, an offline finds place for its pages only by reclaim, or is
 * interrupted as that is gone.
 */
#include "oom_edge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "headroom.h"
#include "memblk.h"
#include "random.h"
#include "tuner.h"

#define CHUNK_BYTES	(UINT64_C(16) << 20)
#define NEAR_BYTES	(2 * CHUNK_BYTES)	/* with less to spare it is the edge */
#define MOST_GIVEN	8			/* chunks at once, at most */
#define HOLD_MS		200			/* at the edge, at most */

struct edge {
	struct hs_headroom headroom;
	void **chunk;
	size_t nr, room;
};

static int chunk_take(struct edge *e)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	void *p;

	if (e->nr == e->room) {
		void **more = reallocarray(e->chunk, e->room + 64, sizeof(*more));

		if (!more)
			return -ENOMEM;
		e->chunk = more;
		e->room += 64;
	}
	p = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	/* Most of it huge, which is faulted in and moved sooner. */
	if (e->nr % 4)
		madvise(p, CHUNK_BYTES, MADV_HUGEPAGE);
	for (uint64_t at = 0; at < CHUNK_BYTES; at += page)
		((volatile char *)p)[at] = 1;
	e->chunk[e->nr++] = p;
	return 0;
}

/* Some of them at random, so that what is free lies here and there. */
static void chunks_give(struct edge *e, struct hs_random *random)
{
	uint64_t nr = 1 + hs_random_below(random, MOST_GIVEN);

	for (; nr && e->nr; nr--) {
		size_t at = hs_random_below(random, e->nr);

		munmap(e->chunk[at], CHUNK_BYTES);
		e->chunk[at] = e->chunk[--e->nr];
	}
}

static int edge_init(struct edge *e, const char *root)
{
	struct hs_memblk_list list;
	int r = hs_memblk_list_init(&list, root);

	if (r < 0)
		return r;
	hs_headroom_init(&e->headroom, root, list.block_bytes);
	hs_memblk_list_deinit(&list);
	return 0;
}

/* False: nobody is there any more. */
static bool nap(int fd, uint64_t ms)
{
	struct pollfd gone = { .fd = fd };

	return poll(&gone, 1, (int)ms) <= 0;
}

int hs_oom_edge_work(int fd, const char *root, uint64_t seed)
{
	struct edge e = { .nr = 0 };
	struct hs_random random;
	uint64_t since_ns = hs_clock_ns();
	int r = edge_init(&e, root);

	if (r < 0)
		return r;
	hs_random_init(&random, seed);
	while (nap(fd, 0)) {
		struct hs_tuner_report report = { 0 };

		if (hs_headroom_spare(&e.headroom) >= NEAR_BYTES) {
			report.err = chunk_take(&e);
			if (!report.err)
				continue;
		}
		report.took_ns = hs_clock_ns() - since_ns;
		if (send(fd, &report, sizeof(report), MSG_NOSIGNAL) != sizeof(report) ||
		    !nap(fd, 1 + hs_random_below(&random, HOLD_MS)))
			break;
		chunks_give(&e, &random);
		since_ns = hs_clock_ns();
	}
	free(e.chunk);
	return 0;
}
