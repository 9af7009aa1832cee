/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The books of uevents: whether each transition of a memory block has just one.
 *
 * The kernel sends it before the write that caused it returns, and all transitions of a
 * block are one after the other under device_hotplug_lock (device_offline(),
 * device_online() and lock_device_hotplug_sysfs() of Linux 5.10 to 7.2). So, whoever causes
 * them, they alternate; and a write of ours that succeeded has one. One that the state of
 * its block contradicts had none to tell of, unless somebody else has brought the block back
 * since: whose own uevent has come by the end of a transition of ours that began later.
 */
#ifndef HS_EVENTBOOK_H
#define HS_EVENTBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blockevent.h"
#include "memblk.h"

struct hs_eventbook_block {
	unsigned long index;
	bool known, online;	/* by what the uevents tell */
	bool came[2];		/* since our transition began, by enum hs_blockevent_kind */
	unsigned int doubt;	/* the last is contradicted; 2: one of ours has ended since */
};

/* All zero is an empty one. */
struct hs_eventbook {
	struct hs_eventbook_block *blk;
	size_t nr;
	bool lost;		/* some were: nothing is counted any more */
	uint64_t heard;		/* transitions, of whoever */
	uint64_t missing, doubled, unasked;
	unsigned long at;	/* the block of the last of these */
};

void hs_eventbook_deinit(struct hs_eventbook *b);

/* One came, and its block is @now in that state. -ENOMEM. */
int hs_eventbook_heard(struct hs_eventbook *b, const struct hs_blockevent *e,
		       enum hs_memblk_state now);

/* A transition of ours begins, all that came before having been heard. */
void hs_eventbook_begin(struct hs_eventbook *b, unsigned long block);

/* It has succeeded, all that came until then having been heard. */
void hs_eventbook_done(struct hs_eventbook *b, unsigned long block, enum hs_blockevent_kind kind);

#endif
