// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak hog FD CPU MS: the child that the antagonist fifo-hog lets spin. */
#include <sched.h>

#include "command.h"
#include "hog.h"
#include "parse.h"

#define MOST_MS 3600000

static int hog_main(int argc, char **argv)
{
	uint64_t fd, cpu, most_ms;

	if (argc != 4 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[2], 0, CPU_SETSIZE - 1, &cpu) < 0 ||
	    hs_parse_u64(argv[3], 1, MOST_MS, &most_ms) < 0) {
		hs_command_error(&hs_cmd_hog, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	return hs_hog_work((int)fd, (int)cpu, most_ms) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_hog = {
	.name = "hog",
	.args = "FD CPU MS",
	.summary = "keep a CPU from everybody else for a soak",
	.hidden = true,
	.main = hog_main,
};
