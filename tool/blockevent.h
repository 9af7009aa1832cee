/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Uevents of memory blocks as the kernel sends them: each of them, in its order.
 *
 * Those of uevent.h are hints, which a storm may well overflow. Who says that one is missing
 * needs all, and needs to be told when some were lost; hence a socket with a large buffer.
 */
#ifndef HS_BLOCKEVENT_H
#define HS_BLOCKEVENT_H

#include <stddef.h>

enum hs_blockevent_kind {
	HS_BLOCKEVENT_OFFLINE,
	HS_BLOCKEVENT_ONLINE,
	HS_BLOCKEVENT_PLUG,	/* the block was added or removed */
};

struct hs_blockevent {
	unsigned long block;
	enum hs_blockevent_kind kind;
};

/*
 * 1: @e is filled. 0: of something else, or synthetic, which is somebody's write to a file
 * `uevent' and no transition. -EBADMSG: that is no whole uevent.
 */
int hs_blockevent_parse(const char *message, size_t bytes, struct hs_blockevent *e);

/* A descriptor that hears of all from now on, or a negative errno. */
int hs_blockevent_open(void);

/* Calls @seen for each that came since; never blocks. 0, or -ENOBUFS: some were lost. */
int hs_blockevent_drain(int fd, void (*seen)(const struct hs_blockevent *e, void *ctx), void *ctx);

#endif
