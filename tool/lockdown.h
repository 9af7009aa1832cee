/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the kernel is locked down, see kernel_lockdown(7): then no unsigned module. */
#ifndef HS_LOCKDOWN_H
#define HS_LOCKDOWN_H

#include <stdbool.h>
#include <stddef.h>

/* "integrity" or "confidentiality" in @level; false: not locked down, or not known. */
bool hs_lockdown_get(const char *sysroot, char *level, size_t level_bytes);

/* What to do about it, for a line that says so. */
#define HS_LOCKDOWN_CURE \
	"sign it with a key that the kernel trusts, or load it before, or boot without lockdown="

#endif
