// SPDX-License-Identifier: GPL-2.0-only
/* What the daemon says to journald. */
#include "log.h"

#include <inttypes.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

static const int verdict_priority[HS_NR_VERDICTS] = {
	[HS_PASS] = LOG_NOTICE,
	[HS_FAIL] = LOG_ERR,
	[HS_SKIP] = LOG_WARNING,
	[HS_BROKEN] = LOG_WARNING,
};

/* Where the code is does not help who reads the journal. */
#define SEND(info, record, ...) \
	sd_journal_send_with_location("CODE_FILE=tool/log.c", "CODE_LINE=0", __func__, \
				      "SYSLOG_IDENTIFIER=hotsoak", \
				      "HOTSOAK_SCENARIO=%s", (info)->scenario.name, \
				      "HOTSOAK_SEED=%" PRIu64, (info)->seed, \
				      "HOTSOAK_RECORD=%s", (record), \
				      __VA_ARGS__, NULL)

void hs_log_started(const struct hs_run_info *info, size_t nr_blocks, const char *control,
		    const char *record)
{
	SEND(info, record, "MESSAGE_ID=" HS_LOG_STARTED, "PRIORITY=%d", LOG_NOTICE,
	     "HOTSOAK_BLOCKS=%zu", nr_blocks,
	     "MESSAGE=soak started: %s, seed %" PRIu64 ", %zu blocks%s%s; watch it with \"hotsoak status --follow\", record in %s",
	     info->scenario.name, info->seed, nr_blocks, control ? ", control " : "",
	     control ? control : "", record);
}

void hs_log_violation(const struct hs_run_info *info, enum hs_invariant inv, const char *text,
		      const char *record)
{
	SEND(info, record, "MESSAGE_ID=" HS_LOG_VIOLATION, "PRIORITY=%d", LOG_CRIT,
	     "HOTSOAK_INVARIANT=%s", hs_invariants[inv].id,
	     "MESSAGE=violation of %s: %s; see \"grep '\"t\":\"violation\"' %s/run.jsonl\" and \"hotsoak status\"",
	     hs_invariants[inv].id, text, record);
}

void hs_log_ended(const struct hs_run_info *info, const struct hs_tally *t,
		  const struct hs_judgement *j, const char *line, const char *record)
{
	SEND(info, record, "MESSAGE_ID=" HS_LOG_ENDED, "PRIORITY=%d", verdict_priority[j->verdict],
	     "HOTSOAK_VERDICT=%s", hs_verdict_names[j->verdict],
	     "HOTSOAK_CYCLES=%" PRIu64, t->cycles,
	     "HOTSOAK_VIOLATIONS=%" PRIu64, hs_tally_violations(t),
	     "MESSAGE=soak ended: %s; %ssee %s/summary.json", line,
	     t->restored ? "" : "BLOCKS ARE NOT AS THEY WERE, see \"hotsoak list\"; ", record);
}
