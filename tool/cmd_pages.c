// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak pages FD KIND NODE SEED BYTES CORRUPT DIRECTORY: a worker of a freer. */
#include <string.h>

#include "command.h"
#include "pages.h"
#include "parse.h"

static int kind_find(const char *name, enum hs_pages_id *kind)
{
	for (int i = 0; i < HS_NR_PAGES; i++) {
		if (strcmp(hs_pages_names[i], name))
			continue;
		*kind = (enum hs_pages_id)i;
		return 0;
	}
	return -1;
}

static int pages_main(int argc, char **argv)
{
	struct hs_pages_config c = { .node = -1 };
	uint64_t fd, node, corrupt;

	if (argc != 8 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    kind_find(argv[2], &c.kind) < 0 ||
	    hs_parse_u64(argv[4], 0, UINT64_MAX, &c.seed) < 0 ||
	    hs_parse_u64(argv[5], 0, UINT64_MAX, &c.bytes) < 0 ||
	    hs_parse_u64(argv[6], 0, 1, &corrupt) < 0) {
		hs_command_error(&hs_cmd_pages, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	/* "any" and whatever else is no number: no preference. */
	if (!hs_parse_u64(argv[3], 0, 1023, &node))
		c.node = (int)node;
	c.corrupt = corrupt;
	c.directory = argv[7];
	return hs_pages_work((int)fd, &c) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_pages = {
	.name = "pages",
	.args = "FD KIND NODE|any SEED BYTES 0|1 DIRECTORY",
	.summary = "take and give back pages for a soak",
	.hidden = true,
	.main = pages_main,
};
