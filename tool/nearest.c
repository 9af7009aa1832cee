// SPDX-License-Identifier: GPL-2.0-only
/* The known name that is nearest to a mistyped one. */
#include "nearest.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define LONGEST 48

static unsigned int min2(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: swapped letters are the commonest slip and count
 * one, not two. */
unsigned int hs_nearest_distance(const char *a, const char *b)
{
	unsigned int d[LONGEST + 1][LONGEST + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return UINT_MAX;
	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			unsigned int differs = a[i - 1] != b[j - 1];

			d[i][j] = min2(min2(d[i - 1][j], d[i][j - 1]) + 1,
				       d[i - 1][j - 1] + differs);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = min2(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

void hs_nearest_init(struct hs_nearest *n, const char *word)
{
	n->word = word;
	n->best = NULL;
	n->distance = UINT_MAX;
}

void hs_nearest_offer(struct hs_nearest *n, const char *name)
{
	unsigned int d = hs_nearest_distance(n->word, name);

	if (d < n->distance) {
		n->distance = d;
		n->best = name;
	}
}

const char *hs_nearest_get(const struct hs_nearest *n)
{
	/* More than a third wrong is another word, not a slip. */
	if (!n->best || n->distance > 1 + strlen(n->best) / 3)
		return NULL;
	return n->best;
}
