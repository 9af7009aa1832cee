/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory pressure: the kernel's word that tasks stall for want of memory (PSI). */
#ifndef HS_PRESSURE_H
#define HS_PRESSURE_H

#include <stddef.h>

#define HS_PRESSURE_FILE "/proc/pressure/memory"

/*
 * A descriptor that polls POLLPRI when some task has stalled for 150 ms of a
 * second, and each second while that lasts; the caller closes it. -ENOENT: the
 * kernel has no PSI; -EOPNOTSUPP: it was not switched on (psi=1 does that).
 */
int hs_pressure_open(void);

/* The kernel's line on it now: "some avg10=… avg60=… avg300=… total=…". */
int hs_pressure_read(const char *sysroot, char *text, size_t text_bytes);

#endif
