/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/PID/pagemap: 64 bits for each page of an address space. */
#ifndef HS_PAGEMAP_H
#define HS_PAGEMAP_H

#include <stdint.h>

#define HS_PAGEMAP_FILE		"/proc/self/pagemap"
#define HS_PAGEMAP_PRESENT	(UINT64_C(1) << 63)
#define HS_PAGEMAP_PFN		((UINT64_C(1) << 55) - 1)	/* 0 without CAP_SYS_ADMIN */

#endif
