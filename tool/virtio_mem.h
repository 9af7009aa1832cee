/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that a virtio-mem device has plugged, which its hypervisor may take at any time. */
#ifndef HS_VIRTIO_MEM_H
#define HS_VIRTIO_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "blockset.h"

/*
 * 0: a device has plugged memory. -ENODEV: the driver has none. -ENOENT: it has, and nothing
 * is plugged. Else the errno of asking. @root NULL or "": the running system.
 */
int hs_virtio_mem_ask(const char *root);

/* What the answer means, in words that fit behind "virtio-mem: ". */
const char *hs_virtio_mem_words(int answer);

/*
 * The blocks, of @block_bytes each, that lie in such memory; the caller frees them with
 * hs_blockset_deinit(). /proc/iomem tells addresses to root alone: -EPERM for others.
 */
int hs_virtio_mem_blocks(const char *root, uint64_t block_bytes, struct hs_blockset *set);

/* Is it what the driver logs as it takes up a new size? */
bool hs_virtio_mem_is_resize(const char *log_text);

#endif
