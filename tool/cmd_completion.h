/* SPDX-License-Identifier: GPL-2.0-only */
/* hotsoak completion: the tables as a function of bash, for tool/install/hotsoak.bash. */
#ifndef HS_CMD_COMPLETION_H
#define HS_CMD_COMPLETION_H

#include "command.h"

/* Of the commands that are not hidden in @commands, which ends with NULL. */
int hs_completion_main(const struct hs_command *const *commands, int argc, char **argv);

#endif
