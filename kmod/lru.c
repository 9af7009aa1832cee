// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often the LRU caches are disabled: lru_disable_count, which is at 0 while nothing
 * of the kernel needs them empty, and which offline_pages() raises and lowers since Linux
 * commit d479960e44f2 ("mm: disable LRU pagevec during the migration temporarily", v5.13).
 *
 * It is data and not exported, and a kprobe finds functions only. lru_cache_disable() adds
 * to it, so its address is in the code of that one, relative to the next instruction; and
 * what the kernel itself calls an address tells whether it is the right one. Nothing that
 * is not exported is called for it.
 */
#include <linux/kallsyms.h>
#include <linux/uaccess.h>

#include "hotsoak.h"

static atomic_t *hs_lru_count;

atomic_t *hs_lru_disable_count(void)
{
	return hs_lru_count;
}

static bool hs_lru_is_count(const void *address)
{
	static const char is[] = "lru_disable_count+0x0/";
	char text[KSYM_SYMBOL_LEN];

	sprint_symbol(text, (unsigned long)address);
	return !strncmp(text, is, sizeof(is) - 1);
}

int hs_lru_init(void)
{
	u8 *p = hs_symbol("lru_cache_disable");
	size_t left;
	s32 relative;

	if (IS_ERR(p))
		return PTR_ERR(p) == -ENOMEM ? -ENOMEM : 0;
	for (left = hs_symbol_size(p); left >= sizeof(relative); p++, left--) {
		u8 *address;

		if (copy_from_kernel_nofault(&relative, p, sizeof(relative)))
			break;
		address = p + sizeof(relative) + relative;
		if (IS_ALIGNED((unsigned long)address, sizeof(*hs_lru_count)) &&
		    hs_lru_is_count(address)) {
			hs_lru_count = (atomic_t *)address;
			break;
		}
	}
	return 0;
}
