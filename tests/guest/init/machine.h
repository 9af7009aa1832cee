/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a machine of what the kernel hands over. */
#ifndef GUEST_MACHINE_H
#define GUEST_MACHINE_H

void machine_mount(void);

/* Drivers, loopback, DIMMs, the disk. Gives up when there is no way on. */
void machine_prepare(void);

/*
 * In a guest of --systemd, becomes systemd, which starts this program again as
 * hotsoak-guest.service; returns in any other.
 */
void machine_become_systemd(void);

#endif
