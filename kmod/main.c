// SPDX-License-Identifier: GPL-2.0-only
/* Init, exit, arming and disarming: the only file that knows every part. */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "hotsoak.h"
#include "version.h"

#define HS_SAMPLE_US_DEFAULT	50
#define HS_SAMPLE_US_MAX	1000000
#define HS_RETIRE_TIMEOUT	(10 * HZ)

/*
 * Hooks stay in place so long after a disarm, for the next arming to take over.
 * Each attaching and detaching patches code that every CPU runs; besides its cost,
 * emulators are known to lose such a patch now and then (QEMU 7.2, several vCPU
 * threads: a vCPU goes on executing the int3 of a patch that is long over).
 */
#define HS_LINGER		(10 * HZ)

/*
 * modprobe(8) passes every hotsoak.* word of the kernel command line as a
 * parameter, so this one must exist. What it says is not believed: anyone can
 * write guest=1 behind insmod, only who boots the kernel writes /proc/cmdline.
 */
static bool guest;
module_param(guest, bool, 0400);
MODULE_PARM_DESC(guest, "ignored; the kernel command line itself is read");

struct hs_arming hs_armed;

static bool hs_marked;			/* hotsoak.guest=1 on the command line */
/*
 * Hooks are attached by arm, retired by the worker. Both close and DISARM disarm,
 * and only one of them may send the worker off; an arming that comes before the
 * worker has begun calls it back.
 */
enum { HS_DETACHED, HS_ATTACHED, HS_RETIRING };
static int hs_attachment = HS_DETACHED;
static atomic64_t hs_random_state;
static DECLARE_COMPLETION(hs_retired);	/* done while no hook is in place */

/* The hooks without which an invariant cannot be vouched for. */
#define HOOK(name) BIT(HOTSOAK_HOOK_##name)
#define HS_DISABLE_HOOKS (HOOK(OFFLINE_PAGES) | HOOK(PCP_DISABLE) | HOOK(PCP_ENABLE))
#define HS_STRICT_HOOKS (HOOK(OFFLINE_PAGES) | HOOK(START_ISOLATE) | HOOK(UNDO_ISOLATE) | \
			 HOOK(OFFLINE_ISOLATED))

static const u32 hs_invariant_needs[HOTSOAK_NR_INVARIANTS] = {
	[HOTSOAK_INV_PCP_LIMITS] = HS_DISABLE_HOOKS,
	[HOTSOAK_INV_PCP_EMPTY] = HS_DISABLE_HOOKS,
	[HOTSOAK_INV_NO_STRAY] = HS_DISABLE_HOOKS | HS_STRICT_HOOKS,
	[HOTSOAK_INV_NO_REALLOC] = HS_STRICT_HOOKS | HOOK(ALLOC_ZONE_LOCKED) |
				   HOOK(ALLOC_EXTFRAG),
	[HOTSOAK_INV_ISOLATION_LIFTED] = HS_STRICT_HOOKS,
	[HOTSOAK_INV_PAIRING] = HS_DISABLE_HOOKS,
};

/*
 * Only disabled pcplists are empty, and stay so: where nobody disables them the others
 * are all that the kernel promises.
 */
static const u64 hs_invariants_of_disabling =
	BIT_ULL(HOTSOAK_INV_PCP_LIMITS) | BIT_ULL(HOTSOAK_INV_PCP_EMPTY) |
	BIT_ULL(HOTSOAK_INV_NO_STRAY) | BIT_ULL(HOTSOAK_INV_PAIRING);

u64 hs_invariants_promised(void)
{
	u64 all = BIT_ULL(HOTSOAK_NR_INVARIANTS) - 1;

	return HS_PCP_DISABLES ? all : all & ~hs_invariants_of_disabling;
}

u64 hs_invariants_usable(void)
{
	u64 usable = 0;
	int inv, hook;

	for (inv = 0; inv < HOTSOAK_NR_INVARIANTS; inv++) {
		bool ok = true;

		for (hook = 0; hook < HOTSOAK_NR_HOOKS; hook++)
			if (hs_invariant_needs[inv] & BIT(hook) && hs_hook_error(hook) < 0)
				ok = false;
		if (ok)
			usable |= BIT_ULL(inv);
	}
	return usable & hs_invariants_promised();
}

bool hs_is_guest(void)
{
	return hs_marked;
}

/* saved_command_line is not exported; /proc/cmdline is the same text. */
static int hs_read_guest_mark(void)
{
	static const char mark[] = "hotsoak.guest=1";
	struct file *file = filp_open("/proc/cmdline", O_RDONLY, 0);
	char *text, *word, *rest;
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))	/* without /proc there is no mark */
		return PTR_ERR(file) == -ENOENT ? 0 : PTR_ERR(file);
	text = kzalloc(PAGE_SIZE, GFP_KERNEL);
	n = text ? kernel_read(file, text, PAGE_SIZE - 1, &pos) : -ENOMEM;
	for (rest = text; n > 0 && (word = strsep(&rest, " \n")); )
		hs_marked |= !strcmp(word, mark);
	kfree(text);
	filp_close(file, NULL);
	return n < 0 ? n : 0;
}

u64 hs_random(void)
{
	return hs_mix(atomic64_add_return(HS_GOLDEN, &hs_random_state));
}

/* ---- disarming, in the order in which it is safe --------------------------- */

/*
 * Last step: hooks may go only when no window is open, and their removal takes
 * cpus_read_lock(), which an offline holds: never while we hold pages of its
 * range. Whoever closes the device does not wait for that, a worker does.
 */
static void hs_retire(struct work_struct *work)
{
	int i;

	/* Twice: what the last window has set off may open one of its own. */
	for (i = 0; i < 2; i++) {
		hs_control_settle();
		while (!hs_window_wait_idle(HZ))
			;
	}
	hs_control_undo();
	hs_lru_undrained_stop();
	hs_sampler_stop();
	hs_notifier_stop();
	hs_hook_detach_all();
	smp_store_release(&hs_attachment, HS_DETACHED);
	complete_all(&hs_retired);
}

static DECLARE_DELAYED_WORK(hs_retire_work, hs_retire);

void hs_disarm(void)
{
	/* 1. Controls, delays and checks, by flag. */
	WRITE_ONCE(hs_armed.control, HOTSOAK_CONTROL_NONE);
	WRITE_ONCE(hs_armed.contig, false);
	WRITE_ONCE(hs_armed.refuse, false);
	WRITE_ONCE(hs_armed.widen_max_ns, 0);
	WRITE_ONCE(hs_armed.invariants, 0);
	WRITE_ONCE(hs_armed.on, false);
	/* 2. Every page goes back: an offline may be waiting for one. */
	hs_release();
	hs_burst_stop();
	hs_contig_race_stop();
	hs_control_undo();
	/* 3. Open windows are waited out, 4. then the hooks go. */
	if (cmpxchg(&hs_attachment, HS_ATTACHED, HS_RETIRING) == HS_ATTACHED)
		queue_delayed_work(hs_unbound_wq, &hs_retire_work, HS_LINGER);
}

/* ---- arming ------------------------------------------------------------------ */

static int hs_arm_check(const struct hotsoak_arm *arm)
{
	if (arm->flags & ~(HOTSOAK_ARM_CONTIG | HOTSOAK_ARM_NOLOCK | HOTSOAK_ARM_REFUSE))
		return -EINVAL;
	if (arm->reserved[0] || arm->reserved[1])
		return -EINVAL;
	if (arm->invariants >> HOTSOAK_NR_INVARIANTS || arm->control >= HOTSOAK_NR_CONTROLS)
		return -EINVAL;
	if (arm->sample_us > HS_SAMPLE_US_MAX || arm->widen_max_ns > HOTSOAK_WIDEN_MAX_NS)
		return -EINVAL;
	if (arm->widen_max_ns && !arm->widen_one_in)
		return -EINVAL;
	return 0;
}

/* Hooks in place and no window open: those of the last arming, or new ones. */
static int hs_attach(void)
{
	long left;
	int err;

	if (cancel_delayed_work(&hs_retire_work)) {
		if (hs_window_wait_idle(HS_RETIRE_TIMEOUT)) {
			/* Listeners come behind the hook among them, old or new. */
			hs_notifier_stop();
			/* Kprobes may have been switched off, or on again, meanwhile. */
			err = hs_hook_attach_rest();
			if (err) {
				queue_delayed_work(hs_unbound_wq, &hs_retire_work, 0);
				return err;
			}
			hs_control_settle();
			hs_control_undo();
			smp_store_release(&hs_attachment, HS_ATTACHED);
			hs_hook_forget_missed();
			return 0;
		}
		queue_delayed_work(hs_unbound_wq, &hs_retire_work, 0);
		return -EBUSY;
	}
	left = wait_for_completion_interruptible_timeout(&hs_retired, HS_RETIRE_TIMEOUT);
	if (left <= 0)
		return left ? left : -EBUSY;
	reinit_completion(&hs_retired);
	err = hs_hook_attach_all();
	if (err) {
		complete_all(&hs_retired);
		return err;
	}
	hs_attachment = HS_ATTACHED;
	return 0;
}

int hs_arm(const struct hotsoak_arm *arm)
{
	hs_free_fn free = __free_pages;
	int err;

	err = hs_arm_check(arm);
	if (err)
		return err;
	if (hs_armed.on)
		return -EBUSY;
	if (arm->flags & HOTSOAK_ARM_CONTIG && !hs_is_guest())
		return -EPERM;
	if (arm->flags & HOTSOAK_ARM_NOLOCK) {
		free = hs_symbol("free_pages_nolock");
		if (IS_ERR(free))
			return PTR_ERR(free) == -ENOMEM ? -ENOMEM : -ENXIO;
	}
	err = hs_control_prepare(arm->control);
	if (err)
		return err;
	err = hs_attach();
	if (err)
		return err;
	hs_invariant_reset();
	hs_report_reset();
	hs_window_reset();
	hs_notifier_reset();
	atomic64_set(&hs_random_state, arm->seed);
	if (arm->invariants & ~hs_invariants_usable()) {
		err = -EOPNOTSUPP;
		goto err_disarm;
	}
	err = arm->flags & HOTSOAK_ARM_REFUSE ? hs_notifier_start() : 0;
	if (err)
		goto err_disarm;
	err = hs_control_start(arm->control);
	if (err)
		goto err_disarm;
	err = hs_sampler_start();
	if (err)
		goto err_disarm;
	err = hs_burst_start();
	if (err)
		goto err_disarm;
	hs_armed.sample_us = arm->sample_us ?: HS_SAMPLE_US_DEFAULT;
	hs_armed.widen_one_in = arm->widen_one_in;
	hs_armed.seed = arm->seed;
	hs_armed.since_ns = ktime_get_ns();
	hs_armed.free = free;
	hs_armed.controller = task_tgid_nr(current);
	WRITE_ONCE(hs_armed.widen_max_ns, arm->widen_max_ns);
	WRITE_ONCE(hs_armed.control, arm->control);
	WRITE_ONCE(hs_armed.contig, arm->flags & HOTSOAK_ARM_CONTIG);
	WRITE_ONCE(hs_armed.refuse, arm->flags & HOTSOAK_ARM_REFUSE);
	WRITE_ONCE(hs_armed.invariants, arm->invariants);
	WRITE_ONCE(hs_armed.on, true);
	return 0;

err_disarm:
	hs_disarm();
	return err;
}

/* ---- module -------------------------------------------------------------------- */

static int __init hs_init(void)
{
	int err;

	err = hs_read_guest_mark();
	if (err)
		return err;
	err = hs_lru_init();
	if (err)
		return err;
	hs_hook_init();
	hs_report_init();
	complete_all(&hs_retired);
	err = hs_chardev_register();
	if (err)
		hs_report_exit();
	return err;
}

static void __exit hs_exit(void)
{
	/* Nobody has the device open, or we would not be here. */
	hs_chardev_deregister();
	flush_delayed_work(&hs_retire_work);
	hs_report_exit();
}

module_init(hs_init);
module_exit(hs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Witness of per-CPU page lists during memory offlining");
MODULE_VERSION(HOTSOAK_VERSION);
