/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a worker: pages.c (its turns), pages_aim.c (a block that goes), pages_region.c
 * (what is written). */
#ifndef HS_PAGES_INTERNAL_H
#define HS_PAGES_INTERNAL_H

#include <sched.h>

#include "pages.h"

#define HS_PAGES_REGIONS	4	/* alive at a time, so that pages have a life to be
					 * migrated in */
#define HS_PAGES_MAX_RUNS	1024

struct hs_pages_mismatch { uint64_t addr, found, expected; };

/* Pages of one region that lie beside each other, in a block that is to go. */
struct hs_pages_run {
	struct hs_region *region;
	size_t first, nr;
	size_t hits;		/* of these pages: the others lie between them, elsewhere */
	bool given;
};

struct hs_pages {
	int fd;
	const struct hs_pages_config *c;
	const struct hs_pages_kind *kind;
	struct hs_random random;
	size_t page;
	size_t unit;
	int cpus[CPU_SETSIZE];
	unsigned int nr_cpus;
	int cpu;		/* the one that we are on, as far as we know */
	bool corrupt;
	struct hs_region ring[HS_PAGES_REGIONS];
	struct hs_pages_report report;
	uint64_t reported_ns;
	uint64_t obeyed_ns;	/* the last order */
	struct hs_pages_shared {	/* where a child process leaves what it found */
		struct hs_pages_mismatch mismatch;
		uint64_t pages;
	} *shared;		/* by region, and one more */

	int pagemap;		/* -1: not to be had */
	struct hs_pages_run run[HS_PAGES_MAX_RUNS];
	unsigned int nr_runs;
};

/* pages.c */
void hs_pages_move(struct hs_pages *w, uint64_t k);	/* to the k-th of our CPUs */
void hs_pages_move_off(struct hs_pages *w, int cpu);	/* to any but @cpu */
bool hs_pages_order_waits(const struct hs_pages *w);
int hs_pages_report(struct hs_pages *w, enum hs_pages_report_type type,
		    const struct hs_pages_mismatch *m);
int hs_pages_drop(struct hs_pages *w, struct hs_region *r);	/* checked before */
void hs_pages_forget(struct hs_pages *w, struct hs_region *r);	/* the same without a look */

/* pages_aim.c: an order, and those that follow until all is as before. -EPIPE: the end. */
int hs_pages_obey(struct hs_pages *w);

/* pages_region.c */
int hs_region_take(struct hs_pages *w, struct hs_region *r, size_t bytes);
void hs_region_close(struct hs_region *r);	/* all that it has, however far take() came */
/* All pages that are not there. -EFAULT: SIGBUS; -EINTR: an order waits, and not all are. */
int hs_region_write(struct hs_pages *w, struct hs_region *r);
/* Of @nr pages from the @first: the first word that is not what was written. */
bool hs_region_is_broken(const struct hs_pages *w, const struct hs_region *r, size_t first,
			 size_t nr, struct hs_pages_mismatch *m);
/* The fault of the control corrupt-page, once. */
void hs_region_corrupt(struct hs_pages *w, const struct hs_region *r, size_t first, size_t nr);
/* Reports what is not as it was; -EPIPE. */
int hs_region_check(struct hs_pages *w, const struct hs_region *r, size_t first, size_t nr);
size_t hs_region_pages(const struct hs_pages *w, const struct hs_region *r);
size_t hs_region_there(const struct hs_pages *w, const struct hs_region *r);	/* of these */

#endif
