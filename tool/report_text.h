/* SPDX-License-Identifier: GPL-2.0-only */
/* A run in words and figures for a terminal: progress, state, summary. */
#ifndef HS_REPORT_TEXT_H
#define HS_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "record.h"
#include "soak.h"

/* One line, without the newline: where the run is and how fast. */
void hs_report_progress(const struct hs_progress *p, char *line, size_t line_bytes);

/* The operation in flight besides, for SIGUSR1. */
void hs_report_state(FILE *f, const struct hs_progress *p);

/* The summary table; the verdict's line is not part of it. */
void hs_report_summary(FILE *f, const struct hs_run_info *info, const struct hs_tally *t,
		       const struct hs_judgement *j);

#endif
