// SPDX-License-Identifier: GPL-2.0-only
/* Feeding systemd's watchdog by what a soak gets done. */
#include "watchdog.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

void hs_watchdog_init(struct hs_watchdog *w)
{
	*w = (struct hs_watchdog){ 0 };
	if (sd_watchdog_enabled(0, &w->unit_usec) <= 0)
		w->unit_usec = 0;
}

static void set_usec(const struct hs_watchdog *w, uint64_t usec)
{
	if (w->unit_usec)
		sd_notifyf(0, "WATCHDOG_USEC=%" PRIu64 "\nWATCHDOG=1", usec);
}

void hs_watchdog_begin(struct hs_watchdog *w, uint64_t operation_ns)
{
	w->operations = 0;
	w->phase = HS_PHASE_NEW;
	set_usec(w, w->unit_usec + operation_ns / 1000);
}

void hs_watchdog_end(struct hs_watchdog *w)
{
	set_usec(w, w->unit_usec);
}

bool hs_watchdog_progressed(struct hs_watchdog *w, const struct hs_progress *p)
{
	uint64_t operations = 0;
	bool moved;

	for (int op = 0; op < HS_NR_OPS; op++)
		for (int o = 0; o < HS_NR_OUTCOMES; o++)
			operations += p->tally->ops[op][o];
	moved = operations != w->operations || p->phase != w->phase;
	w->operations = operations;
	w->phase = p->phase;
	return moved || p->waiting;
}

void hs_watchdog_feed(const struct hs_watchdog *w)
{
	if (w->unit_usec)
		sd_notify(0, "WATCHDOG=1");
}
