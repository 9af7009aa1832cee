// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who resizes the hugetlb pool meanwhile: a process of its own, for such a write may take
 * long. A pool that becomes smaller than what is in use has surplus pages, which go back to
 * the page allocator when they are freed; one that grows replaces what offlines dissolved.
 */
#include "hugetlb.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "anon.h"
#include "headroom.h"
#include "parse.h"
#include "random.h"
#include "sysfile.h"

#define NAP_MAX_MS	200
#define REPORT_EACH	8	/* resizes */

/* Growing takes memory that others may have come to need. */
static bool may_grow(const struct hs_hugetlb_resize *c, const struct hs_headroom *h, uint64_t size)
{
	char text[32];
	uint64_t now;

	if (hs_sysfile_read(c->path, text, sizeof(text)) < 0 ||
	    hs_parse_u64(text, 0, UINT64_MAX, &now) < 0)
		return false;
	return size <= now || hs_headroom_spare(h) >= (size - now) * HS_HUGETLB_PAGE_BYTES;
}

int hs_hugetlb_resize_work(int fd, const struct hs_hugetlb_resize *c)
{
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	struct hs_anon_report report = { .type = HS_ANON_PROGRESS };
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
		char text[32];

		if (poll(&gone, 1, nap_ms) > 0 && gone.revents & (POLLERR | POLLHUP))
			return 0;
		if (!may_grow(c, &headroom, size))
			continue;
		snprintf(text, sizeof(text), "%" PRIu64, size);
		if (!hs_sysfile_write(c->path, text))
			report.resizes++;
		if (report.resizes < REPORT_EACH)
			continue;
		if (write(fd, &report, sizeof(report)) != sizeof(report))
			return 0;
		report.resizes = 0;
	}
}
