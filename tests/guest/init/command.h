/* SPDX-License-Identifier: GPL-2.0-only */
/* The command of the guest, from its start to its end. */
#ifndef GUEST_COMMAND_H
#define GUEST_COMMAND_H

/* Runs it and returns its status as a shell would. Beats meanwhile. */
int command_run(void);

#endif
