// SPDX-License-Identifier: GPL-2.0-only
/* Where a function of the kernel is, and how long. */
#include <linux/err.h>
#include <linux/kallsyms.h>

#include "hotsoak.h"

static int hs_never_called(struct kprobe *kp, struct pt_regs *regs)
{
	return 0;
}

/*
 * kallsyms_lookup_name() is not exported: a kprobe finds the address for us. One that is
 * never armed: it patches nothing, and nothing has to be disarmed, for which the kernel
 * may want memory that it does not get, and then it keeps the kprobe.
 */
void *hs_symbol(const char *name)
{
	struct kprobe kp = {
		.symbol_name = name, .pre_handler = hs_never_called,
		.flags = KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&kp);

	if (err)
		return ERR_PTR(err);
	unregister_kprobe(&kp);
	return kp.addr;
}

/* sprint_symbol() writes "name+0xoff/0xsize", and is the exported way to a size. */
size_t hs_symbol_size(const void *address)
{
	char text[KSYM_SYMBOL_LEN], *plus, *slash, *end;
	unsigned long offset, size;

	sprint_symbol(text, (unsigned long)address);
	plus = strrchr(text, '+');
	slash = strrchr(text, '/');
	if (!plus || !slash || slash < plus)
		return 0;
	*slash = '\0';
	end = strpbrk(slash + 1, " ");
	if (end)
		*end = '\0';
	if (kstrtoul(plus + 1, 0, &offset) || kstrtoul(slash + 1, 0, &size) || offset > size)
		return 0;
	return size - offset;
}
