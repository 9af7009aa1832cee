/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What /proc tells of pages, 64 bits each: pagemap by page of an address space, kpageflags
 * and kpagecount by page of the machine. See Documentation/admin-guide/mm/pagemap.rst of Linux.
 */
#ifndef HS_PAGEMAP_H
#define HS_PAGEMAP_H

#include <stdint.h>

#define HS_PAGEMAP_FILE		"/proc/self/pagemap"
#define HS_PAGEMAP_PRESENT	(UINT64_C(1) << 63)
#define HS_PAGEMAP_PFN		((UINT64_C(1) << 55) - 1)	/* 0 without CAP_SYS_ADMIN */

#define HS_KPAGEFLAGS_FILE	"/proc/kpageflags"
#define HS_KPAGEFLAGS_LRU	(UINT64_C(1) << 5)
#define HS_KPAGEFLAGS_MMAP	(UINT64_C(1) << 11)
#define HS_KPAGEFLAGS_ANON	(UINT64_C(1) << 12)
#define HS_KPAGEFLAGS_HUGE	(UINT64_C(1) << 17)	/* of hugetlb, in use or not */
#define HS_KPAGEFLAGS_HWPOISON	(UINT64_C(1) << 19)
#define HS_KPAGEFLAGS_NOPAGE	(UINT64_C(1) << 20)
#define HS_KPAGEFLAGS_THP	(UINT64_C(1) << 22)

#define HS_KPAGECOUNT_FILE	"/proc/kpagecount"	/* how often it is mapped */

/* Entry @number of either, which is open as @fd. */
int hs_pagemap_read(int fd, uint64_t number, uint64_t *entry);

/* That of a page of ours, in pagemap. */
int hs_pagemap_of(int fd, const void *page, uint64_t *entry);

#endif
