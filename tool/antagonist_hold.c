// SPDX-License-Identifier: GPL-2.0-only
/* hold-page, lock-page, soft-offline: finding a page of the block and handing it on. */
#include "antagonist.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "pagemap.h"

#define CHUNK_BYTES (UINT64_C(16) << 20)
#define CHUNKS_AT_ONCE 2	/* about 10 ms to zero, 100 where the CPU is emulated */

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void touch(char *chunk)
{
	for (size_t i = 0; i < CHUNK_BYTES; i += page_bytes())
		*(volatile char *)(chunk + i) = 1;
}

struct search {
	int pagemap;
	const struct hs_antagonist_want *want;
	uint64_t pfn;
};

/* The first wanted page of @chunk, in @page and s->pfn: -ENOENT when there is none. */
static int find_page(struct search *s, char *chunk, char **page)
{
	size_t nr = CHUNK_BYTES / page_bytes();
	_cleanup_free_ uint64_t *entry = calloc(nr, sizeof(*entry));
	off_t at = (off_t)((uintptr_t)chunk / page_bytes() * sizeof(*entry));
	ssize_t n;

	if (!entry)
		return -ENOMEM;
	n = pread(s->pagemap, entry, nr * sizeof(*entry), at);
	if (n < 0)
		return -errno;
	for (size_t i = 0; i < (size_t)n / sizeof(*entry); i++) {
		uint64_t pfn = entry[i] & HS_PAGEMAP_PFN;

		if (!(entry[i] & HS_PAGEMAP_PRESENT) || !s->want->is_wanted(pfn, s->want->ctx))
			continue;
		*page = chunk + i * page_bytes();
		s->pfn = pfn;
		return 0;
	}
	return -ENOENT;
}

/* All of the chunk but @keep, which may be NULL. */
static void chunk_unmap(char *chunk, char *keep)
{
	if (!keep) {
		munmap(chunk, CHUNK_BYTES);
		return;
	}
	if (keep > chunk)
		munmap(chunk, (size_t)(keep - chunk));
	keep += page_bytes();
	if (keep < chunk + CHUNK_BYTES)
		munmap(keep, (size_t)(chunk + CHUNK_BYTES - keep));
}

/* Ends the search, and keeps of all that it took only @page, which may be NULL. */
static void search_end(struct hs_antagonist *a, char *page)
{
	for (size_t i = 0; i < a->nr_chunks; i++)
		chunk_unmap(a->chunk[i], i + 1 == a->nr_chunks ? page : NULL);
	free(a->chunk);
	a->chunk = NULL;
	a->nr_chunks = 0;
}

/* One more chunk, full of pages of @node. */
static int chunk_add(struct hs_antagonist *a, int node)
{
	char **chunk = reallocarray(a->chunk, a->nr_chunks + 1, sizeof(*chunk)), *c;

	if (!chunk)
		return -ENOMEM;
	a->chunk = chunk;
	c = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return -errno;
	chunk[a->nr_chunks++] = c;
	madvise(c, CHUNK_BYTES, MADV_NOHUGEPAGE);
	if (node >= 0 && numa_available() >= 0) {
		numa_set_bind_policy(0);	/* preferred, not bound */
		numa_tonode_memory(c, CHUNK_BYTES, node);
	}
	touch(c);
	return 0;
}

/* What did not fit is kept until the end, else the allocator would hand out the
 * same pages again. */
static int search(struct search *s, struct hs_antagonist *a, char **page)
{
	uint64_t most = s->want->spare_bytes / CHUNK_BYTES;
	int r = -ENOENT;

	for (unsigned int i = 0; r == -ENOENT && i < most; i++) {
		if (i == CHUNKS_AT_ONCE)
			return -EAGAIN;
		r = chunk_add(a, s->want->node);
		if (!r)
			r = find_page(s, a->chunk[a->nr_chunks - 1], page);
	}
	return r;
}

bool hs_antagonist_is_searching(const struct hs_antagonist *a)
{
	return a->nr_chunks || a->asks_again;
}

static int hand_on(struct hs_antagonist *a, char *page, const struct search *s, uint64_t *pfn)
{
	int r;

	if (a->kind == HS_ANTAGONIST_SOFT_OFFLINE) {
		*pfn = s->pfn;
		r = hs_soft_offline_start(&a->soft, page, a->sysroot,
					  s->pfn / a->block_pages, a->block_pages);
		if (r < 0)
			munmap(page, page_bytes());
		return r;
	}
	a->page = page;
	r = hs_witness_hold(a->witness, page, a->kind == HS_ANTAGONIST_HOLD_PAGE ?
			    HOTSOAK_HOLD_REF : HOTSOAK_HOLD_LOCK, pfn);
	/* Compaction may have moved it between the look and the hold. */
	if (!r && !s->want->is_wanted(*pfn, s->want->ctx))
		r = -ENOENT;
	if (r < 0)
		hs_antagonist_let_go(a);
	return r;
}

/*
 * At most every second time it is asked, so that the soak can be seen to go on. Faults in
 * memory until a wanted page turns up, at most what is spare more. -ENOENT: none did.
 */
int hs_antagonist_hold(struct hs_antagonist *a, const struct hs_antagonist_want *want,
		       uint64_t *pfn)
{
	_cleanup_close_ int pagemap = -1;
	struct search s = { .want = want };
	char *page = NULL;
	int r;

	if (a->page || a->soft || (!hs_antagonist_is_searching(a) && a->turn++ % 2))
		return 0;
	/* It is the module that keeps the page, or the running kernel that takes it away. */
	if (a->kind == HS_ANTAGONIST_SOFT_OFFLINE ? a->sysroot && *a->sysroot : !a->witness)
		return -ENODEV;
	pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	if (pagemap < 0) {
		r = -errno;
		search_end(a, NULL);
		return r;
	}
	s.pagemap = pagemap;
	r = search(&s, a, &page);
	if (r == -EAGAIN)
		return r;
	search_end(a, page);
	if (!r)
		r = hand_on(a, page, &s, pfn);
	return r < 0 ? r : 1;
}

bool hs_antagonist_let_go(struct hs_antagonist *a)
{
	search_end(a, NULL);
	if (a->soft && hs_soft_offline_end(a->soft))
		a->soft = NULL;
	if (a->page) {
		/* Before the unmap, which would sleep on the page lock. */
		hs_witness_release(a->witness);
		munmap(a->page, page_bytes());
		a->page = NULL;
	}
	return !a->soft;
}
