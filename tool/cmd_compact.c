// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak compact FD NODE: the child by which the antagonist compact compacts memory. */
#include "command.h"
#include "compact.h"
#include "parse.h"

static int compact_main(int argc, char **argv)
{
	uint64_t fd, number;
	int node = -1;

	if (argc != 3 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0) {
		hs_command_error(&hs_cmd_compact, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	/* "any" and whatever else is no number: no preference. */
	if (!hs_parse_u64(argv[2], 0, 1023, &number))
		node = (int)number;
	return hs_compact_work((int)fd, node) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_compact = {
	.name = "compact",
	.args = "FD NODE|any",
	.summary = "have memory compacted for a soak",
	.hidden = true,
	.main = compact_main,
};
