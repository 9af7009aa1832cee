// SPDX-License-Identifier: GPL-2.0-only
/* The target: which memory blocks a run may take. */
#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int check_named(struct hs_memblk_list *l, const struct hs_target_wish *wish,
		       const char *zone, char *err, size_t err_bytes)
{
	for (size_t i = 0; i < wish->set->nr; i++) {
		const struct hs_blockrange *r = &wish->set->range[i];

		for (unsigned long n = r->first;; n++) {
			const struct hs_memblk *b = hs_memblk_list_get(l, n);

			if (!b) {
				snprintf(err, err_bytes, "memory%lu does not exist: see hotsoak list",
					 n);
				return -ENOENT;
			}
			if (b->state != HS_MEMBLK_ONLINE) {
				snprintf(err, err_bytes, "memory%lu is %s, it would have to be online",
					 n, hs_memblk_state_name(b->state));
				return -EINVAL;
			}
			if (!hs_memblk_in_zone(b, zone)) {
				snprintf(err, err_bytes, "memory%lu is not in zone %s (valid zones: %s): name its zone with --zone",
					 n, zone, b->zones[0] ? b->zones : "none");
				return -EINVAL;
			}
			if (wish->node >= 0 && b->node != wish->node) {
				snprintf(err, err_bytes, "memory%lu is on node %d, not on node %d",
					 n, b->node, wish->node);
				return -EINVAL;
			}
			if (wish->plugged && !hs_blockset_has(wish->plugged, n)) {
				snprintf(err, err_bytes, "memory%lu is not of a virtio-mem device",
					 n);
				return -EINVAL;
			}
			if (n == r->last)
				break;
		}
	}
	return 0;
}

int hs_target_init(struct hs_target *t, struct hs_memblk_list *l,
		   const struct hs_target_wish *wish, char *err, size_t err_bytes)
{
	const char *zone = wish->zone ? wish->zone : "Movable";

	t->nr = 0;
	t->blk = NULL;
	/* Those that stay have no zone either. */
	if (wish->set && !l->stay) {
		int r = check_named(l, wish, zone, err, err_bytes);

		if (r < 0)
			return r;
	}
	t->blk = calloc(l->nr ? l->nr : 1, sizeof(*t->blk));
	if (!t->blk) {
		snprintf(err, err_bytes, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < l->nr && !l->stay; i++) {
		const struct hs_memblk *b = &l->blk[i];

		if (b->state != HS_MEMBLK_ONLINE || !hs_memblk_in_zone(b, zone))
			continue;
		if (wish->set && !hs_blockset_has(wish->set, b->index))
			continue;
		if (wish->node >= 0 && b->node != wish->node)
			continue;
		if (wish->plugged && !hs_blockset_has(wish->plugged, b->index))
			continue;
		t->blk[t->nr++] = b;
	}
	return 0;
}

void hs_target_deinit(struct hs_target *t)
{
	free(t->blk);
	t->blk = NULL;
	t->nr = 0;
}
