// SPDX-License-Identifier: GPL-2.0-only
/* The judge: turns what was seen and what was demanded into one verdict. */
#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rule.h"

const char *const hs_verdict_names[HS_NR_VERDICTS] = {
	[HS_PASS] = "PASS",
	[HS_FAIL] = "FAIL",
	[HS_SKIP] = "SKIP",
	[HS_BROKEN] = "BROKEN",
};

const int hs_verdict_status[HS_NR_VERDICTS] = {
	[HS_PASS] = 0,
	[HS_FAIL] = 1,
	[HS_SKIP] = 77,
	[HS_BROKEN] = 2,
};

const char *const hs_ending_names[HS_NR_ENDINGS] = {
	[HS_ENDING_RECORD] = "verdict",
	[HS_ENDING_PANIC] = "panic",
	[HS_ENDING_SPLAT] = "splat",
	[HS_ENDING_HANG] = "hang",
	[HS_ENDING_SILENCE] = "silence",
	[HS_ENDING_TIMEOUT] = "timeout",
	[HS_ENDING_DIED] = "died",
};

/* Strongest first. A reason under HS_PASS is a note: it changes nothing. */
static const enum hs_verdict precedence[HS_NR_VERDICTS] = {
	HS_FAIL, HS_BROKEN, HS_SKIP, HS_PASS,
};

static void sentence(struct hs_judgement *j, const struct hs_court *c)
{
	memset(j, 0, sizeof(*j));
	j->verdict = HS_PASS;
	for (int p = HS_NR_VERDICTS - 1; p >= 0; p--) {
		if (c->dropped[precedence[p]])
			j->verdict = precedence[p];
		for (unsigned int i = 0; i < c->nr; i++)
			if (c->found[i].verdict == precedence[p])
				j->verdict = precedence[p];
	}
	for (int p = 0; p < HS_NR_VERDICTS; p++)
		for (unsigned int i = 0; i < c->nr; i++)
			if (c->found[i].verdict == precedence[p] &&
			    j->nr_reasons < HS_MAX_REASONS)
				memcpy(j->reasons[j->nr_reasons++], c->found[i].text,
				       sizeof(c->found[i].text));
}

void hs_verdict_judge_ending(struct hs_judgement *j, const struct hs_scenario *s,
			     const struct hs_tally *t, enum hs_ending how, const char *words)
{
	struct hs_court c = { .s = s, .t = t, .ending = how, .words = words };

	hs_rules_apply(&c);
	sentence(j, &c);
}

void hs_verdict_judge(struct hs_judgement *j, const struct hs_scenario *s,
		      const struct hs_tally *t)
{
	hs_verdict_judge_ending(j, s, t, HS_ENDING_RECORD, NULL);
}

/* Escapes into @line and closes the quote; what does not fit is cut, marked. */
static void add_quoted(char *line, size_t line_bytes, const char *text)
{
	size_t at = strlen(line);
	int n = snprintf(line + at, line_bytes - at, " reason=\"");

	if (n < 0 || (size_t)n + 5 > line_bytes - at) {	/* not even "…" */
		line[at] = '\0';
		return;
	}
	at += (size_t)n;
	for (; *text; text++) {
		bool escape = *text == '"' || *text == '\\';

		/* Room for this, then "..." and the quote and the NUL. */
		if (at + 2 + 5 > line_bytes) {
			memcpy(line + at, "...", 3);
			at += 3;
			break;
		}
		if (escape)
			line[at++] = '\\';
		/* One line it must stay, whatever a kernel log held. */
		line[at++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
	}
	line[at++] = '"';
	line[at] = '\0';
}

void hs_verdict_line(const struct hs_judgement *j, const struct hs_scenario *s,
		     const struct hs_tally *t, uint64_t seed, char *line, size_t line_bytes)
{
	snprintf(line, line_bytes,
		 "hotsoak: %s %s seed=%" PRIu64 " windows=%" PRIu64 " e1=%" PRIu64 " e2=%" PRIu64 " samples=%" PRIu64 " violations=%" PRIu64,
		 hs_verdict_names[j->verdict], *s->name ? s->name : "-", seed,
		 (uint64_t)t->stats.windows, (uint64_t)t->stats.e1, (uint64_t)t->stats.e2,
		 (uint64_t)t->stats.samples, hs_tally_violations(t));
	if (j->verdict != HS_PASS)
		add_quoted(line, line_bytes, j->nr_reasons ? j->reasons[0] : "");
}
