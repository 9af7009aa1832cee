/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cgroup of a run: workers in it have less memory than they use, so that the kernel takes
 * pages from them all the time, and at once when it is asked to. One for all of them; what
 * makes it has it in the journal before.
 */
#ifndef HS_MEMCG_H
#define HS_MEMCG_H

#include <stdint.h>

#define HS_MEMCG_DIR	"/sys/fs/cgroup/hotsoak"

/*
 * Can there be one? 0 or a negative errno: -ENXIO: no cgroup2 is mounted; -ENOSYS: it is without
 * the memory controller; -EPERM: that is not switched on; -EEXIST: there is one; -EROFS.
 */
int hs_memcg_ask(const char *root);

/* In it there will be @limit_bytes at most. What was made is gone when it fails. */
int hs_memcg_make(const char *root, uint64_t limit_bytes);

/* 0: there is none; 1: there was; -EBUSY: some process is in it yet. */
int hs_memcg_remove(const char *root);

/* The caller goes in, with what it takes from now on. */
int hs_memcg_enter(void);

/* Has the kernel take @bytes from those in it, whatever lies unused longest. Pages that are
 * freed thus are freed by the caller, on its CPU. */
int hs_memcg_reclaim(uint64_t bytes);

#endif
