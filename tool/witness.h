/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place that talks to the module. */
#ifndef HS_WITNESS_H
#define HS_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tally.h"
#include "uapi/hotsoak.h"

struct hs_witness {
	int fd;			/* O_CLOEXEC, never given to a child; -1: not open */
	bool loaded;		/* by us: removed again at the end */
	bool armed;
	struct hotsoak_info info;
};

/*
 * Opens /dev/hotsoak, loading the module when it is absent. On failure one
 * sentence goes to @why:
 * -ENOENT  absent and not loadable       -EPROTO  another ABI
 * -EBUSY   another controller            -EPERM   no right to it
 */
int hs_witness_open(struct hs_witness *w, char *why, size_t why_bytes);

/* Disarms, closes, removes the module if it was loaded by us. Accepts one that
 * never opened (all zero but fd = -1). */
void hs_witness_close(struct hs_witness *w);

/* Of the module itself, without keeping the device open. */
bool hs_witness_is_loaded(void);
bool hs_witness_is_busy(void);		/* a controller has it, or is just being undone */
int hs_witness_unload(void);		/* modprobe -r; -EBUSY when that fails */

/*
 * Arms the invariants of @mask that this kernel supports; @armed gets them.
 * @a carries the rest (size is filled in). A control that may not be used is
 * -EPERM, a hook that could not be attached leaves its invariants out.
 */
int hs_witness_arm(struct hs_witness *w, struct hotsoak_arm *a, uint64_t mask, uint64_t *armed);
/* What an arming that succeeded allows to be claimed, into @t. */
void hs_witness_claims(const struct hs_witness *w, uint64_t armed, struct hs_tally *t);
int hs_witness_disarm(struct hs_witness *w);

int hs_witness_fill(struct hs_witness *w, struct hotsoak_fill *f);
int hs_witness_drop(struct hs_witness *w);
int hs_witness_contig_race(struct hs_witness *w, struct hotsoak_acr *acr);
int hs_witness_hold(struct hs_witness *w, void *addr, uint32_t flags, uint64_t *pfn);
int hs_witness_release(struct hs_witness *w);
/* As hs_hwpoison_heal(), where that gives -EIO: page @pfn, whose block is offline. */
int hs_witness_heal(struct hs_witness *w, uint64_t pfn);
int hs_witness_snapshot(struct hs_witness *w, uint64_t pfn, struct hotsoak_snapshot *s);

/* The module's counters and its hooks into @t: witness*, stats, hooks, and the
 * checks and violations of its invariants. */
int hs_witness_stats(struct hs_witness *w, struct hs_tally *t);

/* Up to @max records into @e: how many, 0 when there is none. Never blocks. */
int hs_witness_read(struct hs_witness *w, struct hotsoak_event *e, size_t max);

#endif
