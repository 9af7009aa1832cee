// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak operator FD [SYSROOT]: the child that writes to `state`. */
#include <sys/resource.h>

#include "command.h"
#include "operator.h"
#include "parse.h"

#define OPERATOR_NICE (-20)

static int operator_main(int argc, char **argv)
{
	uint64_t fd;

	if (argc < 2 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0) {
		hs_command_error(&hs_cmd_operator, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	/*
	 * With every CPU busy freeing, the offline would be preempted between its
	 * steps for longer than any free stays in flight across them. Best effort.
	 */
	setpriority(PRIO_PROCESS, 0, OPERATOR_NICE);
	return hs_operator_serve((int)fd, argc > 2 ? argv[2] : "") < 0 ? HS_EXIT_BROKEN :
									 HS_EXIT_PASS;
}

const struct hs_command hs_cmd_operator = {
	.name = "operator",
	.args = "FD [SYSROOT]",
	.summary = "write to the state of memory blocks for a soak",
	.hidden = true,
	.main = operator_main,
};
