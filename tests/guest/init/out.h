/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command leaves in /out, on its way to the launcher. */
#ifndef GUEST_OUT_H
#define GUEST_OUT_H

#include <stdbool.h>

/* An inotify descriptor that becomes readable when the record may have grown. */
int record_watch(void);

/*
 * The record appears some time after the command began. Returns true when there
 * may be more of it already.
 */
bool record_pump(void);

/* Sends a tar of /out; returns tar's status. Beats meanwhile. */
int out_send(void);

#endif
