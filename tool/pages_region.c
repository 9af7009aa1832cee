// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions of a worker: what is written into their pages, and whether it is still there. A
 * page that was migrated meanwhile must have come through whole.
 */
#include "pages_internal.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define THOROUGH	16	/* one page in so many is written and checked in full */
#define SPARSE_STEP	512	/* bytes between the words of the others */
#define ORDER_STEP	64	/* pages between two looks for an order */

size_t hs_region_pages(const struct hs_pages *w, const struct hs_region *r)
{
	return r->bytes / w->page;
}

size_t hs_region_there(const struct hs_pages *w, const struct hs_region *r)
{
	size_t nr = 0;

	if (w->kind->unmapped)
		return r->stored / w->page;
	for (size_t p = 0; p < hs_region_pages(w, r); p++)
		nr += r->written[p] != 0;
	return nr;
}

static size_t page_step(const struct hs_pages *w, size_t page_number)
{
	return page_number % THOROUGH || w->kind->alike ? SPARSE_STEP : sizeof(uint64_t);
}

/*
 * Depends on address and region, and on which time it is that the page is written: one that
 * went astray, or was left over, shows as well.
 */
static uint64_t pattern(const struct hs_pages *w, const struct hs_region *r, const char *at)
{
	uint64_t address = (uintptr_t)at, time = r->written[(size_t)(at - r->addr) / w->page];

	if (w->kind->alike)
		address &= w->page - 1;
	return (address ^ r->key ^ time << 48) * UINT64_C(0x9e3779b97f4a7c15);
}

/* ---- Writing ----------------------------------------------------------------------- */

/* Where a page goes on that cannot be had, though it was mapped. */
static sigjmp_buf not_there;
static volatile sig_atomic_t writing;

static void on_sigbus(int sig)
{
	if (writing)
		siglongjmp(not_there, 1);
	/* Of a memory error, say: it comes again, and is the end. */
	signal(sig, SIG_DFL);
}

static int pages_write(struct hs_pages *w, struct hs_region *r)
{
	size_t nr = hs_region_pages(w, r), written = 0;

	for (size_t p = 0; p < nr; p++) {
		char *page = r->addr + p * w->page;
		size_t step = page_step(w, p);

		if (r->written[p])
			continue;
		if (++written % ORDER_STEP == 0 && hs_pages_order_waits(w))
			return -EINTR;
		r->written[p] = r->writes;
		for (size_t i = 0; i < w->page; i += step)
			*(volatile uint64_t *)(void *)(page + i) = pattern(w, r, page + i);
	}
	return 0;
}

int hs_region_write(struct hs_pages *w, struct hs_region *r)
{
	int err;

	if (w->kind->unmapped)
		return 0;
	r->writes += r->writes == UINT8_MAX ? 2 : 1;
	signal(SIGBUS, on_sigbus);
	if (sigsetjmp(not_there, 1)) {
		writing = false;
		return -EFAULT;
	}
	writing = true;
	err = pages_write(w, r);
	writing = false;
	return err;
}

/* ---- Checking ----------------------------------------------------------------------- */

bool hs_region_is_broken(const struct hs_pages *w, const struct hs_region *r, size_t first,
			 size_t nr, struct hs_pages_mismatch *m)
{
	for (size_t p = first; p < first + nr; p++) {
		char *page = r->addr + p * w->page;
		size_t step = page_step(w, p);

		if (!r->written[p])
			continue;
		for (size_t i = 0; i < w->page; i += step) {
			uint64_t found = *(volatile uint64_t *)(void *)(page + i);

			if (found == pattern(w, r, page + i))
				continue;
			*m = (struct hs_pages_mismatch){
				(uint64_t)(uintptr_t)(page + i), found, pattern(w, r, page + i),
			};
			return true;
		}
	}
	return false;
}

void hs_region_corrupt(struct hs_pages *w, const struct hs_region *r, size_t first, size_t nr)
{
	for (size_t p = first; w->corrupt && p < first + nr; p++) {
		if (!r->written[p] || w->kind->unmapped)
			continue;
		r->addr[p * w->page] ^= 1;
		w->corrupt = false;
	}
}

int hs_region_check(struct hs_pages *w, const struct hs_region *r, size_t first, size_t nr)
{
	struct hs_pages_mismatch m;

	if (w->kind->unmapped)
		return 0;
	for (size_t p = first; p < first + nr; p++)
		w->report.checked += r->written[p] != 0;
	return hs_region_is_broken(w, r, first, nr, &m) ?
		hs_pages_report(w, HS_PAGES_MISMATCH, &m) : 0;
}

/* ---- Mapping ------------------------------------------------------------------------- */

int hs_region_take(struct hs_pages *w, struct hs_region *r, size_t bytes)
{
	int err;

	*r = (struct hs_region){
		.bytes = bytes, .fd = -1, .other_fd = -1, .key = hs_random_u64(&w->random),
	};
	r->written = calloc(bytes / w->page, sizeof(r->written[0]));
	if (!r->written)
		return -ENOMEM;
	err = w->kind->take(w, r);
	if (err < 0)
		hs_region_close(r);
	return err;
}

void hs_region_close(struct hs_region *r)
{
	if (r->addr)
		munmap(r->addr, r->bytes);
	if (r->fd >= 0)
		close(r->fd);
	if (r->other_fd >= 0)
		close(r->other_fd);
	free(r->written);
	*r = (struct hs_region){ .fd = -1, .other_fd = -1 };
}

static int map(struct hs_region *r, int flags)
{
	r->addr = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, flags,
		       flags & MAP_ANONYMOUS ? -1 : r->fd, 0);
	if (r->addr != MAP_FAILED)
		return 0;
	r->addr = NULL;
	return -errno;
}

int hs_pages_map(struct hs_region *r, int flags)
{
	return map(r, MAP_PRIVATE | MAP_ANONYMOUS | flags);
}

int hs_pages_map_file(struct hs_region *r)
{
	return map(r, MAP_SHARED);
}

int hs_pages_take_anon(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	return hs_pages_map(r, 0);
}

void hs_pages_unmap(char *at, size_t bytes)
{
	/* For want of memory for that: the pages go, all the same. */
	if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		madvise(at, bytes, MADV_DONTNEED);
}

void hs_pages_drop_file(struct hs_pages *w, struct hs_region *r)
{
	if (hs_random_below(&w->random, 2))
		(void)!ftruncate(r->fd, 0);
}

int hs_pages_reserve(struct hs_region *r)
{
	r->addr = mmap(NULL, r->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		       0);
	if (r->addr != MAP_FAILED)
		return 0;
	r->addr = NULL;
	return -errno;
}

/* ---- Pages that are not mapped -------------------------------------------------------- */

void hs_pages_content(const struct hs_pages *w, const struct hs_region *r, size_t number,
		      void *page)
{
	const char *at = r->addr + number * w->page;
	uint64_t *word = page;

	for (size_t i = 0; i < w->page / sizeof(*word); i++)
		word[i] = pattern(w, r, at + i * sizeof(*word));
}

void hs_pages_compare(struct hs_pages *w, const struct hs_region *r, size_t number,
		      const void *page)
{
	const char *at = r->addr + number * w->page;
	const uint64_t *word = page;

	w->report.checked++;
	for (size_t i = 0; i < w->page / sizeof(*word); i++) {
		uint64_t expected = pattern(w, r, at + i * sizeof(*word));

		if (word[i] == expected && !w->corrupt)
			continue;
		/* The fault of the control, where no page can be got at between. */
		hs_pages_report(w, HS_PAGES_MISMATCH, &(struct hs_pages_mismatch) {
			(uintptr_t)(at + i * sizeof(*word)), word[i] ^ w->corrupt, expected,
		});
		w->corrupt = false;
		return;
	}
}
