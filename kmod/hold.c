// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps one page of the caller from being migrated: an extra reference makes the
 * offline loop until a signal, the page lock makes migrate_pages() sleep in
 * folio_lock(), deaf to signals.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "hotsoak.h"

static struct page *hs_held;
static bool hs_held_locked;

int hs_hold(struct hotsoak_hold *hold)
{
	struct page *page;
	int n;

	if (hold->flags != HOTSOAK_HOLD_REF && hold->flags != HOTSOAK_HOLD_LOCK)
		return -EINVAL;
	if (!PAGE_ALIGNED(hold->addr))
		return -EINVAL;
	if (hs_held)
		return -EBUSY;
	n = get_user_pages_fast(hold->addr, 1, FOLL_WRITE, &page);
	/* Since v6.8 an address that wraps is EOVERFLOW; to the caller it is a bad one. */
	if (n != 1)
		return n < 0 && n != -EOVERFLOW ? n : -EFAULT;
	if (hold->flags == HOTSOAK_HOLD_LOCK) {
		if (!trylock_page(page)) {
			put_page(page);
			return -EAGAIN;
		}
		hs_held_locked = true;
	}
	hs_held = page;
	hold->pfn = page_to_pfn(page);
	return 0;
}

bool hs_holds(void)
{
	return hs_held;
}

void hs_release(void)
{
	if (!hs_held)
		return;
	if (hs_held_locked)
		unlock_page(hs_held);
	put_page(hs_held);
	hs_held_locked = false;
	hs_held = NULL;
}
