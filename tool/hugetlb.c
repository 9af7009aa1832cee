// SPDX-License-Identifier: GPL-2.0-only
/* The hugetlb pool of 2 MiB pages: its books and its pages. */
#include "hugetlb.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pagemap.h"
#include "parse.h"
#include "sysfile.h"

#define SIZES	"/sys/kernel/mm/hugepages"
#define POOL	"hugepages-2048kB"
#define NODES	"/sys/devices/system/node"

/* ---- Whose it is -------------------------------------------------------------- */

static bool exists(const char *root, const char *what)
{
	char path[PATH_MAX];

	return !hs_sysfile_path(path, sizeof(path), root, "%s", what) && !access(path, F_OK);
}

static int number_read(const char *root, const char *dir, const char *file, uint64_t *n)
{
	char path[PATH_MAX], text[32];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s/%s", dir, file);

	if (!r)
		r = hs_sysfile_read(path, text, sizeof(text));
	if (r < 0)
		return r;
	return hs_parse_u64(text, 0, UINT64_MAX, n) < 0 ? -EBADMSG : 0;
}

int hs_hugetlb_ask(const char *root)
{
	uint64_t size = 0, more = 0;
	int r;

	if (!exists(root, SIZES))
		return -EOPNOTSUPP;
	if (!exists(root, SIZES "/" POOL))
		return -ENODEV;
	r = number_read(root, SIZES "/" POOL, "nr_hugepages", &size);
	if (!r)
		r = number_read(root, SIZES "/" POOL, "nr_overcommit_hugepages", &more);
	return r < 0 ? r : size || more ? -EBUSY : 0;
}

const char *hs_hugetlb_words(int answer)
{
	switch (answer) {
	case 0:
		return "the pool of 2 MiB pages is empty, and nobody's";
	case -EOPNOTSUPP:
		return "the kernel was built without HUGETLBFS";
	case -ENODEV:
		return "the kernel has no huge pages of 2 MiB";
	case -EBUSY:
		return "the pool of 2 MiB pages is somebody's: it has pages, or may grow (nr_overcommit_hugepages)";
	default:
		return strerror(-answer);
	}
}

int hs_hugetlb_size_path(char *path, size_t path_bytes, int node)
{
	int n = node < 0 ?
		snprintf(path, path_bytes, SIZES "/" POOL "/nr_hugepages") :
		snprintf(path, path_bytes, NODES "/node%d/hugepages/" POOL "/nr_hugepages", node);

	return n < 0 || (size_t)n >= path_bytes ? -ENAMETOOLONG : 0;
}

/* ---- The books ------------------------------------------------------------------ */

static int count_read(const char *root, const char *dir, struct hs_hugetlb_count *c)
{
	int r = number_read(root, dir, "nr_hugepages", &c->total);

	if (!r)
		r = number_read(root, dir, "free_hugepages", &c->free);
	return r < 0 ? r : number_read(root, dir, "surplus_hugepages", &c->surplus);
}

static int nodes_read(const char *root, DIR *nodes, struct hs_hugetlb_count *sum)
{
	struct hs_hugetlb_count c;
	char dir[PATH_MAX];
	struct dirent *e;
	int r;

	while ((e = readdir(nodes))) {
		if (strncmp(e->d_name, "node", 4) || strspn(e->d_name + 4, "0123456789") !=
		    strlen(e->d_name) - 4 || !e->d_name[4])
			continue;
		snprintf(dir, sizeof(dir), NODES "/%s/hugepages/" POOL, e->d_name);
		/* A node without memory has none. */
		if (!exists(root, dir))
			continue;
		r = count_read(root, dir, &c);
		if (r < 0)
			return r;
		sum->total += c.total;
		sum->free += c.free;
		sum->surplus += c.surplus;
	}
	return 0;
}

int hs_hugetlb_books_read(const char *root, struct hs_hugetlb_books *b)
{
	char path[PATH_MAX];
	DIR *nodes;
	int r;

	*b = (struct hs_hugetlb_books){ 0 };
	r = count_read(root, SIZES "/" POOL, &b->all);
	if (!r)
		r = number_read(root, SIZES "/" POOL, "resv_hugepages", &b->reserved);
	if (!r)
		r = hs_sysfile_path(path, sizeof(path), root, NODES);
	if (r < 0)
		return r;
	nodes = opendir(path);
	if (!nodes) {
		/* Built without NUMA: all is on one. */
		b->nodes = b->all;
		return errno == ENOENT ? 0 : -errno;
	}
	r = nodes_read(root, nodes, &b->nodes);
	closedir(nodes);
	return r;
}

bool hs_hugetlb_books_agree(const struct hs_hugetlb_books *b, uint64_t memory, char *text,
			    size_t text_bytes)
{
	const struct hs_hugetlb_count *a = &b->all, *n = &b->nodes;

	snprintf(text, text_bytes,
		 "Total %" PRIu64 ", Free %" PRIu64 ", Rsvd %" PRIu64 ", Surp %" PRIu64 "; the nodes have %" PRIu64 ", %" PRIu64 " free, %" PRIu64 " surplus",
		 a->total, a->free, b->reserved, a->surplus, n->total, n->free, n->surplus);
	return a->free == a->total && !b->reserved && !a->surplus &&
		a->total <= memory / HS_HUGETLB_PAGE_BYTES &&
		n->total == a->total && n->free == a->free && n->surplus == a->surplus;
}

/* ---- Its pages ------------------------------------------------------------------ */

int hs_hugetlb_count(int fd, uint64_t start_pfn, uint64_t nr_pages, uint64_t *free, uint64_t *used)
{
	uint64_t step = HS_HUGETLB_PAGE_BYTES / (uint64_t)sysconf(_SC_PAGESIZE), flags;

	for (uint64_t pfn = start_pfn; pfn < start_pfn + nr_pages; pfn += step) {
		int r = hs_pagemap_read(fd, pfn, &flags);

		if (r < 0)
			return r;
		if (!(flags & HS_KPAGEFLAGS_HUGE))
			continue;
		if (flags & HS_KPAGEFLAGS_MMAP)
			++*used;
		else
			++*free;
	}
	return 0;
}
