// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak reader FD ROOT: one child of the antagonist sysfs-readers. */
#include "command.h"
#include "parse.h"
#include "reader.h"

static int reader_main(int argc, char **argv)
{
	uint64_t fd;

	if (argc != 3 || hs_parse_u64(argv[1], 3, 1023, &fd) < 0) {
		hs_command_error(&hs_cmd_reader, "is started by hotsoak run, with a descriptor");
		return HS_EXIT_BROKEN;
	}
	return hs_reader_work((int)fd, argv[2]) < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_reader = {
	.name = "reader",
	.args = "FD ROOT",
	.summary = "read the files of memory blocks for a soak",
	.hidden = true,
	.main = reader_main,
};
