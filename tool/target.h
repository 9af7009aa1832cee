/* SPDX-License-Identifier: GPL-2.0-only */
/* The target: which memory blocks a run may take. */
#ifndef HS_TARGET_H
#define HS_TARGET_H

#include <stddef.h>

#include "blockset.h"
#include "memblk.h"

struct hs_target_wish {
	const struct hs_blockset *set;	/* NULL: any block */
	int node;			/* -1: any node */
	const char *zone;		/* NULL: Movable */
	const struct hs_blockset *plugged;	/* by virtio-mem: only these; NULL: all */
};

struct hs_target {
	const struct hs_memblk **blk;	/* into the list, which must outlive this */
	size_t nr;
};

/*
 * Chooses the blocks that are online and in the zone. A block that @wish names
 * and that cannot be taken is an error, not passed over: -ENOENT (no such block)
 * or -EINVAL, with a sentence in @err. No block at all is 0 with nr == 0.
 */
int hs_target_init(struct hs_target *t, struct hs_memblk_list *l,
		   const struct hs_target_wish *wish, char *err, size_t err_bytes);
void hs_target_deinit(struct hs_target *t);

#endif
