// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak stressors FD NODES DIRECTORY OPTIONS: who keeps one stress-ng for a soak. */
#include "command.h"
#include "parse.h"
#include "stress_ng.h"

static int stressors_main(int argc, char **argv)
{
	uint64_t fd;

	if (argc != 5 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0) {
		hs_command_error(&hs_cmd_stressors, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	return hs_stress_ng_keep((int)fd, argv[2], argv[3], argv[4]) < 0 ? HS_EXIT_BROKEN :
		HS_EXIT_PASS;
}

const struct hs_command hs_cmd_stressors = {
	.name = "stressors",
	.args = "FD NODES|any DIRECTORY OPTIONS",
	.summary = "keep a stress-ng for a soak",
	.hidden = true,
	.main = stressors_main,
};
