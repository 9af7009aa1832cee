// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often the LRU caches are disabled: lru_disable_count, which is at 0 while nothing
 * of the kernel needs them empty, and which offline_pages() raises and lowers since Linux
 * commit d479960e44f2 ("mm: disable LRU pagevec during the migration temporarily", v5.13).
 *
 * It is data and not exported, and a kprobe finds functions only. lru_cache_disable() adds
 * to it, so its address is in the code of that one, relative to the next instruction; and
 * what the kernel itself calls an address tells whether it is the right one. Nothing that
 * is not exported is called for it.
 *
 * The control lru-undrained takes the place of lru_cache_disable() for our offlines: it
 * raises the count, which lru_cache_enable() lowers, and drains no CPU. A page that was
 * faulted in before stays in that CPU's batch, on no LRU list and with one reference more,
 * until the CPU adds another.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/uaccess.h>

#include "hotsoak.h"

static atomic_t *hs_lru_count;

atomic_t *hs_lru_disable_count(void)
{
	return hs_lru_count;
}

static bool hs_lru_is_count(const void *address)
{
	static const char is[] = "lru_disable_count+0x0/";
	char text[KSYM_SYMBOL_LEN];

	sprint_symbol(text, (unsigned long)address);
	return !strncmp(text, is, sizeof(is) - 1);
}

int hs_lru_init(void)
{
	u8 *p = hs_symbol("lru_cache_disable");
	size_t left;
	s32 relative;

	if (IS_ERR(p))
		return PTR_ERR(p) == -ENOMEM ? -ENOMEM : 0;
	for (left = hs_symbol_size(p); left >= sizeof(relative); p++, left--) {
		u8 *address;

		if (copy_from_kernel_nofault(&relative, p, sizeof(relative)))
			break;
		address = p + sizeof(relative) + relative;
		if (IS_ALIGNED((unsigned long)address, sizeof(*hs_lru_count)) &&
		    hs_lru_is_count(address)) {
			hs_lru_count = (atomic_t *)address;
			break;
		}
	}
	return 0;
}

/* ---- the control lru-undrained ------------------------------------------------------ */

/* In the place of lru_cache_disable(), and returns to its caller. */
static noinline void hs_lru_count_alone(void)
{
	atomic_inc(hs_lru_count);
	hs_count(HS_C_CONTROL_PLANTED);
}

static int hs_lru_undrained(struct kprobe *kp, struct pt_regs *regs)
{
	struct hs_window *w = hs_window_any() ? hs_window_of(current) : NULL;

	if (READ_ONCE(hs_armed.control) != HOTSOAK_CONTROL_LRU_UNDRAINED || !w || w->poison)
		return 0;
	instruction_pointer_set(regs, (unsigned long)hs_lru_count_alone);
	return 1;
}

/* A kprobe that is made a jump of cannot redirect; one with this handler is none. */
static void hs_lru_not_optimized(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe hs_lru_kprobe;
static bool hs_lru_redirects;

int hs_lru_undrained_start(void)
{
	int err;

	if (hs_lru_redirects)
		return 0;
	hs_lru_kprobe = (struct kprobe) {
		.symbol_name = "lru_cache_disable",
		.pre_handler = hs_lru_undrained,
		.post_handler = hs_lru_not_optimized,
	};
	err = register_kprobe(&hs_lru_kprobe);
	hs_lru_redirects = !err;
	return !err || err == -ENOMEM ? err : -EOPNOTSUPP;
}

/* Who was redirected has an open window: see hs_retire(). */
void hs_lru_undrained_stop(void)
{
	if (hs_lru_redirects)
		unregister_kprobe(&hs_lru_kprobe);
	hs_lru_redirects = false;
}
