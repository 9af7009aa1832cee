// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a kprobe is really in the code of its function.
 *
 * /sys/kernel/debug/kprobes/enabled and, for those at a function's entry,
 * kernel.ftrace_enabled take kprobes out of the code and leave them registered: nobody
 * is told, and no handler is called. What was in the middle of being watched then looks
 * like a fault. The code itself tells.
 */
#include <linux/uaccess.h>

#include "hotsoak.h"

/* A breakpoint, a call or a jump: what the kernel patches in, for whomever. */
static bool hs_patch_is_one(u8 byte)
{
	return byte == 0xcc || byte == 0xe8 || byte == 0xe9;
}

/* Of one that is registered. Where others patch the same place it cannot be told. */
bool hs_patch_is_missing(const struct kprobe *kp)
{
	u8 byte;

	if (!kp->addr || copy_from_kernel_nofault(&byte, (const void *)kp->addr, sizeof(byte)))
		return false;
	if (kp->flags & KPROBE_FLAG_FTRACE)
		return !hs_patch_is_one(byte);
	return byte == kp->opcode && !hs_patch_is_one(byte);
}
