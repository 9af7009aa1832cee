/* SPDX-License-Identifier: GPL-2.0-only */
/* One operation in flight: its wall-clock limit, then a signal, then grace. */
#ifndef HS_FLIGHT_H
#define HS_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "conductor.h"

struct hs_flight {
	bool active;
	bool signalled;			/* the limit was reached, or somebody asked */
	bool unanswered;		/* deaf for the grace period: already counted */
	uint32_t seq;			/* the operator's number for it */
	struct hs_step step;
	enum hs_memblk_state before;
	uint64_t start_ns;		/* CLOCK_MONOTONIC */
	uint64_t signalled_ns;		/* the first signal */
	uint64_t last_signal_ns;
};

enum hs_flight_due {
	HS_FLIGHT_NOTHING,
	HS_FLIGHT_SIGNAL,		/* send the limit signal (again) */
	HS_FLIGHT_UNANSWERED,		/* said once, as the grace period ends */
};

void hs_flight_start(struct hs_flight *f, const struct hs_step *step, uint32_t seq,
		     enum hs_memblk_state before, uint64_t now_ns);

/* What is due at @now_ns, given the scenario's limit and grace. A limit of 0 is none. */
enum hs_flight_due hs_flight_look(struct hs_flight *f, uint64_t limit_ns, uint64_t grace_ns,
				  uint64_t now_ns);

/* Counts as signalled from now on, limit or not. */
void hs_flight_hasten(struct hs_flight *f, uint64_t now_ns);

#endif
