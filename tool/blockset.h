/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of memory blocks as users write them: "32-47,50". */
#ifndef HS_BLOCKSET_H
#define HS_BLOCKSET_H

#include <stdbool.h>
#include <stddef.h>

struct hs_blockrange { unsigned long first, last; };
struct hs_blockset { struct hs_blockrange *range; size_t nr; };

/*
 * -EINVAL with the offending piece in @err ("47-32: the range runs backwards").
 * Ranges are merged and sorted. The caller frees with _deinit.
 */
int hs_blockset_parse(struct hs_blockset *s, const char *text, char *err, size_t err_bytes);
void hs_blockset_deinit(struct hs_blockset *s);
bool hs_blockset_has(const struct hs_blockset *s, unsigned long index);

#endif
