// SPDX-License-Identifier: GPL-2.0-only
/*
 * lru-batch: pages that have just been faulted in. Such a page is put into the LRU batch
 * of its CPU (folio_batch, once pagevec), which keeps a reference to it, and is on no LRU
 * list until that batch is full or drained. A CPU that then has nothing to do leaves it
 * there; hence one after the other, and no worker that goes on.
 */
#include "antagonist.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "pagemap.h"

/* Fewer than a batch holds, which is 15 before Linux v6.9 and 31 since. */
#define PAGES_BY_CPU 8

struct look {
	int pagemap, kpageflags;
	bool (*is_wanted)(uint64_t pfn, void *ctx);
	void *ctx;
	uint64_t block_pages, block;	/* block: UINT64_MAX until one is chosen */
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* 1: a page of the block, in a batch; 0: another, or one that is on its list already. */
static int is_fresh(struct look *l, const char *page, uint64_t *pfn)
{
	uint64_t entry, flags, at;
	int r = hs_pagemap_of(l->pagemap, page, &entry);

	if (r < 0)
		return r;
	at = entry & HS_PAGEMAP_PFN;
	if (!(entry & HS_PAGEMAP_PRESENT) || !l->is_wanted(at, l->ctx) ||
	    (l->block != UINT64_MAX && at / l->block_pages != l->block))
		return 0;
	r = hs_pagemap_read(l->kpageflags, at, &flags);
	if (r < 0 || !(flags & HS_KPAGEFLAGS_ANON) || flags & HS_KPAGEFLAGS_LRU)
		return r;
	l->block = at / l->block_pages;
	*pfn = at;
	return 1;
}

static int pages_map(struct hs_antagonist *a, int node, char **pages)
{
	char **fresh = reallocarray(a->fresh, a->nr_fresh + 1, sizeof(*fresh));
	size_t bytes = PAGES_BY_CPU * page_bytes();

	if (!fresh)
		return -ENOMEM;
	a->fresh = fresh;
	*pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*pages == MAP_FAILED)
		return -errno;
	fresh[a->nr_fresh++] = *pages;
	madvise(*pages, bytes, MADV_NOHUGEPAGE);
	if (node >= 0 && numa_available() >= 0) {
		numa_set_bind_policy(0);	/* preferred, not bound */
		numa_tonode_memory(*pages, bytes, node);
	}
	return 0;
}

/* On the CPU at hand. */
static int fault_in(struct hs_antagonist *a, int node, struct look *l, uint64_t *pfn)
{
	char *pages;
	int r = pages_map(a, node, &pages);

	for (size_t i = 0; !r && i < PAGES_BY_CPU; i++) {
		char *page = pages + i * page_bytes();

		*(volatile char *)page = 1;
		r = is_fresh(l, page, pfn);
	}
	return r;
}

static int fault_in_everywhere(struct hs_antagonist *a, int node, struct look *l,
			       const cpu_set_t *cpus, uint64_t *pfn)
{
	int found = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;
		int r;

		if (!CPU_ISSET(cpu, cpus))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		/* One that went offline has no batch either. */
		if (sched_setaffinity(0, sizeof(one), &one) < 0)
			continue;
		r = fault_in(a, node, l, pfn);
		if (r < 0)
			return r;
		found += r;
	}
	return found;
}

/* Faults in on each of our CPUs in turn until a page of one block, the first that is
 * wanted, is in a batch there. */
int hs_antagonist_refresh(struct hs_antagonist *a, const struct hs_antagonist_want *want,
			  uint64_t *pfn)
{
	_cleanup_close_ int pagemap = -1, kpageflags = -1;
	struct look l = {
		.is_wanted = want->is_wanted, .ctx = want->ctx, .block_pages = a->block_pages,
		.block = UINT64_MAX,
	};
	cpu_set_t cpus;
	int r;

	l.pagemap = pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		return -errno;
	l.kpageflags = kpageflags = open(HS_KPAGEFLAGS_FILE, O_RDONLY | O_CLOEXEC);
	if (kpageflags < 0 || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return -errno;
	r = fault_in_everywhere(a, want->node, &l, &cpus, pfn);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (r <= 0)
		hs_antagonist_stale(a);
	else
		a->fresh_pfn = *pfn;
	return r > 0 ? 1 : r;
}

static bool is_that(uint64_t pfn, void *ctx)
{
	return pfn == *(uint64_t *)ctx;
}

bool hs_antagonist_has_fresh(const struct hs_antagonist *a, uint64_t pfn)
{
	_cleanup_close_ int pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int kpageflags = open(HS_KPAGEFLAGS_FILE, O_RDONLY | O_CLOEXEC);
	struct look l = {
		.pagemap = pagemap, .kpageflags = kpageflags,
		.is_wanted = is_that, .ctx = &pfn, .block_pages = 1, .block = pfn,
	};
	uint64_t at;

	for (size_t i = 0; i < a->nr_fresh * PAGES_BY_CPU; i++)
		if (is_fresh(&l, a->fresh[i / PAGES_BY_CPU] + i % PAGES_BY_CPU * page_bytes(),
			     &at) > 0)
			return true;
	return false;
}

bool hs_antagonist_stale(struct hs_antagonist *a)
{
	for (size_t i = 0; i < a->nr_fresh; i++)
		munmap(a->fresh[i], PAGES_BY_CPU * page_bytes());
	free(a->fresh);
	a->fresh = NULL;
	a->nr_fresh = 0;
	return true;
}
