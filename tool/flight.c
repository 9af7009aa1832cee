// SPDX-License-Identifier: GPL-2.0-only
/* One operation in flight, as a function of time only. */
#include "flight.h"

/*
 * A signal that arrives while the write waits for device_hotplug_lock is handled
 * and the write restarted, so one signal is not enough.
 */
#define RESEND_NS 100000000

void hs_flight_start(struct hs_flight *f, const struct hs_step *step, uint32_t seq,
		     enum hs_memblk_state before, uint64_t now_ns)
{
	*f = (struct hs_flight){
		.active = true, .seq = seq, .step = *step, .before = before, .start_ns = now_ns,
	};
}

void hs_flight_hasten(struct hs_flight *f, uint64_t now_ns)
{
	if (!f->active || f->signalled)
		return;
	f->signalled = true;
	f->signalled_ns = f->last_signal_ns = now_ns;
}

enum hs_flight_due hs_flight_look(struct hs_flight *f, uint64_t limit_ns, uint64_t grace_ns,
				  uint64_t now_ns)
{
	if (!f->active)
		return HS_FLIGHT_NOTHING;
	if (!f->signalled) {
		/* @now_ns may lie before a start that the operator told us of. */
		if (!limit_ns || now_ns < f->start_ns || now_ns - f->start_ns < limit_ns)
			return HS_FLIGHT_NOTHING;
		hs_flight_hasten(f, now_ns);
		return HS_FLIGHT_SIGNAL;
	}
	if (!f->unanswered && now_ns - f->signalled_ns >= grace_ns) {
		f->unanswered = true;
		return HS_FLIGHT_UNANSWERED;
	}
	if (now_ns - f->last_signal_ns < RESEND_NS)
		return HS_FLIGHT_NOTHING;
	f->last_signal_ns = now_ns;
	return HS_FLIGHT_SIGNAL;
}
