/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtio-balloon, whose hypervisor takes memory of this machine and gives it back. */
#ifndef HS_BALLOON_H
#define HS_BALLOON_H

#include <stdbool.h>
#include <stdint.h>

/*
 * 0: there is one, and its pages are counted. -ENODEV: there is no device, or its driver is
 * not loaded; -ENOSYS: the kernel counts none (CONFIG_MEMORY_BALLOON). Else the errno of
 * asking. @root NULL or "": the running system.
 */
int hs_balloon_ask(const char *root);

/* What the answer means, in words that fit behind "the antagonist balloon: ". */
const char *hs_balloon_words(int answer);

/* Does a device have the kernel report free pages to it (VIRTIO_BALLOON_F_REPORTING)? */
bool hs_balloon_reports(const char *root);

/* Pages since the boot: taken into balloons, given back by them, and moved within them
 * because their place was wanted (balloon_inflate and its like of /proc/vmstat). */
struct hs_balloon_pages {
	uint64_t inflated, deflated, migrated;
};

/* 0 or a negative errno, with @pages all zero. */
int hs_balloon_read(const char *root, struct hs_balloon_pages *pages);

#endif
