/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of the virtio bus, by the driver that they are bound to. */
#ifndef HS_VIRTIO_H
#define HS_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is there a device @name, as "virtio0", of @driver, as "virtio_mem", for which @is_wanted
 * holds? NULL: any. @root NULL or "": the running system.
 */
bool hs_virtio_has(const char *root, const char *driver,
		   bool (*is_wanted)(const char *root, const char *name));

/* Has the driver of device @name agreed to feature @bit? Unreadable: no. */
bool hs_virtio_feature(const char *root, const char *name, unsigned int bit);

#endif
