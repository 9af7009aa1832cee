/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hugetlb pool of 2 MiB pages: its books, its size, its pages.
 *
 * What the kernel promises of the books when nobody uses the pool, whatever has happened
 * to it: all its pages are free, none is reserved, none is surplus (in use beyond the size
 * of the pool), and the nodes' books add up to those of the whole. Not its size: an offline
 * dissolves the free pages of its range, and none takes their place. Nor that a page which
 * was reserved is there, though mmap() has counted on it: where
 * dequeue_hugetlb_folio_node_exact() (mm/hugetlb.c) passes over isolated pageblocks, there
 * is none while all that are free lie in a block that is going; one more than the size of
 * the pool is not allowed (nr_overcommit_hugepages), and who touches his mapping gets
 * SIGBUS. Seen on 6.12 and 7.2, not on 5.10 and 6.1.
 */
#ifndef HS_HUGETLB_H
#define HS_HUGETLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_HUGETLB_PAGE_BYTES	(UINT64_C(2) << 20)

struct hs_hugetlb_count { uint64_t total, free, surplus; };

struct hs_hugetlb_books {
	struct hs_hugetlb_count all;
	struct hs_hugetlb_count nodes;	/* of all nodes, added up */
	uint64_t reserved;		/* not known by node */
};

/*
 * Is there a pool, and is it nobody's? 0; -EOPNOTSUPP: the kernel was built without
 * HUGETLBFS; -ENODEV: it has no pages of that size; -EBUSY: the pool is not empty, or may
 * grow for others. Else the errno of asking. @root NULL or "": the running system.
 */
int hs_hugetlb_ask(const char *root);

/* What the answer means, in words that fit behind "hugetlb: ". */
const char *hs_hugetlb_words(int answer);

/* Where the pool's size is set, of @node or, -1, of the machine; below a root. */
int hs_hugetlb_size_path(char *path, size_t path_bytes, int node);

int hs_hugetlb_books_read(const char *root, struct hs_hugetlb_books *b);

/* @memory: the machine's, in bytes; no pool is larger. False: they are wrong, with nobody
 * using the pool; all figures are in @text. */
bool hs_hugetlb_books_agree(const struct hs_hugetlb_books *b, uint64_t memory, char *text,
			    size_t text_bytes);

/* Adds up the pages of the pool in a range, by /proc/kpageflags, open as @fd. */
int hs_hugetlb_count(int fd, uint64_t start_pfn, uint64_t nr_pages, uint64_t *free, uint64_t *used);

struct hs_hugetlb_resize {
	const char *path;		/* whole, of the size that is set … */
	const char *all;		/* … and of the machine's, which it may be part of */
	const char *sysroot;
	uint64_t seed;
	uint64_t pages;			/* at most */
	uint64_t block_bytes;		/* that a block may need besides, see headroom.h */
};

/* Resizes the pool now and then, and reports there as workers do (see pages.h), until @fd is
 * closed at the other end: 0, or a negative errno. */
int hs_hugetlb_resize_work(int fd, const struct hs_hugetlb_resize *c);

#endif
