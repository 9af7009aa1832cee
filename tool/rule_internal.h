/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rules share: rule.c, and rule_actor.c for those about who frees and who gets in the
 * way. Nobody else includes it. */
#ifndef HS_RULE_INTERNAL_H
#define HS_RULE_INTERNAL_H

#include "rule.h"

__attribute__((format(printf, 3, 4)))
void hs_rule_find(struct hs_court *c, enum hs_verdict verdict, const char *fmt, ...);

/* Operations that were tried, however they ended. */
uint64_t hs_rule_attempts(const struct hs_tally *t, enum hs_op op);

/*
 * A run that could not start has no exposure, no checks and no end; to blame it
 * for each would turn every SKIP into BROKEN. Once it touched a block it is
 * judged like any other.
 */
bool hs_rule_never_ran(const struct hs_court *c);

/* What no hook could count was not too little: see hooks_missing(). */
bool hs_rule_is_uncounted(const struct hs_court *c, unsigned int need);

/* Each is several rules of the table. */
void hs_rules_harm(struct hs_court *c);	/* FAIL: what an antagonist brought to light */
void hs_rules_idle(struct hs_court *c);	/* BROKEN: one that did nothing */
void hs_rules_few(struct hs_court *c);	/* BROKEN: one that did less than is demanded */

#endif
