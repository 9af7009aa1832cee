/* SPDX-License-Identifier: GPL-2.0-only */
/* Feeding systemd's watchdog by what a soak gets done, and by nothing else. */
#ifndef HS_WATCHDOG_H
#define HS_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "soak.h"

struct hs_watchdog {
	uint64_t unit_usec;		/* WatchdogSec of the unit; 0: none */
	uint64_t operations;		/* that had ended at the last look */
	enum hs_phase phase;
};

/* Reads what systemd wants of this process; without it all below does nothing. */
void hs_watchdog_init(struct hs_watchdog *w);

/* A soak begins: one operation may take so long, and then WatchdogSec. */
void hs_watchdog_begin(struct hs_watchdog *w, uint64_t operation_ns);

/* It is over: WatchdogSec alone counts again. */
void hs_watchdog_end(struct hs_watchdog *w);

/*
 * Has the soak done anything since the last look, or is there nothing that it
 * could do? An operation that goes on and on is neither.
 */
bool hs_watchdog_progressed(struct hs_watchdog *w, const struct hs_progress *p);

/* Feeds. */
void hs_watchdog_feed(const struct hs_watchdog *w);

#endif
