/* SPDX-License-Identifier: GPL-2.0-only */
/* The judge: turns what was seen and what was demanded into one verdict. */
#ifndef HS_VERDICT_H
#define HS_VERDICT_H

#include "scenario.h"
#include "tally.h"

enum hs_verdict { HS_PASS, HS_FAIL, HS_SKIP, HS_BROKEN, HS_NR_VERDICTS };

#define HS_MAX_REASONS 16

struct hs_judgement {
	enum hs_verdict verdict;
	unsigned int nr_reasons;
	char reasons[HS_MAX_REASONS][200];
};

extern const char *const hs_verdict_names[HS_NR_VERDICTS];
extern const int hs_verdict_status[HS_NR_VERDICTS];	/* 0, 1, 77, 2 */

/*
 * Precedence FAIL over BROKEN over SKIP over PASS; every reason is kept, those
 * of the verdict first.  Never PASS with: fewer windows, E1, E2 or samples per
 * window than @s->expect; an armed invariant with no checks; a required
 * invariant not armed (SKIP); a hook with nmissed; a missed window; a control;
 * a block not restored; no end.
 */
void hs_verdict_judge(struct hs_judgement *j, const struct hs_scenario *s,
		      const struct hs_tally *t);

/* What is known from outside of how a run ended, the guest's launcher's word. */
enum hs_ending {
	HS_ENDING_RECORD,	/* nothing more than the record says */
	HS_ENDING_PANIC,	/* the kernel panicked: FAIL */
	HS_ENDING_SPLAT,	/* WARN, BUG, oops … on the console: FAIL */
	HS_ENDING_HANG,		/* the rest: BROKEN, whatever the record says */
	HS_ENDING_SILENCE,
	HS_ENDING_TIMEOUT,
	HS_ENDING_DIED,
	HS_NR_ENDINGS
};

extern const char *const hs_ending_names[HS_NR_ENDINGS];	/* "verdict", "panic", … */

/* The same with the launcher's word; @words says more, NULL or "": nothing. */
void hs_verdict_judge_ending(struct hs_judgement *j, const struct hs_scenario *s,
			     const struct hs_tally *t, enum hs_ending ending,
			     const char *words);

/*
 * "hotsoak: PASS offline-soak seed=1 windows=… e1=… e2=… samples=… violations=…"
 * and, for others than PASS, reason="…" last. @line must hold 512 bytes.
 */
void hs_verdict_line(const struct hs_judgement *j, const struct hs_scenario *s,
		     const struct hs_tally *t, uint64_t seed, char *line, size_t line_bytes);

#endif
