/* SPDX-License-Identifier: GPL-2.0-only */
/* run.jsonl: one JSON object a line, one write(2) a line, never a torn one. */
#ifndef HS_RECORD_H
#define HS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario.h"
#include "tally.h"
#include "verdict.h"

#define HS_RECORD_SCHEMA 1
#define HS_RECORD_OUTLIER 4	/* times the median: a good operation worth a line */

struct hs_record;
struct json_object;

struct hs_record_config {
	const char *dir;	/* created when missing; NULL: records go nowhere */
	uint64_t max_bytes;	/* then a {"t":"truncated"} line; violations, failed
				 * operations and the end still get through */
	bool every_cycle;	/* --record-cycles */
};

/* What the first line says, and what a judge needs to know of the run. */
struct hs_run_info {
	uint64_t seed;
	char kernel[65];
	unsigned int cpus;
	int argc;
	char **argv;
	struct hs_scenario scenario;
};

/*
 * Takes over @c->dir: an older run.jsonl becomes run.jsonl.old, an older
 * summary.json goes away, lest a run that dies be taken for its predecessor.
 * The functions below return the first error that they meet, and 0 for the
 * same trouble from then on; a line that cannot be written whole is taken back.
 */
int hs_record_new(struct hs_record **r, const struct hs_record_config *c,
		  const struct hs_run_info *info);
/*
 * The first error that kept a line from the record, 0 if none. A run goes on
 * with a full disk, but must not pass on a record that lacks lines.
 */
int hs_record_error(const struct hs_record *r);
/* Closes; no end line is written, that is hs_record_end()'s. Accepts NULL. */
void hs_record_free(struct hs_record *r);

/* One operation. Failed ones are written and synced at once; good ones only
 * with every_cycle or when they are outliers, by HS_RECORD_OUTLIER. */
int hs_record_op(struct hs_record *r, enum hs_op op, unsigned long block,
		 enum hs_outcome outcome, int err, uint64_t ns, uint64_t median_ns);
/* A violation of the module, or of the tool when @e is NULL; synced at once. */
int hs_record_violation(struct hs_record *r, enum hs_invariant inv,
			const struct hotsoak_event *e, const char *text);
/* Someone else changed a block, a worker died, … ; one line, not synced. */
int hs_record_note(struct hs_record *r, const char *what, const char *text);
/* Once a second: the cumulative numbers; synced. */
int hs_record_second(struct hs_record *r, const struct hs_tally *t);
/* {"t":"end"} with the whole tally, then summary.json (written beside and
 * renamed). */
int hs_record_end(struct hs_record *r, const struct hs_tally *t,
		  const struct hs_judgement *j);

/* summary.json as the README documents it; the caller owns it. */
struct json_object *hs_summary_to_json(const struct hs_run_info *info,
				       const struct hs_tally *t,
				       const struct hs_judgement *j);

/* Writes DIR/summary.json beside and renames it. */
int hs_summary_write(const char *dir, const struct hs_run_info *info,
		     const struct hs_tally *t, const struct hs_judgement *j);

/*
 * Reads DIR/run.jsonl back: @info (seed, kernel, cpus, scenario name and
 * expectations) and @t as far as the record goes. A torn last line is passed
 * over. -ENODATA when there is no first line, -EBADMSG at a line that is no
 * JSON (not the last), -EPROTO for another schema; then too @info and
 * @t hold what was read until there. A violation counts even when no later line
 * carries it in its numbers. @info's argv is not filled.
 */
int hs_record_load(const char *dir, struct hs_run_info *info, struct hs_tally *t);

#endif
