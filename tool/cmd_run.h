/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two files of the command run share. */
#ifndef HS_CMD_RUN_H
#define HS_CMD_RUN_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "blockset.h"
#include "command.h"
#include "control.h"
#include "memblk.h"
#include "record.h"
#include "session.h"
#include "soak.h"
#include "target.h"

#define HS_RUN_MAX_ALLOWED 8

enum {
	O_DURATION, O_CYCLES, O_BLOCKS, O_NODE, O_ZONE, O_POLICY, O_SEED, O_LIMIT, O_GRACE,
	O_RECORD, O_RECORD_CYCLES, O_RECORD_LIMIT, O_INVARIANTS, O_CONTROL, O_ALLOW,
	O_NO_FREERS, O_NO_WITNESS, O_WIDEN, O_ANTAGONIST, O_DRY_RUN, O_STOP, O_REPLAY,
	O_QUIET, O_JSON, O_SYSROOT, NR_OPTIONS
};

struct run {
	const char *value[NR_OPTIONS];	/* "" for a flag that was given */
	const char *allowed[HS_RUN_MAX_ALLOWED];
	unsigned int nr_allowed;

	struct hs_run_info info;
	const struct hs_control_desc *control;
	struct hs_memblk_list blocks;
	struct hs_blockset set;
	struct hs_target target;
	struct hs_session session;
	struct hs_record *record;
	struct hs_judgement judgement;
	sd_event *event;
	struct hs_soak *soak;
	bool guest;
	bool terminal;
	bool line_open;			/* an unfinished progress line is on the terminal */
	unsigned int seconds;
};

extern const struct hs_option hs_run_options[];

/* For hs_command_parse(); @ctx is the struct run. */
int hs_run_option_set(const struct hs_option *o, const char *arg, void *ctx);

/* The scenario @name with all that the options say otherwise. On a negative
 * errno the user has been told. */
int hs_run_configure(struct run *run, const char *name);

/* --NAME of a number that is not one, or too large: told, -EINVAL. */
int hs_run_take_number(const struct run *run, int option, uint64_t max, uint64_t *value);
int hs_run_bad_value(int option, const char *expected);

#define fail(...) hs_command_error(&hs_cmd_run, __VA_ARGS__)

#endif
