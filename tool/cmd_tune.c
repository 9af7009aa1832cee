// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak tune FD NAME ROOT SEED: the child of the antagonist NAME, which is a tuner. */
#include "antagonist.h"
#include "command.h"
#include "lock.h"
#include "parse.h"
#include "tuner.h"

static int tune_main(int argc, char **argv)
{
	const struct hs_antagonist_desc *a = argc == 5 ? hs_antagonist_find(argv[2]) : NULL;
	uint64_t fd, seed;

	if (!a || !a->tuner || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[4], 0, UINT64_MAX, &seed) < 0) {
		hs_command_error(&hs_cmd_tune, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	/* A write that outlasts the run is waited for by who puts all back. */
	hs_lock_operator_hold(argv[3]);
	return hs_tuner_work((int)fd, a->tuner, argv[3], seed) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_tune = {
	.name = "tune",
	.args = "FD NAME ROOT SEED",
	.summary = "set something of the kernel's again and again for a soak",
	.hidden = true,
	.main = tune_main,
};
