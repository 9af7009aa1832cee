// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches the witness to the kernel: kprobes, kretprobes, ftrace and tracepoints,
 * each found by name and each optional.
 *
 * Only functions that are global, or that every supported kernel keeps out of
 * line, are named here: scan_movable_pages(), has_unmovable_pages(),
 * set_migratetype_isolate() and do_migrate_range() are inlined or renamed by
 * one compiler or another.
 *
 * Attaching and detaching take cpus_read_lock(), which mem_hotplug_begin() holds
 * for the whole of an offline: never do either while holding pages of a range.
 */
#include <linux/ftrace.h>
#include <linux/memory.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>

#include "hotsoak.h"

/* Every task that waits for pcp_batch_high_lock inside zone_pcp_disable() keeps one. */
#define HS_MAXACTIVE		256

enum hs_hook_kind {
	HS_KPROBE, HS_KRETPROBE, HS_FTRACE, HS_TRACEPOINT, HS_TRYLOCK, HS_NOTIFIER
};

struct hs_hook {
	enum hs_hook_kind kind;
	const char *symbol;
	const char *later;	/* what newer kernels call it; NULL: the same */
	const char *name;	/* for INFO, where the symbol is a tracepoint's too */
	u32 flags;		/* HOTSOAK_HOOK_*, for INFO */
	kprobe_pre_handler_t pre;
	kretprobe_handler_t enter, ret;
	size_t data_bytes;
	void *trace;		/* probe function of a tracepoint */

	int error;		/* 1: never tried */
	struct kprobe kp;
	struct kretprobe rp;
	bool lost;		/* attached, and not in the code any more */
	struct tracepoint *tp;
	struct ftrace_ops *ops;	/* of HS_FTRACE and HS_TRYLOCK */
	unsigned long ip;	/* … what is watched */
};

static struct ftrace_ops hs_commit_ops, hs_trylock_ops;

static struct hs_hook hs_hooks[HOTSOAK_NR_HOOKS] = {
	[HOTSOAK_HOOK_OFFLINE_PAGES] = {
		.kind = HS_KRETPROBE, .symbol = "offline_pages",
		.enter = hs_window_offline_enter, .ret = hs_window_offline_return,
	},
	[HOTSOAK_HOOK_PCP_DISABLE] = {
		.kind = HS_KRETPROBE, .symbol = "zone_pcp_disable",
		.enter = hs_window_disable_enter, .ret = hs_window_disable_return,
		.data_bytes = sizeof(struct zone *),
	},
	[HOTSOAK_HOOK_PCP_ENABLE] = {
		.kind = HS_KPROBE, .symbol = "zone_pcp_enable", .pre = hs_window_enable,
	},
	[HOTSOAK_HOOK_START_ISOLATE] = {
		.kind = HS_KRETPROBE, .symbol = "start_isolate_page_range",
		.enter = hs_window_isolate_enter, .ret = hs_window_isolate_return,
		.data_bytes = 2 * sizeof(unsigned long),
	},
	[HOTSOAK_HOOK_UNDO_ISOLATE] = {
		.kind = HS_KPROBE, .symbol = "undo_isolate_page_range", .pre = hs_window_undo,
	},
	[HOTSOAK_HOOK_OFFLINE_ISOLATED] = {
		.kind = HS_KPROBE, .symbol = "__offline_isolated_pages",
		.pre = hs_window_offlined,
	},
	[HOTSOAK_HOOK_TEST_ISOLATED] = {
		.kind = HS_TRACEPOINT, .symbol = "test_pages_isolated",
		.trace = hs_exposure_final_test,
	},
	[HOTSOAK_HOOK_FREE_COMMIT] = {
		/*
		 * No kprobe: one that is hit by an interrupt below another's
		 * handler is skipped, and pages are freed from interrupts.
		 */
		.kind = HS_FTRACE, .symbol = "free_unref_page_commit", .ops = &hs_commit_ops,
		.later = "free_frozen_page_commit",	/* same first five arguments */
	},
	[HOTSOAK_HOOK_TRYLOCK] = {
		.kind = HS_TRYLOCK, .symbol = __stringify(hs_pcp_trylock_target),
		.flags = HOTSOAK_HOOK_AIM, .ops = &hs_trylock_ops,
	},
	[HOTSOAK_HOOK_PAGE_FREE] = {
		.kind = HS_TRACEPOINT, .symbol = "mm_page_free",
		.trace = hs_exposure_page_free,
	},
	[HOTSOAK_HOOK_ALLOC_ZONE_LOCKED] = {
		.kind = HS_TRACEPOINT, .symbol = "mm_page_alloc_zone_locked",
		.trace = hs_alloc_watch_zone_locked,
	},
	[HOTSOAK_HOOK_ALLOC_EXTFRAG] = {
		.kind = HS_TRACEPOINT, .symbol = "mm_page_alloc_extfrag",
		.trace = hs_alloc_watch_extfrag,
	},
	[HOTSOAK_HOOK_MEMORY_NOTIFIER] = {
		.kind = HS_NOTIFIER, .symbol = "memory_notifier",
	},
	[HOTSOAK_HOOK_FINAL_TEST] = {
		/* 5.10 returns before the tracepoint when a pageblock is not isolated. */
		.kind = HS_KPROBE, .symbol = "test_pages_isolated", .name = "final_test",
		.pre = hs_exposure_lap,
	},
	[HOTSOAK_HOOK_COMPACT_TAKEN] = {
		.kind = HS_TRACEPOINT, .symbol = "mm_compaction_isolate_freepages",
		.trace = hs_compact_taken,
	},
	[HOTSOAK_HOOK_COMPACT_SCAN] = {
		/* Static, and out of line in all kernels seen: it has four callers. */
		.kind = HS_KPROBE, .symbol = "isolate_freepages_block",
		.flags = HOTSOAK_HOOK_AIM, .pre = hs_compact_scan,
	},
};

/* ---- hooks that are left out ------------------------------------------------ */

/* Bits of enum hotsoak_hook: never attached, as if the kernel had none of that name. */
static u32 hs_hooks_without;

static const char *hs_hook_name(const struct hs_hook *h)
{
	return h->name ?: h->symbol;
}

static bool hs_is_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && !strncmp(word, text, len);
}

/* One that is left out is never looked up: the name by which it was is the kernel's. */
static bool hs_hook_leave_out(struct hs_hook *h, const char *name, size_t len)
{
	if (h->later && hs_is_word(h->later, name, len))
		h->symbol = h->later;
	return hs_is_word(hs_hook_name(h), name, len);
}

static int hs_without_set(const char *text, const struct kernel_param *kp)
{
	u32 without = 0;

	while (*text && *text != '\n') {
		size_t len = strcspn(text, ",\n");
		int i;

		for (i = 0; i < HOTSOAK_NR_HOOKS; i++)
			if (hs_hook_leave_out(&hs_hooks[i], text, len))
				break;
		if (i == HOTSOAK_NR_HOOKS) {
			pr_err("hotsoak: without=%.*s: no such hook\n", (int)len, text);
			return -EINVAL;
		}
		without |= BIT(i);
		text += len;
		text += *text == ',';
	}
	hs_hooks_without = without;
	return 0;
}

static int hs_without_get(char *text, const struct kernel_param *kp)
{
	int i, n = 0;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++)
		if (hs_hooks_without & BIT(i))
			n += scnprintf(text + n, PAGE_SIZE - n, "%s%s", n ? "," : "",
				       hs_hook_name(&hs_hooks[i]));
	return n + scnprintf(text + n, PAGE_SIZE - n, "\n");
}

static const struct kernel_param_ops hs_without_ops = {
	.set = hs_without_set, .get = hs_without_get,
};

module_param_cb(without, &hs_without_ops, NULL, 0400);
MODULE_PARM_DESC(without, "hooks to leave out, by name, separated by commas: what does each cost?");

/* ---- attaching ---------------------------------------------------------------- */

static void hs_commit_trampoline(unsigned long ip, unsigned long parent_ip,
				 struct ftrace_ops *ops, hs_ftrace_regs *fregs)
{
	hs_exposure_commit(hs_ftrace_args(fregs));
}

/* Permanent: refused while kernel.ftrace_enabled is 0, and that stays 1 for as long. */
static struct ftrace_ops hs_commit_ops = {
	.func = hs_commit_trampoline,
	.flags = HS_FTRACE_ARGS | FTRACE_OPS_FL_PERMANENT,
};

static void hs_trylock_trampoline(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, hs_ftrace_regs *fregs)
{
	if (hs_window_any() && hs_trylock_is_of_free(parent_ip))
		hs_exposure_trylock();
}

static struct ftrace_ops hs_trylock_ops = {
	.func = hs_trylock_trampoline,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

static struct notifier_block hs_memory_nb = { .notifier_call = hs_window_going_offline };

static int hs_ftrace_register(struct hs_hook *h, const void *address)
{
	int err;

	h->ip = (unsigned long)address;
	err = ftrace_set_filter_ip(h->ops, h->ip, 0, 1);
	if (err)
		return err;
	err = register_ftrace_function(h->ops);
	if (err)
		ftrace_set_filter_ip(h->ops, h->ip, 1, 0);
	return err;
}

/* The filter is memory of its own, and stays behind unless its last address is taken out. */
static void hs_ftrace_detach(struct hs_hook *h)
{
	unregister_ftrace_function(h->ops);
	ftrace_set_filter_ip(h->ops, h->ip, 1, 0);
}

static int hs_trylock_attach(struct hs_hook *h)
{
	const void *target = (const void *)hs_pcp_trylock_target;

	return hs_trylock_find(target) ?: hs_ftrace_register(h, target);
}

static void hs_tracepoint_match(struct tracepoint *tp, void *arg)
{
	struct hs_hook *h = arg;

	if (!strcmp(tp->name, h->symbol))
		h->tp = tp;
}

static int hs_ftrace_attach(struct hs_hook *h)
{
	void *address = hs_symbol(h->symbol);

	if (IS_ERR(address) && PTR_ERR(address) != -ENOMEM && h->later) {
		address = hs_symbol(h->later);
		if (!IS_ERR(address))
			h->symbol = h->later;
	}
	return IS_ERR(address) ? PTR_ERR(address) : hs_ftrace_register(h, address);
}

static int hs_hook_attach(struct hs_hook *h)
{
	switch (h->kind) {
	case HS_KPROBE:
		memset(&h->kp, 0, sizeof(h->kp));
		h->kp.symbol_name = h->symbol;
		h->kp.pre_handler = h->pre;
		return register_kprobe(&h->kp);
	case HS_KRETPROBE:
		memset(&h->rp, 0, sizeof(h->rp));
		h->rp.kp.symbol_name = h->symbol;
		h->rp.entry_handler = h->enter;
		h->rp.handler = h->ret;
		h->rp.data_size = h->data_bytes;
		h->rp.maxactive = HS_MAXACTIVE;
		return register_kretprobe(&h->rp);
	case HS_FTRACE:
		return hs_ftrace_attach(h);
	case HS_TRACEPOINT:
		h->tp = NULL;
		for_each_kernel_tracepoint(hs_tracepoint_match, h);
		return h->tp ? tracepoint_probe_register(h->tp, h->trace, NULL) : -ENOENT;
	case HS_TRYLOCK:
		return hs_trylock_attach(h);
	case HS_NOTIFIER:
		return register_memory_notifier(&hs_memory_nb);
	}
	return -EINVAL;
}

static void hs_hook_detach(struct hs_hook *h)
{
	if (h->error)
		return;
	switch (h->kind) {
	case HS_KPROBE:
		unregister_kprobe(&h->kp);
		break;
	case HS_KRETPROBE:
		unregister_kretprobe(&h->rp);
		break;
	case HS_FTRACE:
	case HS_TRYLOCK:
		hs_ftrace_detach(h);
		break;
	case HS_TRACEPOINT:
		tracepoint_probe_unregister(h->tp, h->trace, NULL);
		break;
	case HS_NOTIFIER:
		unregister_memory_notifier(&hs_memory_nb);
		break;
	}
	h->error = 1;
	h->lost = false;
}

/* The kprobe in it, NULL when it has none. */
static const struct kprobe *hs_hook_kprobe(const struct hs_hook *h)
{
	return h->kind == HS_KPROBE ? &h->kp : h->kind == HS_KRETPROBE ? &h->rp.kp : NULL;
}

static bool hs_hook_is_missing(const struct hs_hook *h)
{
	const struct kprobe *kp = hs_hook_kprobe(h);

	return kp && hs_patch_is_missing(kp);
}

/* Registered is not attached: kprobes may be switched off, all of them. */
static int hs_hook_attach_whole(struct hs_hook *h)
{
	h->lost = false;
	h->error = hs_hook_attach(h);
	if (h->error || !hs_hook_is_missing(h))
		return h->error;
	hs_hook_detach(h);
	return -ESHUTDOWN;
}

void hs_hook_detach_all(void)
{
	int i;

	for (i = HOTSOAK_NR_HOOKS - 1; i >= 0; i--)
		hs_hook_detach(&hs_hooks[i]);
	tracepoint_synchronize_unregister();
}

/*
 * Attaches what can be attached; what could not be says why in its error. Want of memory
 * is no property of the kernel: then none is attached.
 */
int hs_hook_attach_all(void)
{
	int i;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++) {
		hs_hooks[i].error = hs_hooks_without & BIT(i) ? -ECANCELED :
				    hs_hook_attach_whole(&hs_hooks[i]);
		if (hs_hooks[i].error != -ENOMEM)
			continue;
		hs_hooks[i].error = 1;
		hs_hook_detach_all();
		return -ENOMEM;
	}
	return 0;
}

/* All anew where what the last arming left is not whole, or something may be had now. */
int hs_hook_attach_rest(void)
{
	bool again = !hs_hook_are_whole();
	int i;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++)
		again |= hs_hooks[i].error == -ESHUTDOWN || hs_hooks[i].error == -EBUSY;
	if (!again)
		return 0;
	hs_hook_detach_all();
	return hs_hook_attach_all();
}

void hs_hook_init(void)
{
	int i;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++)
		hs_hooks[i].error = 1;
}

bool hs_hook_are_whole(void)
{
	bool whole = true;
	int i;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++) {
		struct hs_hook *h = &hs_hooks[i];

		if (!h->error && !READ_ONCE(h->lost) && hs_hook_is_missing(h))
			WRITE_ONCE(h->lost, true);
		whole &= !READ_ONCE(h->lost);
	}
	return whole;
}

int hs_hook_error(enum hotsoak_hook hook)
{
	return hs_hooks[hook].error;
}

static u64 hs_hook_nmissed(const struct hs_hook *h)
{
	if (h->error)
		return 0;
	switch (h->kind) {
	case HS_KPROBE:
		return h->kp.nmissed;
	case HS_KRETPROBE:
		return h->rp.kp.nmissed + h->rp.nmissed;
	default:
		return 0;
	}
}

/* Misses of an earlier arming are not this one's. */
void hs_hook_forget_missed(void)
{
	unsigned int i;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++) {
		hs_hooks[i].kp.nmissed = 0;
		hs_hooks[i].rp.kp.nmissed = 0;
		hs_hooks[i].rp.nmissed = 0;
	}
}

void hs_hook_info(struct hotsoak_hook_info *info)
{
	int i;

	for (i = 0; i < HOTSOAK_NR_HOOKS; i++) {
		memset(&info[i], 0, sizeof(info[i]));
		strscpy(info[i].name, hs_hook_name(&hs_hooks[i]), sizeof(info[i].name));
		info[i].error = hs_hooks[i].lost ? -ESHUTDOWN : hs_hooks[i].error;
		info[i].flags = hs_hooks[i].flags;
		info[i].nmissed = hs_hook_nmissed(&hs_hooks[i]);
	}
}
