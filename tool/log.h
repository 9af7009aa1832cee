/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemon says to journald: one line each for the start of a soak, the
 * first violation of an invariant and the end, with fields to search by. Where
 * there is no journald nothing is said.
 */
#ifndef HS_LOG_H
#define HS_LOG_H

#include "record.h"

/* Message ids, as journalctl MESSAGE_ID=... takes them; hotsoak(8) lists them. */
#define HS_LOG_STARTED		"d3a00ec518ce46fa92a809c668de99b1"
#define HS_LOG_VIOLATION	"6ae0be0b484648a78e5552745cc9f27a"
#define HS_LOG_ENDED		"53eea149ce8d40c79c8a57560bbe43e9"

/* @record is the directory of the record. */
void hs_log_started(const struct hs_run_info *info, size_t nr_blocks, const char *control,
		    const char *record);

/* For the first of its invariant; the end's line has the count. */
void hs_log_violation(const struct hs_run_info *info, enum hs_invariant inv, const char *text,
		      const char *record);

/* @line is the verdict's. */
void hs_log_ended(const struct hs_run_info *info, const struct hs_tally *t,
		  const struct hs_judgement *j, const char *line, const char *record);

#endif
