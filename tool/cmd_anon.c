// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak anon FD NODE SEED BYTES CORRUPT SIZE: one worker of anon-churn or hugetlb. */
#include <string.h>

#include "anon.h"
#include "command.h"
#include "parse.h"

static int anon_main(int argc, char **argv)
{
	struct hs_anon_config c = { .node = -1 };
	uint64_t fd, node, corrupt;

	if (argc != 7 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[3], 0, UINT64_MAX, &c.seed) < 0 ||
	    hs_parse_u64(argv[4], 0, UINT64_MAX, &c.bytes) < 0 ||
	    hs_parse_u64(argv[5], 0, 1, &corrupt) < 0 ||
	    (strcmp(argv[6], "small") && strcmp(argv[6], "huge"))) {
		hs_command_error(&hs_cmd_anon, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	/* "any" and whatever else is no number: no preference. */
	if (!hs_parse_u64(argv[2], 0, 1023, &node))
		c.node = (int)node;
	c.corrupt = corrupt;
	c.huge = !strcmp(argv[6], "huge");
	return hs_anon_work((int)fd, &c) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_anon = {
	.name = "anon",
	.args = "FD NODE|any SEED BYTES 0|1 small|huge",
	.summary = "churn anonymous memory for a soak",
	.hidden = true,
	.main = anon_main,
};
