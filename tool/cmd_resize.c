// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak resize FD FILE FILE ROOT SEED PAGES BLOCK: who resizes the hugetlb pool meanwhile. */
#include "command.h"
#include "hugetlb.h"
#include "parse.h"

static int resize_main(int argc, char **argv)
{
	struct hs_hugetlb_resize c;
	uint64_t fd;

	if (argc != 8 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0 ||
	    hs_parse_u64(argv[5], 0, UINT64_MAX, &c.seed) < 0 ||
	    hs_parse_u64(argv[6], 1, UINT64_MAX, &c.pages) < 0 ||
	    hs_parse_u64(argv[7], 0, UINT64_MAX, &c.block_bytes) < 0) {
		hs_command_error(&hs_cmd_resize, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	c.path = argv[2];
	c.all = argv[3];
	c.sysroot = argv[4];
	return hs_hugetlb_resize_work((int)fd, &c) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_resize = {
	.name = "resize",
	.args = "FD FILE FILE ROOT SEED PAGES BLOCK",
	.summary = "resize the hugetlb pool for a soak",
	.hidden = true,
	.main = resize_main,
};
