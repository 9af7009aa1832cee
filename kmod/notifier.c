// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners of our own to the memory notifiers, of which one refuses an offline now and
 * then, as a driver may that cannot give its memory up.
 *
 * A refusal ends the round of MEM_GOING_OFFLINE at once, but MEM_CANCEL_OFFLINE goes to
 * all: to those behind the one that refused as well, who never heard of that offline. A
 * listener that locks at the one and unlocks at the other breaks. So each of ours counts
 * what it hears, one before all others, one among them and one behind.
 *
 * Listeners hear of everybody's offlines. Only those of the task that armed the witness,
 * or of a child of its, are refused; those of others are none of our business. What began
 * before the arming is not counted: it has no window.
 */
#include <linux/kernel.h>
#include <linux/memory.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>

#include "hotsoak.h"

enum hs_heard { HS_GOING, HS_CANCEL, HS_CANCEL_UNASKED, HS_OFFLINE, HS_UNENDED, HS_NR_HEARD };

static int hs_listener_hears(struct notifier_block *nb, unsigned long action, void *arg);

static struct hs_listener {
	struct notifier_block nb;
	atomic64_t heard[HS_NR_HEARD];
} hs_listeners[HOTSOAK_NR_LISTENERS] = {
	[HOTSOAK_LISTENER_FIRST] = {
		.nb = { .notifier_call = hs_listener_hears, .priority = INT_MAX },
	},
	/* Of those of its priority it comes behind who was there before: the witness too. */
	[HOTSOAK_LISTENER_MIDDLE] = {
		.nb = { .notifier_call = hs_listener_hears, .priority = 0 },
	},
	[HOTSOAK_LISTENER_LAST] = {
		.nb = { .notifier_call = hs_listener_hears, .priority = INT_MIN },
	},
};

static bool hs_listening;	/* under the mutex of ioctls, or by the worker that retires */

/* The operator writes for who armed us, and is a child of it. */
static bool hs_notifier_is_ours(void)
{
	pid_t controller = READ_ONCE(hs_armed.controller), parent;

	rcu_read_lock();
	parent = task_tgid_nr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	return parent == controller || task_tgid_nr(current) == controller;
}

/*
 * One window of each HOTSOAK_REFUSE_ONE_IN in a row is refused, and by one of us: by seed
 * and number alone, whoever else draws random numbers meanwhile.
 */
static bool hs_notifier_refuses(const struct hs_window *w, enum hotsoak_listener which)
{
	u64 nth = w->number - 1, turn = nth / HOTSOAK_REFUSE_ONE_IN;
	u64 drawn = hs_mix(hs_armed.seed + turn * HS_GOLDEN);

	return nth % HOTSOAK_REFUSE_ONE_IN == (u32)drawn % HOTSOAK_REFUSE_ONE_IN &&
	       (u32)(drawn >> 32) % HOTSOAK_NR_LISTENERS == which && hs_notifier_is_ours();
}

static void hs_listener_count(struct hs_listener *l, enum hs_heard what)
{
	if (READ_ONCE(hs_armed.refuse))
		atomic64_inc(&l->heard[what]);
}

/* In the offliner's own context; what a window's offline was told is its task's alone. */
static int hs_listener_hears(struct notifier_block *nb, unsigned long action, void *arg)
{
	struct hs_listener *l = container_of(nb, struct hs_listener, nb);
	unsigned int which = l - hs_listeners;
	struct hs_window *w = hs_window_of(current);

	if (!w || w->poison)
		return NOTIFY_DONE;
	switch (action) {
	case MEM_GOING_OFFLINE:
		if (!READ_ONCE(hs_armed.refuse))
			break;
		hs_listener_count(l, HS_GOING);
		w->heard |= BIT(which);
		if (!hs_notifier_refuses(w, which))
			break;
		hs_count(HS_C_OFFLINES_REFUSED);
		return notifier_from_errno(-EBUSY);
	case MEM_CANCEL_OFFLINE:
		hs_listener_count(l, HS_CANCEL);
		if (!(w->heard & BIT(which)))
			hs_listener_count(l, HS_CANCEL_UNASKED);
		w->heard &= ~BIT(which);
		break;
	case MEM_OFFLINE:
		hs_listener_count(l, HS_OFFLINE);
		w->heard &= ~BIT(which);
		break;
	}
	return NOTIFY_DONE;
}

/* offline_pages() returns: who was told that it begins has been told how it ended. */
void hs_notifier_ended(const struct hs_window *w)
{
	unsigned int i;

	for (i = 0; i < HOTSOAK_NR_LISTENERS; i++)
		if (w->heard & BIT(i))
			hs_listener_count(&hs_listeners[i], HS_UNENDED);
}

void hs_notifier_stats(struct hotsoak_stats *stats)
{
	int i;

	for (i = 0; i < HOTSOAK_NR_LISTENERS; i++) {
		const atomic64_t *heard = hs_listeners[i].heard;

		stats->listener[i] = (struct hotsoak_listener_stats) {
			.going = atomic64_read(&heard[HS_GOING]),
			.cancel = atomic64_read(&heard[HS_CANCEL]),
			.cancel_unasked = atomic64_read(&heard[HS_CANCEL_UNASKED]),
			.offline = atomic64_read(&heard[HS_OFFLINE]),
			.unended = atomic64_read(&heard[HS_UNENDED]),
		};
	}
}

static void hs_notifier_unregister(int nr)
{
	while (nr--)
		unregister_memory_notifier(&hs_listeners[nr].nb);
}

/* After the hooks, for the order among listeners of one priority. */
int hs_notifier_start(void)
{
	int i, err;

	for (i = 0; i < HOTSOAK_NR_LISTENERS; i++) {
		err = register_memory_notifier(&hs_listeners[i].nb);
		if (err) {
			hs_notifier_unregister(i);
			return err;
		}
	}
	hs_listening = true;
	return 0;
}

void hs_notifier_stop(void)
{
	if (hs_listening)
		hs_notifier_unregister(HOTSOAK_NR_LISTENERS);
	hs_listening = false;
}

void hs_notifier_reset(void)
{
	int i, what;

	for (i = 0; i < HOTSOAK_NR_LISTENERS; i++)
		for (what = 0; what < HS_NR_HEARD; what++)
			atomic64_set(&hs_listeners[i].heard[what], 0);
}
