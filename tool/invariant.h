/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of invariants: the module's, then those that the tool checks. */
#ifndef HS_INVARIANT_H
#define HS_INVARIANT_H

#include <stddef.h>
#include <stdint.h>

#include "uapi/hotsoak.h"

enum hs_invariant {
	/* 0 .. HOTSOAK_NR_INVARIANTS - 1: enum hotsoak_invariant */
	HS_INV_ACCOUNTING = HOTSOAK_NR_INVARIANTS,
	HS_INV_CONTENTS,
	HS_INV_CLEAN_LOG,
	HS_INV_PROGRESS,
	HS_NR_INVARIANTS
};

struct hs_invariant_desc {
	const char *id;		/* "pcp-limits" */
	const char *summary;	/* one line: what must hold */
};

extern const struct hs_invariant_desc hs_invariants[HS_NR_INVARIANTS];

/* Index of @id, or -ENOENT. */
int hs_invariant_find(const char *id);

/* Parses "all" or "a,b,c" into a mask; -ENOENT for an unknown id. */
int hs_invariant_parse(const char *list, uint64_t *mask);

/* "pcp-limits, pairing": the names of those in @mask, as far as they fit. */
void hs_invariant_names(uint64_t mask, char *names, size_t names_bytes);

/* The part of @mask that the module checks. */
static inline uint64_t hs_invariant_module_mask(uint64_t mask)
{
	return mask & ((UINT64_C(1) << HOTSOAK_NR_INVARIANTS) - 1);
}

#endif
