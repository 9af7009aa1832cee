// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an offliner does to its window, from its own calls.
 *
 * offline_pages() claims a slot on entry and gives it back on return; in between
 * the same task disables the pcplists, isolates, undoes or takes the pages, and
 * enables the pcplists, and each of these moves its window on. Where nobody disables
 * pcplists, or it cannot be watched, the window lasts from the beginning of the
 * isolation to its end: it must not see the zone's last block go. Isolation and
 * undo are also called by alloc_contig_range() and, through it, by our own burst
 * fill: those tasks own no window, or not that range.
 *
 * get_hwpoison_page() disables pcplists too, without a range and without
 * mem_hotplug_lock: a poison window, for pairing only. So do contig_race.c, of which the
 * range is none of this file's, and the control lock-order: theirs are poison windows, too.
 */
#include <linux/ktime.h>

#include "hotsoak.h"

static atomic64_t hs_window_number;
static bool hs_pairing_synced;	/* a disable was seen: enables pair from here on */

void hs_window_reset(void)
{
	atomic64_set(&hs_window_number, 0);
	WRITE_ONCE(hs_pairing_synced, false);
}

static void hs_window_unpaired(struct hs_window *w, u64 value, u64 expected, pid_t other)
{
	hs_invariant_violated(&(struct hs_sighting) {
		.invariant = HOTSOAK_INV_PAIRING, .window = w, .seen_cpu = -1,
		.value = value, .expected = expected, .other_pid = other,
	});
}

/* ---- offline_pages() ---------------------------------------------------------- */

int hs_window_offline_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct hs_window *w;

	if (!READ_ONCE(hs_armed.on))
		return 1;
	w = hs_window_claim(current);
	if (!w)
		return 1;
	w->start_pfn = regs_get_kernel_argument(regs, 0);
	w->end_pfn = w->start_pfn + regs_get_kernel_argument(regs, 1);
	hs_count(HS_C_OFFLINES);
	return 0;
}

static void hs_window_open(struct hs_window *w, struct zone *zone)
{
	w->zone = zone;
	w->open_ns = ktime_get_ns();
	w->number = w->poison ? 0 : atomic64_inc_return(&hs_window_number);
	/* The fields above before the state; pairs with hs_window_pin(). */
	smp_store_release(&w->state, HS_WINDOW_OPEN);
}

/* Nobody looks any more once it returns. */
static void hs_window_close(struct hs_window *w)
{
	if (!w->end_ns)
		w->end_ns = ktime_get_ns();
	WRITE_ONCE(w->state, HS_WINDOW_CLOSED);
	hs_window_quiesce(w);
}

static void hs_window_finish(struct hs_window *w)
{
	hs_count(HS_C_WINDOWS);
	hs_count_add(HS_C_WINDOW_NS, w->end_ns - w->open_ns);
	if (w->isolated_ns) {
		hs_count(HS_C_WINDOWS_ISOLATED);
		/* The hooks watched the strict part from end to end. */
		hs_invariant_checked(HOTSOAK_INV_NO_REALLOC);
		hs_invariant_checked(HOTSOAK_INV_ISOLATION_LIFTED);
	}
	if (atomic_read(&w->strays))
		hs_count(HS_C_WINDOWS_STRAY);
	if (atomic_read(&w->e1))
		hs_count(HS_C_WINDOWS_E1);
	if (atomic_read(&w->e2))
		hs_count(HS_C_WINDOWS_E2);
	hs_report_window(w);
}

int hs_window_offline_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct hs_window *w = hs_window_of(current);
	int ret = regs_return_value(regs);

	if (!w)
		return 0;
	if (w->by_isolation && hs_window_is_open(w))
		hs_window_close(w);	/* could not isolate */
	hs_notifier_ended(w);
	switch (w->state) {
	case HS_WINDOW_ENTERED:
		/* Holes and ranges across zones are refused with EINVAL before
		 * the pcplists are disabled; nothing else returns that early. */
		if (ret == -EINVAL)
			hs_count(HS_C_OFFLINES_EARLY);
		else
			hs_count(HS_C_WINDOWS_MISSED);
		break;
	case HS_WINDOW_CLOSED:
		hs_window_finish(w);
		break;
	default:
		hs_window_unpaired(w, 0, 1, 0);	/* back with no enable seen */
		w->end_ns = ktime_get_ns();
		hs_window_finish(w);
	}
	hs_window_release(w);
	return 0;
}

/* ---- zone_pcp_disable(), zone_pcp_enable() -------------------------------------- */

int hs_window_disable_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(struct zone **)ri->data = (struct zone *)regs_get_kernel_argument(regs, 0);
	return 0;
}

/* Feeds one "disabled" into the windows; the control `unpaired` feeds another. */
static void hs_window_disabled(struct hs_window *w, struct zone *zone)
{
	struct hs_window *other;

	hs_invariant_checked(HOTSOAK_INV_PAIRING);
	if (hs_window_is_open(w)) {
		hs_window_unpaired(w, 2, 1, 0);
		return;
	}
	for_each_window(other)
		if (other != w && hs_window_is_open(other) && other->zone == zone)
			hs_window_unpaired(other, 2, 1, task_pid_nr(current));
	WRITE_ONCE(hs_pairing_synced, true);
	hs_window_open(w, zone);
}

int hs_window_disable_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct zone *zone = *(struct zone **)ri->data;
	struct hs_window *w = hs_window_of(current);

	if (hs_hook_error(HOTSOAK_HOOK_PCP_ENABLE))
		return 0;	/* with no end: see hs_window_opens_by_isolation() */
	if (!w) {
		if (!READ_ONCE(hs_armed.on))
			return 0;
		w = hs_window_claim(current);
		if (!w)
			return 0;
		w->poison = true;
		hs_count(HS_C_WINDOWS_POISON);
	}
	hs_window_disabled(w, zone);
	if (w->poison)
		return 0;
	if (READ_ONCE(hs_armed.control) == HOTSOAK_CONTROL_UNPAIRED) {
		hs_count(HS_C_CONTROL_PLANTED);
		hs_window_disabled(w, zone);
	}
	hs_control_disabled(w);
	hs_burst_window_open(w);
	hs_sampler_kick();
	return 0;
}

int hs_window_enable(struct kprobe *kp, struct pt_regs *regs)
{
	struct zone *zone = (struct zone *)regs_get_kernel_argument(regs, 0);
	struct hs_window *w = hs_window_of(current), *other;

	hs_invariant_checked(HOTSOAK_INV_PAIRING);
	for_each_window(other)
		if (other != w && hs_window_is_open(other) && other->zone == zone)
			hs_window_unpaired(other, 0, 1, task_pid_nr(current));
	if (!w || !hs_window_is_open(w) || w->zone != zone) {
		/* Disabled before we were armed, unless we have been in step. */
		if (w && READ_ONCE(hs_pairing_synced))
			hs_window_unpaired(w, 0, 1, 0);
		return 0;
	}
	hs_window_close(w);
	if (w->poison)
		hs_window_release(w);
	return 0;
}

/* ---- isolation -------------------------------------------------------------------- */

/* When both hooks are in place a disable is either there or missed. */
static bool hs_window_opens_by_isolation(const struct hs_window *w)
{
	return w->state == HS_WINDOW_ENTERED && (hs_hook_error(HOTSOAK_HOOK_PCP_DISABLE) ||
						 hs_hook_error(HOTSOAK_HOOK_PCP_ENABLE));
}

int hs_window_isolate_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	unsigned long *range = (unsigned long *)ri->data;
	struct hs_window *w;

	if (!hs_window_any())
		return 1;
	w = hs_window_of(current);
	if (!w || (w->state != HS_WINDOW_OPEN && !hs_window_opens_by_isolation(w)))
		return 1;
	range[0] = regs_get_kernel_argument(regs, 0);
	range[1] = regs_get_kernel_argument(regs, 1);
	if (range[0] != w->start_pfn || range[1] != w->end_pfn)
		return 1;
	if (w->state == HS_WINDOW_ENTERED) {
		w->by_isolation = true;
		hs_window_open(w, page_zone(pfn_to_page(w->start_pfn)));
		hs_burst_window_open(w);
		hs_sampler_kick();
	}
	w->isolating_ns = ktime_get_ns();
	WRITE_ONCE(w->isolating, true);
	hs_burst_meet(w);
	return 0;
}

int hs_window_isolate_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct hs_window *w = hs_window_of(current);

	if (!w || w->state != HS_WINDOW_OPEN)
		return 0;
	WRITE_ONCE(w->isolating, false);
	if (regs_return_value(regs))
		return 0;
	w->isolated_ns = ktime_get_ns();
	WRITE_ONCE(w->strays_count,
		   READ_ONCE(hs_armed.control) != HOTSOAK_CONTROL_LATE_DRAIN);
	smp_store_release(&w->state, HS_WINDOW_STRICT);
	return 0;
}

static void hs_window_end(struct hs_window *w, enum hotsoak_window_end end)
{
	w->end_ns = ktime_get_ns();
	w->end = end;
	/*
	 * Before the kernel acts: whoever holds zone->lock and still sees STRICT
	 * is inside the window, since undoing needs that lock.
	 */
	WRITE_ONCE(w->state, HS_WINDOW_ENDED);
	if (w->by_isolation)
		hs_window_close(w);
}

int hs_window_undo(struct kprobe *kp, struct pt_regs *regs)
{
	unsigned long start = regs_get_kernel_argument(regs, 0);
	unsigned long end = regs_get_kernel_argument(regs, 1);
	struct hs_window *w;

	if (!hs_window_any())
		return 0;
	start = ALIGN_DOWN(start, pageblock_nr_pages);
	end = ALIGN(end, pageblock_nr_pages);
	for_each_window(w) {
		if (!hs_window_is_strict(w) || w->end_pfn <= start || w->start_pfn >= end)
			continue;
		if (w->task == current && w->start_pfn == start && w->end_pfn == end) {
			hs_window_end(w, HOTSOAK_END_UNDONE);
			continue;
		}
		hs_invariant_checked(HOTSOAK_INV_ISOLATION_LIFTED);
		hs_invariant_violated(&(struct hs_sighting) {
			.invariant = HOTSOAK_INV_ISOLATION_LIFTED, .window = w,
			.seen_cpu = -1, .pfn = max(start, w->start_pfn),
			.value = min(end, w->end_pfn) - max(start, w->start_pfn),
			.expected = 0, .other_pid = task_pid_nr(current),
		});
	}
	return 0;
}

int hs_window_offlined(struct kprobe *kp, struct pt_regs *regs)
{
	struct hs_window *w = hs_window_of(current);

	if (w && w->state == HS_WINDOW_STRICT)
		hs_window_end(w, HOTSOAK_END_OFFLINED);
	return 0;
}

/*
 * Runs in the offliner's own context just after the isolation, where sleeping is
 * allowed: one sure look at every CPU's pcplists for each window, then the
 * controls' chance. A CANCEL can come without a GOING and MEM_OFFLINE comes
 * after the pcplists are enabled again, so neither ends anything here.
 */
int hs_window_going_offline(struct notifier_block *nb, unsigned long action, void *arg)
{
	struct hs_window *w;

	if (action != MEM_GOING_OFFLINE)
		return NOTIFY_DONE;
	w = hs_window_of(current);
	if (!w || w->state != HS_WINDOW_STRICT)
		return NOTIFY_DONE;
	hs_control_isolated(w);
	hs_contig_isolated(w);
	hs_pcplist_look_all(w);
	return NOTIFY_OK;
}
