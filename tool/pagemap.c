// SPDX-License-Identifier: GPL-2.0-only
/* What /proc tells of pages. */
#include "pagemap.h"

#include <errno.h>
#include <unistd.h>

int hs_pagemap_read(int fd, uint64_t number, uint64_t *entry)
{
	ssize_t n = pread(fd, entry, sizeof(*entry), (off_t)(number * sizeof(*entry)));

	return n == sizeof(*entry) ? 0 : n < 0 ? -errno : -EIO;
}

int hs_pagemap_of(int fd, const void *page, uint64_t *entry)
{
	return hs_pagemap_read(fd, (uintptr_t)page / (uintptr_t)sysconf(_SC_PAGESIZE), entry);
}
