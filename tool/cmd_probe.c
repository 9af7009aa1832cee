// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak probe FD NAME BLOCK: one bystander of a soak. */
#include <limits.h>

#include "command.h"
#include "parse.h"
#include "probe.h"

static int probe_main(int argc, char **argv)
{
	int kind = argc == 4 ? hs_probe_find(argv[2]) : -1;
	uint64_t fd, block;

	if (kind < 0 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[3], 0, ULONG_MAX, &block) < 0) {
		hs_command_error(&hs_cmd_probe, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	return hs_probe_work((int)fd, (enum hs_probe_kind)kind, (unsigned long)block) < 0 ?
		HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_probe = {
	.name = "probe",
	.args = "FD NAME BLOCK",
	.summary = "do what a machine does all the time, for a soak",
	.hidden = true,
	.main = probe_main,
};
