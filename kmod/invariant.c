// SPDX-License-Identifier: GPL-2.0-only
/* The counters, and the one gate through which every check and violation goes. */
#include <linux/string.h>

#include "hotsoak.h"

atomic64_t hs_counters[HS_NR_COUNTERS];
atomic64_t hs_exposure_by_order[HOTSOAK_NR_ORDERS];

static atomic64_t hs_checks_done[HOTSOAK_NR_INVARIANTS];
static atomic64_t hs_violations[HOTSOAK_NR_INVARIANTS];
static bool hs_doubting;

/* Where each counter goes in the struct that user space reads. */
static const size_t hs_counter_field[HS_NR_COUNTERS] = {
#define F(field) offsetof(struct hotsoak_stats, field)
	[HS_C_OFFLINES]			= F(offlines),
	[HS_C_OFFLINES_EARLY]		= F(offlines_early),
	[HS_C_WINDOWS]			= F(windows),
	[HS_C_WINDOWS_ISOLATED]		= F(windows_isolated),
	[HS_C_WINDOWS_MISSED]		= F(windows_missed),
	[HS_C_WINDOWS_POISON]		= F(windows_poison),
	[HS_C_WINDOWS_E1]		= F(windows_e1),
	[HS_C_WINDOWS_E2]		= F(windows_e2),
	[HS_C_E1]			= F(e1),
	[HS_C_E2]			= F(e2),
	[HS_C_E3]			= F(e3),
	[HS_C_TRYLOCK_FAILED]		= F(trylock_failed),
	[HS_C_DELAYED]			= F(delayed),
	[HS_C_STRAYS]			= F(strays),
	[HS_C_WINDOWS_STRAY]		= F(windows_stray),
	[HS_C_FIRST_STRAY_NS]		= F(first_stray_ns),
	[HS_C_LAPS]			= F(laps),
	[HS_C_LAPS_STRAY]		= F(laps_stray),
	[HS_C_SAMPLES]			= F(samples),
	[HS_C_SAMPLES_CONTENDED]	= F(samples_contended),
	[HS_C_SAMPLE_LOCK_NS]		= F(sample_lock_ns),
	[HS_C_WINDOW_NS]		= F(window_ns),
	[HS_C_BURST_FREED]		= F(burst_freed),
	[HS_C_BURST_FILL_FAILED]	= F(burst_fill_failed),
	[HS_C_EVENTS_LOST]		= F(events_lost),
	[HS_C_CONTROL_PLANTED]		= F(control_planted),
	[HS_C_REALLOC_STALE]		= F(realloc_stale),
	[HS_C_CONTIG_TRIED]		= F(contig_tried),
	[HS_C_CONTIG_TAKEN]		= F(contig_taken),
	[HS_C_LAP_FAILED_PFN]		= F(lap_failed_pfn),
	[HS_C_ACR_TRIED]		= F(acr_tried),
	[HS_C_ACR_TAKEN]		= F(acr_taken),
	[HS_C_ACR_BUSY]			= F(acr_busy),
	[HS_C_ACR_BUSY_PCP]		= F(acr_busy_pcp),
	[HS_C_ACR_BUSY_HELD]		= F(acr_busy_held),
	[HS_C_ACR_SPURIOUS]		= F(acr_spurious),
	[HS_C_ACR_PASSED_OVER]		= F(acr_passed_over),
	[HS_C_ACR_STRADDLED]		= F(acr_straddled),
	[HS_C_ACR_NS]			= F(acr_ns),
	[HS_C_ACR_E1]			= F(acr_e1),
	[HS_C_ACR_E2]			= F(acr_e2),
	[HS_C_ACR_E3]			= F(acr_e3),
	[HS_C_OFFLINES_REFUSED]		= F(offlines_refused),
	[HS_C_ACR_PAIRS]		= F(acr_pairs),
	[HS_C_ACR_OVERLAPPED]		= F(acr_overlapped),
	[HS_C_ACR_BUSY_ISOLATING]	= F(acr_busy_isolating),
	[HS_C_ACR_LEFT_ISOLATED]	= F(acr_left_isolated),
	[HS_C_COMPACT_SCANS]		= F(compact_scans),
	[HS_C_COMPACT_MET]		= F(compact_met),
	[HS_C_COMPACT_TAKEN]		= F(compact_taken),
	[HS_C_COMPACT_CROSSED]		= F(compact_crossed),
	[HS_C_COMPACT_ISOLATED]		= F(compact_isolated),
#undef F
};

void hs_invariant_checked(enum hotsoak_invariant inv)
{
	if (hs_checks(inv))
		atomic64_inc(&hs_checks_done[inv]);
}

void hs_invariant_violated(const struct hs_sighting *s)
{
	if (!hs_checks(s->invariant) || READ_ONCE(hs_doubting) || !hs_hooks_look())
		return;
	atomic64_inc(&hs_violations[s->invariant]);
	if (s->flags & HOTSOAK_VIO_STALE_LIST)
		hs_count(HS_C_REALLOC_STALE);
	hs_report_violation(s);
}

void hs_invariant_stats(struct hotsoak_stats *stats)
{
	int i;

	for (i = 0; i < HS_NR_COUNTERS; i++)
		*(u64 *)((char *)stats + hs_counter_field[i]) = atomic64_read(&hs_counters[i]);
	for (i = 0; i < HOTSOAK_NR_ORDERS; i++)
		stats->exposure_by_order[i] = atomic64_read(&hs_exposure_by_order[i]);
	for (i = 0; i < HOTSOAK_NR_INVARIANTS; i++) {
		stats->inv[i].checks = atomic64_read(&hs_checks_done[i]);
		stats->inv[i].violations = atomic64_read(&hs_violations[i]);
	}
}

void hs_invariant_reset(void)
{
	int i;

	for (i = 0; i < HS_NR_COUNTERS; i++)
		atomic64_set(&hs_counters[i], 0);
	for (i = 0; i < HOTSOAK_NR_ORDERS; i++)
		atomic64_set(&hs_exposure_by_order[i], 0);
	for (i = 0; i < HOTSOAK_NR_INVARIANTS; i++) {
		atomic64_set(&hs_checks_done[i], 0);
		atomic64_set(&hs_violations[i], 0);
	}
	WRITE_ONCE(hs_doubting, false);
}

void hs_doubt(const char *why)
{
	if (xchg(&hs_doubting, true))
		return;
	WRITE_ONCE(hs_armed.invariants, 0);
	pr_err("hotsoak: in doubt, checks are off: %s\n", why);
}

bool hs_in_doubt(void)
{
	return READ_ONCE(hs_doubting);
}

/* Whose end no hook has seen is not unpaired, and not undisturbed either. */
bool hs_hooks_look(void)
{
	if (hs_hook_are_whole())
		return true;
	hs_doubt("kprobes were switched off");
	return false;
}
