/* SPDX-License-Identifier: GPL-2.0-only */
/* A run from its options to its verdict: what the commands run and daemon share. */
#ifndef HS_RUN_H
#define HS_RUN_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "blockset.h"
#include "command.h"
#include "control.h"
#include "memblk.h"
#include "record.h"
#include "service.h"
#include "session.h"
#include "soak.h"
#include "target.h"

#define HS_RUN_MAX_ALLOWED 8

enum {
	/* Only of a run in the foreground; see hs_run_options. */
	O_DRY_RUN, O_QUIET, O_JSON,
	O_START_FIRST,
	O_DURATION = O_START_FIRST, O_CYCLES, O_BLOCKS, O_NODE, O_ZONE, O_POLICY, O_SEED,
	O_LIMIT, O_GRACE, O_RECORD, O_RECORD_CYCLES, O_RECORD_LIMIT, O_INVARIANTS,
	O_CONTROL, O_ALLOW, O_NO_FREERS, O_NO_WITNESS, O_WIDEN, O_ANTAGONIST, O_STOP,
	O_REPLAY, O_SYSROOT, NR_OPTIONS
};

struct run {
	const char *value[NR_OPTIONS];	/* "" for a flag that was given */
	const char *allowed[HS_RUN_MAX_ALLOWED];
	unsigned int nr_allowed;

	struct hs_run_info info;
	const struct hs_control_desc *control;
	struct hs_memblk_list blocks;
	struct hs_blockset set;
	struct hs_blockset plugged;	/* by virtio-mem, when the scenario needs that */
	struct hs_target target;
	struct hs_session session;
	struct hs_record *record;
	sd_event *event;
	struct hs_soak *soak;
	struct hs_service *service;	/* the control socket of a foreground run */
	/* By hs_run_judge(). */
	struct hs_tally tally;
	struct hs_judgement judgement;
	char line[512];			/* the verdict's */
	bool guest;
	bool terminal;
	bool line_open;			/* an unfinished progress line is on the terminal */
	unsigned int seconds;
};

/* Those of hotsoak start are a part of it, from O_START_FIRST to the end. */
extern const struct hs_option hs_run_options[];

/* For hs_command_parse(); @ctx is the struct run. */
int hs_run_option_set(const struct hs_option *o, const char *arg, void *ctx);

/* The scenario @name with all that the options say otherwise. On a negative
 * errno the user has been told. */
int hs_run_configure(struct run *run, const char *name);

/*
 * All that is refused before the run touches anything: options, dangers, blocks. In
 * between it takes the machine's lock and puts back what a dead run has left, unless
 * it is a dry run. On a negative errno the user has been told.
 */
int hs_run_prepare(struct run *run, const char *name);

/*
 * The record, then the soak on @run->event, which starts: the first touch of the
 * machine. On a negative errno the user has been told; when @run->soak is there
 * then, its tally says why it could not run here: judge it.
 */
int hs_run_start(struct run *run, const struct hs_soak_callbacks *callbacks, void *ctx,
		 bool signals);

/* Fills tally, judgement and line from what was @seen, and ends the record. */
void hs_run_judge(struct run *run, const struct hs_tally *seen);

/* Accepts one that was never prepared. */
void hs_run_deinit(struct run *run);

/* What clients of the control socket are told of it. */
struct hs_service_run hs_run_served(const struct run *run);

/* --NAME of a number that is not one, or too large: told, -EINVAL. */
int hs_run_take_number(const struct run *run, int option, uint64_t max, uint64_t *value);
int hs_run_bad_value(int option, const char *expected);

#define fail(...) hs_command_error(&hs_cmd_run, __VA_ARGS__)

#endif
