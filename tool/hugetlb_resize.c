// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who resizes the hugetlb pool meanwhile: a process of its own, for such a write may take
 * long. A pool that becomes smaller than what is in use has surplus pages, which go back to
 * the page allocator when they are freed; one that grows replaces what offlines dissolved.
 */
#include "hugetlb.h"
#include "pages.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "headroom.h"
#include "parse.h"
#include "random.h"
#include "sysfile.h"

#define NAP_MAX_MS	200
#define REPORT_EACH	8	/* resizes */

static int size_read(const char *path, uint64_t *size)
{
	char text[32];
	int r = hs_sysfile_read(path, text, sizeof(text));

	return r < 0 ? r : hs_parse_u64(text, 0, UINT64_MAX, size);
}

static int size_write(const char *path, uint64_t size)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, size);
	return hs_sysfile_write(path, text);
}

/* Growing takes memory that others may have come to need. */
static bool may_grow(const struct hs_hugetlb_resize *c, const struct hs_headroom *h, uint64_t size)
{
	uint64_t now;

	if (size_read(c->path, &now) < 0)
		return false;
	return size <= now || hs_headroom_spare(h) >= (size - now) * HS_HUGETLB_PAGE_BYTES;
}

/* Offlines move pages from one node's pool to another's, where nobody would miss them. */
static void all_bound(const struct hs_hugetlb_resize *c)
{
	uint64_t all;

	if (!size_read(c->all, &all) && all > c->pages)
		size_write(c->all, c->pages);
}

int hs_hugetlb_resize_work(int fd, const struct hs_hugetlb_resize *c)
{
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	struct hs_pages_report report = { .type = HS_PAGES_PROGRESS };
	struct hs_headroom headroom;
	struct hs_random random;

	/* The supervisor says when to stop, not the terminal. */
	for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++)
		signal(deaf_to[i], SIG_IGN);
	hs_headroom_init(&headroom, c->sysroot, c->block_bytes);
	hs_random_init(&random, c->seed);
	for (;;) {
		/* Often less than is in use. */
		uint64_t size = c->pages - hs_random_below(&random, c->pages / 2 + 1);
		int nap_ms = (int)hs_random_below(&random, NAP_MAX_MS) + 1;
		struct pollfd gone = { .fd = fd };

		if (poll(&gone, 1, nap_ms) > 0 && gone.revents & (POLLERR | POLLHUP))
			return 0;
		if (may_grow(c, &headroom, size) && !size_write(c->path, size))
			report.resizes++;
		all_bound(c);
		if (report.resizes < REPORT_EACH)
			continue;
		if (write(fd, &report, sizeof(report)) != sizeof(report))
			return 0;
		report.resizes = 0;
	}
}
