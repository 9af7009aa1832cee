/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rules of the judge find in a run; verdict.c makes one verdict of it. */
#ifndef HS_RULE_H
#define HS_RULE_H

#include <stdbool.h>

#include "verdict.h"

/* More than a judgement keeps, so that a late FAIL displaces an early note. */
#define HS_MAX_FOUND 64

struct hs_finding {
	enum hs_verdict verdict;	/* HS_PASS: a note, which changes nothing */
	char text[sizeof(((struct hs_judgement *)0)->reasons[0])];
};

struct hs_court {
	const struct hs_scenario *s;
	const struct hs_tally *t;
	enum hs_ending ending;
	const char *words;		/* of the launcher, NULL or "": none */
	unsigned int nr;
	bool dropped[HS_NR_VERDICTS];	/* findings that had no room */
	struct hs_finding found[HS_MAX_FOUND];
};

/* Adds what each rule finds; of one kind the first is the one in the verdict's line. */
void hs_rules_apply(struct hs_court *c);

#endif
