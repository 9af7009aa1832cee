/* SPDX-License-Identifier: GPL-2.0-only */
/* Uevents of memory blocks: hints that somebody changed one. */
#ifndef HS_UEVENT_H
#define HS_UEVENT_H

#include <stdbool.h>

struct hs_uevents;

int hs_uevents_new(struct hs_uevents **u);
void hs_uevents_free(struct hs_uevents *u);

/*
 * Calls @seen for every block that went online or offline since the last call.
 * Never blocks. 0, or -ENOBUFS when some were lost, or there were too many to read:
 * resync from sysfs.
 */
int hs_uevents_drain(struct hs_uevents *u,
		     void (*seen)(unsigned long block, bool online, void *ctx), void *ctx);

#endif
