/* SPDX-License-Identifier: GPL-2.0-only */
/* One worker of the freers anon-churn and hugetlb: what it is told and what it reports. */
#ifndef HS_ANON_H
#define HS_ANON_H

#include <stdbool.h>
#include <stdint.h>

struct hs_anon_config {
	int node;		/* where its memory is to lie, -1: anywhere */
	uint64_t seed;
	uint64_t bytes;		/* mapped at a time, at most */
	bool huge;		/* 2 MiB pages of the pool: see hugetlb.h */
	bool corrupt;		/* flip one byte, once, before it is checked */
};

enum hs_anon_report_type { HS_ANON_PROGRESS, HS_ANON_MISMATCH };

/* One write(2) each, smaller than PIPE_BUF: never torn, never mixed. */
struct hs_anon_report {
	uint32_t type;
	uint32_t reserved;
	uint64_t pages_checked;	/* since the last report */
	uint64_t pages_freed;
	uint64_t sigbus;	/* for a huge page that was reserved: see hugetlb.h */
	uint64_t resizes;	/* of the pool of huge pages, by who does that */
	uint64_t addr, found, expected;	/* of a mismatch */
};

/* Churns until @fd is closed at the other end: 0, or a negative errno. */
int hs_anon_work(int fd, const struct hs_anon_config *c);

#endif
