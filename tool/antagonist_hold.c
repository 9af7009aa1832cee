// SPDX-License-Identifier: GPL-2.0-only
/* hold-page and lock-page: finding a page of the block and having the module keep it. */
#include "antagonist.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"

#define CHUNK_BYTES (UINT64_C(16) << 20)
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_PFN ((UINT64_C(1) << 55) - 1)

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
	int pagemap, node;
	bool (*is_wanted)(uint64_t pfn, void *ctx);
	void *ctx;
};

/* The first wanted page of @chunk: -ENOENT when there is none. */
static int find_page(const struct search *s, char *chunk, char **page)
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
		uint64_t pfn = entry[i] & PAGEMAP_PFN;

		if (!(entry[i] & PAGEMAP_PRESENT) || !s->is_wanted(pfn, s->ctx))
			continue;
		*page = chunk + i * page_bytes();
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

static int search(const struct search *s, uint64_t spare_bytes, char **page)
{
	size_t most = spare_bytes / CHUNK_BYTES, nr = 0;
	_cleanup_free_ char **chunk = calloc(most ? most : 1, sizeof(*chunk));
	int r = -ENOENT;

	*page = NULL;
	if (!chunk)
		return -ENOMEM;
	/* What did not fit is kept until the end, else the allocator would hand out
	 * the same pages again. */
	while (r == -ENOENT && nr < most) {
		char *c = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (c == MAP_FAILED) {
			r = -errno;
			break;
		}
		chunk[nr++] = c;
		madvise(c, CHUNK_BYTES, MADV_NOHUGEPAGE);
		if (s->node >= 0 && numa_available() >= 0) {
			numa_set_bind_policy(0);	/* preferred, not bound */
			numa_tonode_memory(c, CHUNK_BYTES, s->node);
		}
		touch(c);
		r = find_page(s, c, page);
	}
	for (size_t i = 0; i < nr; i++)
		chunk_unmap(chunk[i], i + 1 == nr ? *page : NULL);
	return r;
}

int hs_antagonist_hold(struct hs_antagonist *a, int node,
		       bool (*is_wanted)(uint64_t pfn, void *ctx), void *ctx,
		       uint64_t spare_bytes, uint64_t *pfn)
{
	_cleanup_close_ int pagemap = -1;
	struct search s = { .node = node, .is_wanted = is_wanted, .ctx = ctx };
	char *page;
	int r;

	if (a->hold == HS_HOLD_NONE || a->page || a->turn++ % 2)
		return 0;
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		return -errno;
	s.pagemap = pagemap;
	r = search(&s, spare_bytes, &page);
	if (r < 0)
		return r;
	a->page = page;
	r = hs_witness_hold(a->witness, page, a->hold == HS_HOLD_REF ? HOTSOAK_HOLD_REF :
			    HOTSOAK_HOLD_LOCK, pfn);
	/* Compaction may have moved it between the look and the hold. */
	if (!r && !is_wanted(*pfn, ctx))
		r = -ENOENT;
	if (r < 0) {
		hs_antagonist_release(a);
		return r;
	}
	return 1;
}

void hs_antagonist_release(struct hs_antagonist *a)
{
	if (!a->page)
		return;
	/* Before the unmap, which would sleep on the page lock. */
	hs_witness_release(a->witness);
	munmap(a->page, page_bytes());
	a->page = NULL;
}
