// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak poison-page FD NODE BYTES PAGES huge|small: who has the page of the antagonists
 * poisoned-thp and hard-poison. */
#include <string.h>

#include "command.h"
#include "parse.h"
#include "poison_page.h"

static int poison_main(int argc, char **argv)
{
	struct hs_poison_config c = { .node = -1 };
	uint64_t fd, node;

	if (argc != 6 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[3], 0, UINT64_MAX / 2, &c.most_bytes) < 0 ||
	    hs_parse_u64(argv[4], 1, UINT64_MAX, &c.block_pages) < 0) {
		hs_command_error(&hs_cmd_poison, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	c.small = !strcmp(argv[5], "small");
	/* "any" and whatever else is no number: no preference. */
	if (!hs_parse_u64(argv[2], 0, 1023, &node))
		c.node = (int)node;
	return hs_poison_page_serve((int)fd, &c) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_poison = {
	.name = "poison-page",
	.args = "FD NODE|any BYTES PAGES huge|small",
	.summary = "have a page poisoned for a soak",
	.hidden = true,
	.main = poison_main,
};
