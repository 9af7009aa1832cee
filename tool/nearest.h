/* SPDX-License-Identifier: GPL-2.0-only */
/* The known name that is nearest to a mistyped one. */
#ifndef HS_NEAREST_H
#define HS_NEAREST_H

struct hs_nearest {
	const char *word;	/* what was written; not owned */
	const char *best;	/* nearest name so far; not owned */
	unsigned int distance;
};

/* Offer every known name, then ask. */
void hs_nearest_init(struct hs_nearest *n, const char *word);
void hs_nearest_offer(struct hs_nearest *n, const char *name);

/* NULL when none is near enough to be what was meant. */
const char *hs_nearest_get(const struct hs_nearest *n);

/* Letters to insert, delete, replace or swap with the next one; UINT_MAX for a
 * word too long to be worth it. */
unsigned int hs_nearest_distance(const char *a, const char *b);

#endif
