// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the poison from a page whose block is offline, where the kernel does not.
 *
 * Since Linux commit 5033091de814 ("mm/hwpoison: introduce per-memory_block hwpoison
 * counter", v6.2) a block whose count is not zero does not come online, and
 * unpoison_memory() passes over pages of offline blocks: poison that goes with its block
 * would take that until a reboot. The flag of the page is all that tells who may lower
 * the count; onlining makes the page's struct anew.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "hotsoak.h"

#ifdef CONFIG_MEMORY_FAILURE
static int hs_heal_page(struct page *page)
{
	/* Made void as its block went (DEBUG_VM, remove_pfn_range_from_zone()) it tells nothing. */
	if (PagePoisoned(page))
		return -ENODATA;
	return TestClearPageHWPoison(page) ? 0 : -ENOENT;
}
#else
static int hs_heal_page(struct page *page)
{
	return -ENOENT;
}
#endif

int hs_heal(const struct hotsoak_heal *heal)
{
	void (*lower)(unsigned long pfn, long i);
	unsigned long pfn = heal->pfn;
	int ret;

	if (heal->flags)
		return -EINVAL;
	if (!hs_is_guest())
		return -EPERM;
	if (heal->pfn >> (MAX_PHYSMEM_BITS - PAGE_SHIFT) || !pfn_valid(pfn))
		return -ENXIO;
	/* That one the kernel heals. */
	if (pfn_to_online_page(pfn))
		return -EBUSY;
	lower = hs_symbol("num_poisoned_pages_sub");
	if (IS_ERR(lower))
		return PTR_ERR(lower) == -ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	ret = hs_heal_page(pfn_to_page(pfn));
	if (!ret)
		lower(pfn, 1);
	return ret;
}
