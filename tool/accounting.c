// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of a zone and what must follow from one to the next. */
#include "accounting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

/* Others may isolate pageblocks for a moment (compaction does not, but
 * alloc_contig_range() does): what is wrong for good is still wrong later. */
#define RETRIES		5
#define RETRY_NS	2000000

/* They disable the LRU caches too, and as long as they migrate pages; so does virtio-mem,
 * and isolates as long. */
#define LRU_RETRIES	500

static int books_take(struct hs_witness *w, uint64_t pfn, struct hs_books *b)
{
	struct hotsoak_snapshot s;
	struct sysinfo si;
	int r = hs_witness_snapshot(w, pfn, &s);

	if (r < 0)
		return r;
	if (sysinfo(&si) < 0)
		return -errno;
	*b = (struct hs_books){
		.present = s.present_pages,
		.managed = s.managed_pages,
		.isolate_blocks = s.nr_isolate_pageblock,
		.free = s.nr_free_pages,
		.buddy = s.buddy_free_pages,
		.lru_known = s.known & HOTSOAK_SNAPSHOT_LRU,
		.lru_disabled = s.lru_disable_count,
		/* MemTotal without parsing /proc/meminfo. */
		.total = (uint64_t)si.totalram * si.mem_unit / (uint64_t)sysconf(_SC_PAGESIZE),
	};
	return 0;
}

static bool differ(const char *what, uint64_t got, uint64_t want, char *why, size_t why_bytes)
{
	if (got == want)
		return false;
	snprintf(why, why_bytes, "%s is %" PRIu64 ", expected %" PRIu64, what, got, want);
	return true;
}

bool hs_books_follow(const struct hs_books *before, const struct hs_books *after,
		     enum hs_move move, uint64_t block_pages, char *why, size_t why_bytes)
{
	uint64_t gone, managed;

	/* Raised on purpose while an online is under way, so only ends compare. */
	if (differ("nr_isolate_pageblock", after->isolate_blocks, before->isolate_blocks,
		   why, why_bytes))
		return false;

	if (move == HS_MOVE_NONE)
		return !differ("present_pages", after->present, before->present, why, why_bytes) &&
		       !differ("managed_pages", after->managed, before->managed, why, why_bytes) &&
		       !differ("MemTotal in pages", after->total, before->total, why, why_bytes);

	if (move == HS_MOVE_ON) {
		const struct hs_books *swap = before;

		before = after;
		after = swap;
	}
	gone = before->present - after->present;
	managed = before->managed - after->managed;
	/* With memmap_on_memory the block's own memmap never was in the zone. */
	if (!gone || gone > block_pages) {
		snprintf(why, why_bytes, "present_pages moved by %" PRId64 " for a block of %" PRIu64 " pages",
			 (int64_t)gone, block_pages);
		return false;
	}
	/* Fewer when pages are PageOffline, as balloons and virtio-mem leave them. */
	if (managed > gone) {
		snprintf(why, why_bytes, "managed_pages moved by %" PRId64 ", present_pages by %" PRIu64,
			 (int64_t)managed, gone);
		return false;
	}
	return !differ("the move of MemTotal in pages", before->total - after->total, managed,
		       why, why_bytes);
}

void hs_accounting_forget(struct hs_accounting *a)
{
	a->valid = false;
}

static int64_t drift(const struct hs_books *b)
{
	return (int64_t)(b->free - b->buddy);
}

/*
 * NR_FREE_PAGES against the free lists: a checksum, for pages on their way
 * between the two are normal. It is off only if by the same amount each time.
 * 0: it is as it was, 1: it is off by @now's drift for good, -EAGAIN: it moves.
 */
static int drift_settle(struct hs_accounting *a, uint64_t pfn, struct hs_books *now)
{
	const struct timespec pause = { .tv_nsec = RETRY_NS };
	int64_t first = drift(now);

	for (int i = 0; i < RETRIES && drift(now) != a->drift; i++) {
		int r;

		if (drift(now) != first)
			return -EAGAIN;
		nanosleep(&pause, NULL);
		r = books_take(a->witness, pfn, now);
		if (r < 0)
			return r;
	}
	return drift(now) != a->drift;
}

/*
 * 0: the LRU caches are disabled @times at most, at one look at least, and so by none for
 * good; 1: more often at each look; another negative errno: there was no look.
 */
static int lru_settle(struct hs_accounting *a, uint64_t pfn, struct hs_books *now,
		      uint64_t times)
{
	const struct timespec pause = { .tv_nsec = RETRY_NS };

	for (int i = 0; i < LRU_RETRIES && now->lru_known && now->lru_disabled > times; i++) {
		int r;

		nanosleep(&pause, NULL);
		r = books_take(a->witness, pfn, now);
		if (r < 0)
			return r;
	}
	return now->lru_known && now->lru_disabled > times;
}

/* What is left disabled from before is what later ends are compared with. */
static int lru_begin(struct hs_accounting *a, uint64_t pfn)
{
	int r;

	if (a->lru_based)
		return 0;
	r = lru_settle(a, pfn, &a->books, 0);
	a->lru_based = r >= 0;
	a->lru_disabled = a->books.lru_disabled;
	return r < 0 ? r : 0;
}

static int lru_check(struct hs_accounting *a, uint64_t pfn, char *why, size_t why_bytes)
{
	struct hs_books now = a->books;
	uint64_t was = a->lru_disabled;
	int r = lru_settle(a, pfn, &now, was);

	if (r < 0)
		return r;
	/* One deviation, one report. */
	a->lru_disabled = now.lru_disabled;
	if (!r)
		return 0;
	snprintf(why, why_bytes, "lru_disable_count is %" PRIu64 ", expected %" PRIu64 ": the LRU caches were left disabled",
		 now.lru_disabled, was);
	return -EUCLEAN;
}

int hs_accounting_begin(struct hs_accounting *a, uint64_t key, uint64_t pfn)
{
	int r;

	if (a->valid && a->key == key)
		return 0;
	a->key = key;
	a->drift = 0;
	r = books_take(a->witness, pfn, &a->books);
	if (!r)
		r = lru_begin(a, pfn);
	if (!r && a->at_rest)
		r = drift_settle(a, pfn, &a->books);
	if (r > 0)
		a->drift = drift(&a->books);
	a->valid = r >= 0;
	return r < 0 ? r : 0;
}

static int drift_check(struct hs_accounting *a, uint64_t pfn, char *why, size_t why_bytes)
{
	int64_t was = a->drift;
	int r = drift_settle(a, pfn, &a->books);

	if (r <= 0)
		return r == -EAGAIN ? 0 : r;
	/* One deviation, one report. */
	a->drift = drift(&a->books);
	snprintf(why, why_bytes, "NR_FREE_PAGES is %" PRIu64 ", expected %" PRIu64,
		 a->books.free, a->books.buddy + (uint64_t)was);
	return -EUCLEAN;
}

/* Would they follow if both had moved as present_pages did? */
static bool follow_but_managed(const struct hs_books *before, const struct hs_books *after,
			       enum hs_move move, uint64_t block_pages)
{
	struct hs_books moved = *before;
	uint64_t came = after->present - before->present;
	char why[160];

	moved.managed = after->managed - came;
	moved.total = after->total - came;
	return hs_books_follow(&moved, after, move, block_pages, why, sizeof(why));
}

int hs_accounting_end(struct hs_accounting *a, uint64_t pfn, enum hs_move move, char *why,
		      size_t why_bytes)
{
	const struct timespec pause = { .tv_nsec = RETRY_NS };
	int retries = a->restless ? LRU_RETRIES : RETRIES;
	struct hs_books now;
	bool ok = false;
	int r;

	a->of_managed = false;
	if (!a->valid)
		return -ENODATA;
	for (int i = 0; i < retries && !ok && !(a->restless && a->of_managed); i++) {
		if (i)
			nanosleep(&pause, NULL);
		r = books_take(a->witness, pfn, &now);
		if (r < 0) {
			a->valid = false;
			return r;
		}
		ok = hs_books_follow(&a->books, &now, move, a->block_pages, why, why_bytes);
		a->of_managed = !ok && follow_but_managed(&a->books, &now, move, a->block_pages);
	}
	a->checks++;
	/* Found wrong once, it is the new base: one deviation, one report. */
	a->books = now;
	if (!ok)
		return -EUCLEAN;
	r = lru_check(a, pfn, why, why_bytes);
	if (r < 0)
		return r;
	return a->at_rest && move != HS_MOVE_NONE ? drift_check(a, pfn, why, why_bytes) : 0;
}
