/* SPDX-License-Identifier: GPL-2.0-only */
/* The hooks of the witness: what rests on each, and why one may be missing. */
#ifndef HS_HOOK_H
#define HS_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "scenario.h"
#include "tally.h"

/* What of a run rests on hooks besides its invariants. */
enum hs_hook_need {
	HS_NEED_WINDOWS = 1 << 0,
	HS_NEED_E1 = 1 << 1,
	HS_NEED_E2 = 1 << 2,
	HS_NEED_SAMPLES = 1 << 3,
	HS_NEED_ACTS = 1 << 4,		/* a control or an antagonist of the module acts */
	HS_NEED_AIM = 1 << 5,		/* frees are delayed: demanded of no run by itself */
	HS_NEED_CONTIG = 1 << 6,	/* contig-race tells why it was refused */
	HS_NEED_COMPACT = 1 << 7,	/* compaction is seen to scan */
};

/* enum hs_hook_need that @s demands, and @t planted. */
unsigned int hs_hook_needs(const struct hs_scenario *s, const struct hs_tally *t);

/* What a missing hook costs: some of @invariants, some of @needs. */
struct hs_hook_loss {
	uint64_t invariants;
	unsigned int needs;
	const char *else_lost;		/* where nothing is demanded of it, NULL: nothing */
};

/* False when @h is there, or this kernel's witness does without it. */
bool hs_hook_is_missing(const struct hs_tally *t, const struct hs_hook_tally *h);
void hs_hook_loss(const struct hs_tally *t, const struct hs_hook_tally *h,
		  struct hs_hook_loss *loss);

/* All that is missing of enum hs_hook_need. */
unsigned int hs_hook_needs_lost(const struct hs_tally *t);

/* What of @invariants and @needs goes with it: "nothing is claimed of no-realloc". */
void hs_hook_lost_words(const struct hs_hook_loss *loss, uint64_t invariants,
			unsigned int needs, char *words, size_t words_bytes);

/* "the hook NAME is missing (WHY)" */
void hs_hook_words(const struct hs_hook_tally *h, char *words, size_t words_bytes);
const char *hs_hook_error_words(int error);

#endif
