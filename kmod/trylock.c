// SPDX-License-Identifier: GPL-2.0-only
/*
 * The point between the migratetype read and the pcp trylock has no name: it is the call
 * that tries the lock, in the freeing functions. Look for it there, and watch what is
 * called for those who return to there: a probe at the call itself would be an int3,
 * which costs more than all the rest of a free. What only looks like such a call is never
 * returned to.
 */
#include <linux/uaccess.h>

#include "hotsoak.h"

#define HS_MAX_TRYLOCK_SITES	8
#define HS_CALL_INSN_BYTES	5	/* e8 rel32 */

/* The callers of pcp_spin_trylock() on the free side, by whichever name exists. */
static const char *const hs_trylock_callers[] = {
	"free_unref_page",
	"__free_frozen_pages",		/* what became of it, as of the name below */
	"free_unref_page_list",		/* until Linux commit 7c76d92253db, v6.10 */
	"free_unref_folios",		/* since Linux commit 90491d87dd46, v6.10 */
};

/* Where those calls return to: what the handler knows them by. */
static unsigned long hs_trylock_returns[HS_MAX_TRYLOCK_SITES];
static unsigned int hs_nr_trylock_returns;

int hs_trylock_find(const void *target)
{
	unsigned int i;

	hs_nr_trylock_returns = 0;
	for (i = 0; i < ARRAY_SIZE(hs_trylock_callers); i++) {
		u8 *start = hs_symbol(hs_trylock_callers[i]), *p, insn[HS_CALL_INSN_BYTES];
		size_t size = IS_ERR(start) ? 0 : hs_symbol_size(start);
		s32 rel;

		if (start == ERR_PTR(-ENOMEM))
			return -ENOMEM;
		for (p = start; size >= HS_CALL_INSN_BYTES &&
		     p + HS_CALL_INSN_BYTES <= start + size; p++) {
			if (copy_from_kernel_nofault(insn, p, sizeof(insn)))
				break;
			if (insn[0] != 0xe8)
				continue;
			memcpy(&rel, insn + 1, sizeof(rel));
			if (p + HS_CALL_INSN_BYTES + rel == target &&
			    hs_nr_trylock_returns < HS_MAX_TRYLOCK_SITES)
				hs_trylock_returns[hs_nr_trylock_returns++] =
					(unsigned long)p + HS_CALL_INSN_BYTES;
		}
	}
	return hs_nr_trylock_returns ? 0 : -ENOENT;
}

bool hs_trylock_is_of_free(unsigned long ip)
{
	unsigned int i;

	for (i = 0; i < hs_nr_trylock_returns; i++)
		if (ip == hs_trylock_returns[i])
			return true;
	return false;
}
