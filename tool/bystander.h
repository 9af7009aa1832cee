/* SPDX-License-Identifier: GPL-2.0-only */
/* Bystanders: who else acts on memory blocks, under any root; only looks. */
#ifndef HS_BYSTANDER_H
#define HS_BYSTANDER_H

#include <stddef.h>

/*
 * Names all into @text, "virtio-mem, udev rule 40-vm-hotadd.rules"; "" when there
 * is none. What does not fit ends in "…". Their number.
 */
unsigned int hs_bystander_list(const char *sysroot, char *text, size_t text_bytes);

#endif
