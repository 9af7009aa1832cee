// SPDX-License-Identifier: GPL-2.0-only
/*
 * The signals of the antagonist of that name: how far the offline was that each came
 * to, by the witness's times of its window, and what it made of it.
 *
 * offline_pages() looks for a signal in one place, the loop that moves pages out of the
 * isolated range; all that waits before it, for mem_hotplug_lock or for work on every
 * CPU, does not. One that comes earlier is still pending there.
 */
#include "soak_internal.h"

#include <errno.h>

static enum hs_signal_phase phase_of_signal(const struct hotsoak_event *w, uint64_t signal_ns)
{
	if (signal_ns < w->win.open_ns)
		return HS_SIGNAL_EARLY;
	if (!w->win.isolated_ns || signal_ns < w->win.isolated_ns)
		return HS_SIGNAL_OPEN;
	return signal_ns < w->win.end_ns ? HS_SIGNAL_ISOLATED : HS_SIGNAL_ENDED;
}

static enum hs_signal_phase phase_of_end(const struct hotsoak_event *w)
{
	static const enum hs_signal_phase phases[] = {
		[HOTSOAK_END_NOT_ISOLATED] = HS_SIGNAL_OPEN,
		[HOTSOAK_END_UNDONE] = HS_SIGNAL_ISOLATED,
		[HOTSOAK_END_OFFLINED] = HS_SIGNAL_ENDED,
	};

	return w->win.end < sizeof(phases) / sizeof(phases[0]) ? phases[w->win.end] :
								 HS_SIGNAL_UNSEEN;
}

void hs_soak_signal_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	struct hs_signal_tally *t = &s->tally.signals;
	enum hs_signal_phase came = HS_SIGNAL_UNSEEN, gave_up = HS_SIGNAL_UNSEEN;
	const struct hotsoak_event *w;

	if (s->flight.step.op != HS_OP_OFFLINE)
		return;
	if (!s->batch.signal_after_ns) {
		if (!a->err)
			hs_antagonist_undisturbed(&s->antagonist, a->end_ns - a->start_ns);
		return;
	}
	t->sent++;
	if (!a->signal_ns)
		return;
	/* It was sent before the write returned. */
	hs_soak_events_read(s);
	w = hs_soak_window_of(s, a);
	if (w) {
		came = phase_of_signal(w, a->signal_ns);
		gave_up = phase_of_end(w);
	} else if (s->has_witness && a->err) {
		came = gave_up = HS_SIGNAL_EARLY;
	}
	if (a->err != -EINTR) {
		t->outran[came]++;
		return;
	}
	t->interrupted[came]++;
	t->gave_up[gave_up]++;
	/* Not by itself, and not at its limit. */
	hs_flight_hasten(&s->flight, a->signal_ns);
}
