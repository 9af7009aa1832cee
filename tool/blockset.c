// SPDX-License-Identifier: GPL-2.0-only
/* Sets of memory blocks as users write them: "32-47,50". */
#include "blockset.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "parse.h"

__attribute__((format(printf, 4, 5)))
static int bad(char *err, size_t err_bytes, const char *piece, const char *fmt, ...)
{
	char why[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(err, err_bytes, "%.40s: %s", piece, why);
	return -EINVAL;
}

static int parse_number(const char *text, unsigned long *value)
{
	uint64_t v;
	int r = hs_parse_u64(text, 0, ULONG_MAX, &v);

	if (!r)
		*value = (unsigned long)v;
	return r;
}

/* One piece between commas; @piece stays whole for the message. */
static int parse_piece(const char *piece, struct hs_blockrange *range,
		       char *err, size_t err_bytes)
{
	_cleanup_free_ char *copy = strdup(piece);
	char *dash;
	int r;

	if (!copy)
		return -ENOMEM;
	if (!*piece)
		return bad(err, err_bytes, "\"\"",
			   "a block number is missing beside a comma");
	dash = strchr(copy, '-');
	if (dash)
		*dash++ = '\0';
	r = parse_number(copy, &range->first);
	if (!r && dash)
		r = parse_number(dash, &range->last);
	else
		range->last = range->first;
	if (r == -ERANGE)
		return bad(err, err_bytes, piece, "the number is too large");
	if (r < 0)
		return bad(err, err_bytes, piece,
			   "not a block number or a range like 32-47");
	if (range->last < range->first)
		return bad(err, err_bytes, piece, "the range runs backwards");
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct hs_blockrange *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void merge(struct hs_blockset *s)
{
	size_t out = 0;

	qsort(s->range, s->nr, sizeof(*s->range), compare);
	for (size_t i = 1; i < s->nr; i++) {
		struct hs_blockrange *last = &s->range[out];

		/* Neighbours too: "1-2,3" is "1-3". ULONG_MAX has none above. */
		if (last->last == ULONG_MAX || s->range[i].first <= last->last + 1) {
			if (s->range[i].last > last->last)
				last->last = s->range[i].last;
		} else {
			s->range[++out] = s->range[i];
		}
	}
	s->nr = out + 1;
}

int hs_blockset_parse(struct hs_blockset *s, const char *text, char *err, size_t err_bytes)
{
	_cleanup_free_ char *copy = strdup(text);
	_cleanup_free_ struct hs_blockrange *range = NULL;
	size_t pieces = 1, nr = 0;
	char *rest = copy, *piece;
	int r;

	if (!copy)
		return -ENOMEM;
	for (const char *p = text; *p; p++)
		pieces += *p == ',';
	range = calloc(pieces, sizeof(*range));
	if (!range)
		return -ENOMEM;
	while ((piece = strsep(&rest, ","))) {
		r = parse_piece(piece, &range[nr], err, err_bytes);
		if (r < 0)
			return r;
		nr++;
	}
	s->range = range;
	s->nr = nr;
	range = NULL;
	merge(s);
	return 0;
}

void hs_blockset_deinit(struct hs_blockset *s)
{
	free(s->range);
	s->range = NULL;
	s->nr = 0;
}

bool hs_blockset_has(const struct hs_blockset *s, unsigned long index)
{
	for (size_t i = 0; i < s->nr && s->range[i].first <= index; i++)
		if (index <= s->range[i].last)
			return true;
	return false;
}
