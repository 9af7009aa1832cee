// SPDX-License-Identifier: GPL-2.0-only
/* compact: memory is compacted while a block goes offline. See kmod/compact.c for what that
 * takes from the block. */
#include "antagonist.h"

#include <errno.h>

/*
 * From the first offline on: one pass over all memory may take longer than an offline does.
 * The block to which compaction is moving pages is the one that goes, for of another it
 * would hardly take any.
 */
int hs_antagonist_compact(struct hs_antagonist *a, const struct hs_antagonist_want *want,
			  uint64_t *pfn)
{
	if (hs_compact_runs(&a->compactor))
		return hs_compact_find(&a->compactor, want->is_wanted, want->ctx, pfn);
	if (a->sysroot && *a->sysroot)
		return -ENODEV;
	return hs_compact_start(&a->compactor, want->node);
}

bool hs_antagonist_uncompact(struct hs_antagonist *a)
{
	return !a->over || !hs_compact_stop(&a->compactor);
}
