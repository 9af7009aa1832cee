// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every word that leaves the module: event records for read(2), and a panic when
 * panic_on_violation asks for one.
 *
 * Records are made in hook handlers, some under zone->lock, so they go into
 * rings under a raw spinlock and the reader is woken from an irq_work.
 */
#include <linux/irq_work.h>
#include <linux/kfifo.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "hotsoak.h"

/* One fault can be seen thousands of times in a window: send the first few. */
#define HS_REPORTS_PER_WINDOW 16

static bool panic_on_violation;
module_param(panic_on_violation, bool, 0600);
MODULE_PARM_DESC(panic_on_violation, "panic at the first violation, for a crash dump");

static DEFINE_RAW_SPINLOCK(hs_ring_lock);
static DEFINE_KFIFO(hs_ring_violations, struct hotsoak_event, 512);
static DEFINE_KFIFO(hs_ring_windows, struct hotsoak_event, 1024);
static u32 hs_event_seq;

static DEFINE_MUTEX(hs_reader_mutex);
static DECLARE_WAIT_QUEUE_HEAD(hs_report_wait);
static struct irq_work hs_report_work;

static void hs_report_wake(struct irq_work *work)
{
	wake_up_interruptible(&hs_report_wait);
}

static void hs_report_fill(struct hotsoak_event *e, u32 type, const struct hs_window *w)
{
	memset(e, 0, sizeof(*e));
	e->type = type;
	e->time_ns = ktime_get_ns();
	e->cpu = raw_smp_processor_id();
	if (!w)
		return;
	e->window = w->number;
	e->start_pfn = w->start_pfn;
	e->nr_pages = w->end_pfn - w->start_pfn;
	e->pid = w->task ? task_pid_nr(w->task) : 0;
}

static void hs_report_send(struct hotsoak_event *e)
{
	unsigned long flags;
	bool sent;

	raw_spin_lock_irqsave(&hs_ring_lock, flags);
	e->seq = ++hs_event_seq;
	if (e->type == HOTSOAK_EVENT_VIOLATION)
		sent = kfifo_put(&hs_ring_violations, *e);
	else
		sent = kfifo_put(&hs_ring_windows, *e);
	raw_spin_unlock_irqrestore(&hs_ring_lock, flags);
	if (!sent)
		hs_count(HS_C_EVENTS_LOST);
	irq_work_queue(&hs_report_work);
}

void hs_report_window(struct hs_window *w)
{
	struct hotsoak_event e;

	hs_report_fill(&e, HOTSOAK_EVENT_WINDOW, w);
	e.win.open_ns = w->open_ns;
	e.win.isolating_ns = w->isolating_ns;
	e.win.isolated_ns = w->isolated_ns;
	e.win.end_ns = w->end_ns;
	e.win.end = w->end;
	e.win.e1 = atomic_read(&w->e1);
	e.win.e2 = atomic_read(&w->e2);
	e.win.e3 = atomic_read(&w->e3);
	e.win.trylock_failed = atomic_read(&w->trylock_failed);
	e.win.samples = atomic_read(&w->samples);
	hs_report_send(&e);
}

void hs_report_violation(const struct hs_sighting *s)
{
	struct hotsoak_event e;

	if (panic_on_violation)
		panic("hotsoak: invariant %d violated: pfn %#lx, value %#llx\n",
		      s->invariant, s->pfn, s->value);
	if (s->window &&
	    atomic_inc_return(&s->window->reported[s->invariant]) > HS_REPORTS_PER_WINDOW)
		return;
	hs_report_fill(&e, HOTSOAK_EVENT_VIOLATION, s->window);
	e.vio.invariant = s->invariant;
	e.vio.seen_cpu = s->seen_cpu;
	e.vio.pfn = s->pfn;
	e.vio.value = s->value;
	e.vio.expected = s->expected;
	e.vio.other_pid = s->other_pid;
	e.vio.order = s->order;
	e.vio.flags = s->flags;
	hs_report_send(&e);
}

bool hs_report_pending(void)
{
	return !kfifo_is_empty(&hs_ring_violations) || !kfifo_is_empty(&hs_ring_windows);
}

struct wait_queue_head *hs_report_waitqueue(void)
{
	return &hs_report_wait;
}

/* Violations first: they are what the reader must not lose. */
static bool hs_report_next(struct hotsoak_event *e)
{
	unsigned long flags;
	bool got;

	raw_spin_lock_irqsave(&hs_ring_lock, flags);
	got = kfifo_get(&hs_ring_violations, e) || kfifo_get(&hs_ring_windows, e);
	raw_spin_unlock_irqrestore(&hs_ring_lock, flags);
	return got;
}

ssize_t hs_report_read(char __user *buf, size_t len)
{
	struct hotsoak_event e;
	size_t done = 0;

	/* Nothing is taken out for a buffer that cannot be written. */
	if (clear_user(buf, sizeof(e)))
		return -EFAULT;
	mutex_lock(&hs_reader_mutex);
	while (len - done >= sizeof(e) && hs_report_next(&e)) {
		if (copy_to_user(buf + done, &e, sizeof(e))) {
			hs_count(HS_C_EVENTS_LOST);
			mutex_unlock(&hs_reader_mutex);
			return done ? done : -EFAULT;
		}
		done += sizeof(e);
	}
	mutex_unlock(&hs_reader_mutex);
	return done;
}

void hs_report_reset(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&hs_ring_lock, flags);
	kfifo_reset(&hs_ring_violations);
	kfifo_reset(&hs_ring_windows);
	hs_event_seq = 0;
	raw_spin_unlock_irqrestore(&hs_ring_lock, flags);
}

void hs_report_init(void)
{
	init_irq_work(&hs_report_work, hs_report_wake);
}

void hs_report_exit(void)
{
	irq_work_sync(&hs_report_work);
}
