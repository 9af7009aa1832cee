// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: slots that their owners claim and give back, and those who look into them.
 */
#include <linux/delay.h>
#include <linux/ktime.h>

#include "hotsoak.h"

struct hs_window hs_windows[HS_MAX_WINDOWS];
atomic_t hs_windows_live __read_mostly = ATOMIC_INIT(0);
/*
 * Slots at this index and above have never been used, and every free inside of a window
 * looks at the others. Raised by the owner before its window opens.
 */
static unsigned int hs_windows_top __read_mostly;

#define HS_POISON_MAX_NS	(5 * NSEC_PER_SEC)

static DEFINE_RAW_SPINLOCK(hs_window_lock);	/* claiming and releasing slots */

/* ---- lookers --------------------------------------------------------------- */

/*
 * The owner spins for its lookers, in a handler: one that had lost its CPU to it would
 * never be done. Callers may be preempted: under PREEMPT_RT those that hold pcp->lock,
 * and tracepoints of Linux 7.2 ("tracing: Guard __DECLARE_TRACE() use of
 * __DO_TRACE_CALL() with SRCU-fast").
 *
 * The barrier pairs with that in hs_window_quiesce(): either the owner sees our
 * announcement and waits, or we see its new state and stay away.
 */
bool hs_window_pin(struct hs_window *w)
{
	preempt_disable_notrace();
	atomic_inc(&w->lookers);
	smp_mb__after_atomic();
	if (hs_window_is_open(w))
		return true;
	hs_window_put(w);
	return false;
}

struct hs_window *hs_window_get(unsigned long pfn)
{
	struct hs_window *w, *end = hs_windows + READ_ONCE(hs_windows_top);
	int state;

	for (w = hs_windows; w < end; w++) {
		state = READ_ONCE(w->state);
		if (state != HS_WINDOW_OPEN && state != HS_WINDOW_STRICT)
			continue;
		if (pfn < READ_ONCE(w->start_pfn) || pfn >= READ_ONCE(w->end_pfn))
			continue;
		if (!hs_window_pin(w))
			continue;
		if (pfn >= w->start_pfn && pfn < w->end_pfn && w->state != HS_WINDOW_ENDED)
			return w;
		hs_window_put(w);
	}
	return NULL;
}

void hs_window_put(struct hs_window *w)
{
	atomic_dec_return_release(&w->lookers);
	preempt_enable_notrace();
}

/* Their sections are short and cannot be preempted. */
void hs_window_quiesce(struct hs_window *w)
{
	smp_mb();	/* state before lookers; pairs with hs_window_pin() */
	while (atomic_read_acquire(&w->lookers))
		cpu_relax();
}

/* ---- slots ------------------------------------------------------------------ */

struct hs_window *hs_window_claim(struct task_struct *task)
{
	struct hs_window *w, *found = NULL;
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&hs_window_lock, flags);
	for_each_window(w) {
		if (w->state != HS_WINDOW_FREE)
			continue;
		w->task = task;
		w->poison = w->contig = w->by_isolation = w->isolating = w->strays_count = false;
		w->zone = NULL;
		w->start_pfn = w->end_pfn = 0;
		w->number = 0;		/* of none, until it opens as one of an offline */
		w->heard = 0;
		w->open_ns = w->isolating_ns = w->isolated_ns = w->end_ns = 0;
		w->end = HOTSOAK_END_NOT_ISOLATED;
		atomic_set(&w->e1, 0);
		atomic_set(&w->e2, 0);
		atomic_set(&w->e3, 0);
		atomic_set(&w->trylock_failed, 0);
		atomic_set(&w->samples, 0);
		atomic_set(&w->strays, 0);
		atomic_set(&w->in_flight, 0);
		for (i = 0; i < HOTSOAK_NR_INVARIANTS; i++)
			atomic_set(&w->reported[i], 0);
		if (w - hs_windows >= hs_windows_top)
			WRITE_ONCE(hs_windows_top, w - hs_windows + 1);
		WRITE_ONCE(w->state, HS_WINDOW_ENTERED);
		atomic_inc(&hs_windows_live);
		found = w;
		break;
	}
	raw_spin_unlock_irqrestore(&hs_window_lock, flags);
	if (!found)
		hs_doubt("more than 16 windows at once");
	return found;
}

void hs_window_release(struct hs_window *w)
{
	unsigned long flags;

	WRITE_ONCE(w->state, HS_WINDOW_CLOSED);
	hs_window_quiesce(w);
	raw_spin_lock_irqsave(&hs_window_lock, flags);
	w->task = NULL;
	WRITE_ONCE(w->state, HS_WINDOW_FREE);
	raw_spin_unlock_irqrestore(&hs_window_lock, flags);
	atomic_dec(&hs_windows_live);
}

/*
 * exposure.c and widen.c look at its frees as at those of an offline. With no task and no
 * zone no call is taken for its owner's, and it never becomes strict: nothing is promised
 * of its range.
 */
struct hs_window *hs_window_contig_open(unsigned long start_pfn, unsigned long end_pfn)
{
	struct hs_window *w = hs_window_claim(NULL);

	if (!w)
		return NULL;
	w->contig = w->isolating = true;
	w->start_pfn = start_pfn;
	w->end_pfn = end_pfn;
	/* The fields above before the state; pairs with hs_window_pin(). */
	smp_store_release(&w->state, HS_WINDOW_OPEN);
	return w;
}

void hs_window_contig_close(struct hs_window *w)
{
	hs_window_release(w);
}

struct hs_window *hs_window_of(const struct task_struct *task)
{
	struct hs_window *w;

	for_each_window(w)
		if (READ_ONCE(w->task) == task && READ_ONCE(w->state) != HS_WINDOW_FREE)
			return w;
	return NULL;
}

/*
 * A poison window whose end no hook has seen: kprobes were switched off one after the
 * other, and one that enables pcplists before one that disables them. Disarmed, nobody
 * asks for it any more, and no get_hwpoison_page() takes so long.
 */
static void hs_window_forget_poison(void)
{
	struct hs_window *w;
	unsigned long flags;

	raw_spin_lock_irqsave(&hs_window_lock, flags);
	for_each_window(w) {
		if (w->state != HS_WINDOW_OPEN || !w->poison ||
		    ktime_get_ns() - w->open_ns < HS_POISON_MAX_NS)
			continue;
		w->task = NULL;
		WRITE_ONCE(w->state, HS_WINDOW_FREE);
		atomic_dec(&hs_windows_live);
	}
	raw_spin_unlock_irqrestore(&hs_window_lock, flags);
}

bool hs_window_wait_idle(unsigned long timeout_jiffies)
{
	unsigned long until = jiffies + timeout_jiffies;

	/* Polled: a wake-up from the return handler would outlive the hook. */
	while (hs_window_any()) {
		if (time_after(jiffies, until)) {
			hs_window_forget_poison();
			return !hs_window_any();
		}
		msleep(1);
	}
	return true;
}
