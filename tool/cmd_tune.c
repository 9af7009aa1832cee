// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak tune FD NAME ROOT SEED FOUND [FILE...]: the child of the antagonist NAME, which is a
 * tuner. */
#include <stdio.h>

#include "antagonist.h"
#include "command.h"
#include "lock.h"
#include "parse.h"
#include "tuner.h"

static int tune_main(int argc, char **argv)
{
	const struct hs_antagonist_desc *a = argc > 2 ? hs_antagonist_find(argv[2]) : NULL;
	struct hs_tuner_plan plan = { .nr = 0 };
	uint64_t fd, seed;

	if (!a || !a->tuner || argc < (a->tuner->work ? 6 : 7) || argc > 6 + HS_TUNER_FILES ||
	    hs_parse_u64(argv[5], 0, UINT64_MAX, &plan.found) < 0 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[4], 0, UINT64_MAX, &seed) < 0) {
		hs_command_error(&hs_cmd_tune, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	/* A write that outlasts the run is waited for by who puts all back. */
	hs_lock_operator_hold(argv[3]);
	for (int i = 6; i < argc; i++)
		snprintf(plan.path[plan.nr++], sizeof(plan.path[0]), "%s", argv[i]);
	return hs_tuner_work((int)fd, a->tuner, &plan, argv[3], seed) < 0 ? HS_EXIT_BROKEN :
									    HS_EXIT_PASS;
}

const struct hs_command hs_cmd_tune = {
	.name = "tune",
	.args = "FD NAME ROOT SEED FOUND [FILE...]",
	.summary = "set something of the kernel's again and again for a soak",
	.hidden = true,
	.main = tune_main,
};
