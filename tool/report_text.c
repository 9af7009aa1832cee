// SPDX-License-Identifier: GPL-2.0-only
/* A run in words and figures for a terminal. */
#include "report_text.h"

#include <inttypes.h>
#include <string.h>

#include "antagonist.h"
#include "expectation.h"

#define S_NS 1e9
#define MS_NS 1e6

static void duration_text(uint64_t ns, char *text, size_t text_bytes)
{
	uint64_t s = ns / 1000000000;

	if (s >= 3600)
		snprintf(text, text_bytes, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(text, text_bytes, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
	else
		snprintf(text, text_bytes, "%" PRIu64 "s", s);
}

static uint64_t failed_ops(const struct hs_tally *t)
{
	uint64_t n = 0;

	for (int op = 0; op < HS_NR_OPS; op++)
		for (int o = 0; o < HS_NR_OUTCOMES; o++)
			if (o != HS_OUTCOME_OK)
				n += t->ops[op][o];
	return n;
}

void hs_report_progress(const struct hs_progress *p, char *line, size_t line_bytes)
{
	const struct hs_tally *t = p->tally;
	char elapsed[24], left[40] = "";

	duration_text(p->elapsed_ns, elapsed, sizeof(elapsed));
	if (p->phase == HS_PHASE_RESTORING) {
		snprintf(left, sizeof(left), ", restoring");
	} else if (p->left_ns) {
		char text[24];

		duration_text(p->left_ns + 999999999, text, sizeof(text));
		snprintf(left, sizeof(left), ", %s left", text);
	}
	if (t->witness)
		snprintf(line, line_bytes,
			 "%s%s: %" PRIu64 " cycles, %.0f transitions/s, %" PRIu64 " failed, windows %" PRIu64 ", E1 %.0f/s E2 %.1f/s E3 %.0f/s, violations %" PRIu64,
			 elapsed, left, t->cycles, p->transitions_per_s, failed_ops(t),
			 (uint64_t)t->stats.windows, p->e1_per_s, p->e2_per_s, p->e3_per_s,
			 hs_tally_violations(t));
	else
		snprintf(line, line_bytes,
			 "%s%s: %" PRIu64 " cycles, %.0f transitions/s, %" PRIu64 " failed, no witness, violations %" PRIu64,
			 elapsed, left, t->cycles, p->transitions_per_s, failed_ops(t),
			 hs_tally_violations(t));
}

void hs_report_state(FILE *f, const struct hs_progress *p)
{
	char line[320];

	hs_report_progress(p, line, sizeof(line));
	fprintf(f, "%s\n", line);
	if (p->in_flight)
		fprintf(f, "in the kernel for %.3f s: %s of memory%lu%s\n",
			(double)p->flight_ns / S_NS, hs_op_names[p->op], p->block,
			p->signalled ? ", asked to give up" : "");
	else
		fprintf(f, "nothing in the kernel\n");
}

static void summary_operations(FILE *f, const struct hs_tally *t)
{
	double seconds = (double)t->duration_ns / S_NS;

	fprintf(f, "%-10s", "");
	for (int o = 0; o < HS_NR_OUTCOMES; o++)
		fprintf(f, " %11s", hs_outcome_names[o]);
	fprintf(f, " %9s %9s %9s %9s\n", "p50 ms", "p90 ms", "p99 ms", "max ms");
	for (int op = 0; op < HS_NR_OPS; op++) {
		const struct hs_latency *l = &t->latency[op];

		fprintf(f, "%-10s", hs_op_names[op]);
		for (int o = 0; o < HS_NR_OUTCOMES; o++)
			fprintf(f, " %11" PRIu64, t->ops[op][o]);
		fprintf(f, " %9.3f %9.3f %9.3f %9.3f\n",
			(double)hs_latency_percentile(l, 0.5) / MS_NS,
			(double)hs_latency_percentile(l, 0.9) / MS_NS,
			(double)hs_latency_percentile(l, 0.99) / MS_NS, (double)l->max_ns / MS_NS);
	}
	fprintf(f, "cycles %" PRIu64 ", transitions %" PRIu64 " (%.1f/s)%s\n", t->cycles,
		t->transitions, seconds > 0 ? (double)t->transitions / seconds : 0,
		t->restored ? ", every block is as it was found" : ", BLOCKS ARE NOT RESTORED");
	if (t->interference)
		fprintf(f, "interference: blocks were changed %" PRIu64 " times by somebody else\n",
			t->interference);
}

static double per(uint64_t n, double d)
{
	return d > 0 ? (double)n / d : 0;
}

/* Of pairs, whose refusals are not looked at for their pages. */
static void summary_contig_pairs(FILE *f, const struct hotsoak_stats *s)
{
	fprintf(f, "contig: %" PRIu64 " pairs of calls, %" PRIu64 " at the same time; of the calls %" PRIu64 " busy (%.2f %%), %" PRIu64 " of them while isolating; %" PRIu64 " had it at once when asked again; %.3f ms a call\n",
		(uint64_t)s->acr_pairs, (uint64_t)s->acr_overlapped, (uint64_t)s->acr_busy,
		100 * per(s->acr_busy, (double)s->acr_tried), (uint64_t)s->acr_busy_isolating,
		(uint64_t)s->acr_spurious, per(s->acr_ns, (double)s->acr_tried) / MS_NS);
}

/* No violations: alloc_contig_range() drains, and promises no more. */
static void summary_contig(FILE *f, const struct hotsoak_stats *s)
{
	if (s->acr_pairs) {
		summary_contig_pairs(f, s);
		return;
	}
	if (!s->acr_tried)
		return;
	fprintf(f, "contig: %" PRIu64 " tried, %" PRIu64 " busy, of which %" PRIu64 " for a page on a pcplist (%.2f %%) and %" PRIu64 " for one still held; %" PRIu64 " had it at once when asked again\n",
		(uint64_t)s->acr_tried, (uint64_t)s->acr_busy, (uint64_t)s->acr_busy_pcp,
		100 * per(s->acr_busy_pcp, (double)s->acr_tried), (uint64_t)s->acr_busy_held,
		(uint64_t)s->acr_spurious);
	fprintf(f, "contig: E1 %" PRIu64 ", E2 %" PRIu64 ", E3 %" PRIu64 ", %" PRIu64 " split a larger free page, %.3f ms a call\n",
		(uint64_t)s->acr_e1, (uint64_t)s->acr_e2, (uint64_t)s->acr_e3,
		(uint64_t)s->acr_straddled, per(s->acr_ns, (double)s->acr_tried) / MS_NS);
}

static void summary_compaction(FILE *f, const struct hotsoak_stats *s)
{
	fprintf(f, "compact: %" PRIu64 " scans while a block went, %" PRIu64 " of its pageblocks, which took %" PRIu64 " free pages; %" PRIu64 " of them of pageblocks that were isolated as the scan began, %" PRIu64 " of some that were as it ended\n",
		(uint64_t)s->compact_scans, (uint64_t)s->compact_met, (uint64_t)s->compact_taken,
		(uint64_t)s->compact_isolated, (uint64_t)s->compact_crossed);
}

static void summary_pages(FILE *f, const char *name, const struct hs_pages_tally *t)
{
	fprintf(f, "%s: %" PRIu64 " pages given back, %" PRIu64 " checked; %" PRIu64 " lay in blocks as they went, %" PRIu64 " of them given back as those were due to be isolated; %" PRIu64 " workers died\n",
		name, t->freed, t->checked, t->aimed, t->in_time, t->deaths);
}

static void summary_exposure(FILE *f, const struct hs_tally *t)
{
	const struct hotsoak_stats *s = &t->stats;
	double seconds = (double)t->duration_ns / S_NS, windows = (double)s->windows;
	const struct { const char *name; uint64_t n; } row[] = {
		{ "E1", s->e1 }, { "E2", s->e2 }, { "E3", s->e3 },
		{ "trylock lost", s->trylock_failed },
		{ "samples", s->samples },
	};

	fprintf(f, "%-14s %12s %12s %12s\n", "exposure", "total", "per second", "per window");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		fprintf(f, "%-14s %12" PRIu64 " %12.1f %12.2f\n", row[i].name, row[i].n,
			per(row[i].n, seconds), per(row[i].n, windows));
	fprintf(f, "windows %" PRIu64 " (%" PRIu64 " isolated, %" PRIu64 " with E1, %" PRIu64 " with E2, %" PRIu64 " missed), pcp locks held by the sampler %.3f %% of them\n",
		(uint64_t)s->windows, (uint64_t)s->windows_isolated, (uint64_t)s->windows_e1,
		(uint64_t)s->windows_e2, (uint64_t)s->windows_missed,
		100 * per(s->sample_lock_ns, (double)s->window_ns));
	if (s->windows_stray)
		fprintf(f, "strays %" PRIu64 ", in %" PRIu64 " windows, the first after %.1f s\n",
			(uint64_t)s->strays, (uint64_t)s->windows_stray,
			(double)s->first_stray_ns / S_NS);
	if (s->laps_stray)
		fprintf(f, "final tests of a range %" PRIu64 ", of which %" PRIu64 " failed for a page that nobody held\n",
			(uint64_t)s->laps, (uint64_t)s->laps_stray);
	summary_contig(f, s);
	if (hs_tally_violations(t))
		fprintf(f, "bound_95: none, there were violations\n");
	else if (s->e2)
		fprintf(f, "bound_95: at most %.3g faults per window with an E2, %.3g per E2\n",
			3 / (double)(s->windows_e2 ? s->windows_e2 : 1), 3 / (double)s->e2);
	else
		fprintf(f, "bound_95: none, no free crossed the isolation\n");
}

static void summary_signals(FILE *f, const struct hs_tally *t)
{
	static const char *const names[HS_NR_SIGNAL_PHASES] = {
		[HS_SIGNAL_EARLY] = "pcplists enabled",
		[HS_SIGNAL_OPEN] = "not yet isolated",
		[HS_SIGNAL_ISOLATED] = "isolated",
		[HS_SIGNAL_ENDED] = "isolation ended",
		[HS_SIGNAL_UNSEEN] = "not seen where",
	};
	const struct hs_signal_tally *s = &t->signals;
	uint64_t interrupted = hs_tally_signals(s->interrupted);
	uint64_t outran = hs_tally_signals(s->outran);

	fprintf(f, "signals %" PRIu64 ": %" PRIu64 " interrupted an offline, %" PRIu64 " were outrun by it, %" PRIu64 " came outside of it\n",
		s->sent, interrupted, outran, s->sent - interrupted - outran);
	fprintf(f, "%-18s %12s %12s %12s\n", "came while", "interrupted", "outran", "gave up");
	for (int p = 0; p < HS_NR_SIGNAL_PHASES; p++)
		if (p != HS_SIGNAL_UNSEEN || s->interrupted[p] || s->outran[p])
			fprintf(f, "%-18s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", names[p],
				s->interrupted[p], s->outran[p], s->gave_up[p]);
}

static void summary_stress_ng(FILE *f, const struct hs_stress_ng_tally *t)
{
	fprintf(f, "stress-ng %s: started %" PRIu64 " times, ended early %" PRIu64 "; bogo operations:",
		*t->sum.version ? t->sum.version : "(no metrics)", t->starts, t->early);
	for (uint64_t i = 0; i < t->sum.nr; i++)
		fprintf(f, "%s %s %" PRIu64, i ? "," : "", t->sum.stressor[i].name,
			t->sum.stressor[i].bogo_ops);
	fprintf(f, "%s\n", t->sum.nr ? "" : " none");
}

static void summary_sysfs(FILE *f, const struct hs_tally *t)
{
	fprintf(f, "sysfs-readers: %" PRIu64 " reads; %" PRIu64 " found the block going offline, in %" PRIu64 " offlines; %" PRIu64 " then did not, %" PRIu64 " were unsound\n",
		t->sysfs_reads, t->sysfs_going, t->sysfs_met, t->sysfs_wrong, t->sysfs_unsound);
	fprintf(f, "uevents: %" PRIu64 " heard, %" PRIu64 " missing, %" PRIu64 " doubled, %" PRIu64 " unasked%s\n",
		t->uevents_heard, t->uevents_missing, t->uevents_doubled, t->uevents_unasked,
		t->uevents_lost ? ", some lost" : "");
}

static void summary_bystanders(FILE *f, const struct hs_tally *t)
{
	fprintf(f, "bystanders: %" PRIu64 " offlines were stuck\n", t->bystanders_stuck);
	fprintf(f, "%-18s %9s %9s %9s %9s %12s %12s\n", "probe", "calls", "met", "stalled",
		"expected", "calm max ms", "stuck max ms");
	for (int i = 0; i < HS_NR_PROBES; i++)
		fprintf(f, "%-18s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9s %12.3f %12.3f\n",
			hs_probes[i].name, t->probe[i].calls, t->probe[i].met,
			t->probe[i].stalled, t->probe[i].expected ? "yes" : "no",
			(double)t->probe[i].calm_ns / MS_NS, (double)t->probe[i].stuck_ns / MS_NS);
}

static void summary_invariants(FILE *f, const struct hs_tally *t)
{
	fprintf(f, "%-18s %6s %14s %11s\n", "invariant", "armed", "checks", "violations");
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		fprintf(f, "%-18s %6s %14" PRIu64 " %11" PRIu64 "\n", hs_invariants[i].id,
			t->inv[i].armed ? "yes" : t->inv[i].unpromised ? "n/a" : "no",
			t->inv[i].checks, t->inv[i].violations);
}

/* What is known of this scenario, for who wonders at its verdict. */
static void summary_expected(FILE *f, const struct hs_run_info *info)
{
	const struct hs_scenario *s = &info->scenario;
	enum hs_verdict verdict;

	if (hs_expectation_get(s->expected, info->kernel, &verdict) < 0)
		return;
	fprintf(f, "expected on this kernel: %s", hs_verdict_names[verdict]);
	if (*s->introduced)
		fprintf(f, "; since %s", s->introduced);
	if (*s->fixes)
		fprintf(f, "; mended by %s", s->fixes);
	fputc('\n', f);
}

void hs_report_summary(FILE *f, const struct hs_run_info *info, const struct hs_tally *t,
		       const struct hs_judgement *j)
{
	const struct hs_antagonist_desc *a;

	fprintf(f, "%s: seed %" PRIu64 ", Linux %s, %u CPUs, %.1f s%s%s\n", info->scenario.name,
		info->seed, info->kernel, info->cpus, (double)t->duration_ns / S_NS,
		t->control[0] ? ", control " : "", t->control);
	summary_operations(f, t);
	if (t->witness)
		summary_exposure(f, t);
	if (hs_antagonist_of_pages(&info->scenario))
		fprintf(f, "%s: %" PRIu64 " times a page was held\n",
			hs_antagonist_of_pages(&info->scenario)->name, t->pages_held);
	hs_for_each_antagonist(a, &info->scenario)
		if (a->tuner)
			fprintf(f, "%s: set %" PRIu64 " times, refused %" PRIu64 " times; the longest took %.1f ms\n",
				a->name, t->tuner[a->kind].writes, t->tuner[a->kind].failed,
				(double)t->tuner[a->kind].longest_ns / 1e6);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_SOFT_OFFLINE))
		fprintf(f, "soft-offline: %" PRIu64 " calls; %" PRIu64 " offlines met one, %" PRIu64 " were deadlocked with it\n",
			t->soft_offlines, t->soft_offlines_met, t->soft_offlines_deadlocked);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_FIFO_HOG))
		fprintf(f, "fifo-hog: %" PRIu64 " offlines met one, %" PRIu64 " were deaf to signals until it was gone\n",
			t->hogs_met, t->hogs_deaf);
	for (int i = 0; i < HS_NR_PAGES; i++)
		if (t->pages[i].workers)
			summary_pages(f, hs_pages_names[i], &t->pages[i]);
	if (info->scenario.hugetlb)
		fprintf(f, "hugetlb pages met: %" PRIu64 " free and %" PRIu64 " in use lay in blocks as they were taken; the pool was resized %" PRIu64 " times; SIGBUS for a page that was reserved: %" PRIu64 "\n",
			t->hugetlb_free_met, t->hugetlb_used_met, t->hugetlb_resizes,
			t->pages[HS_PAGES_HUGETLB].sigbus);
	if (info->scenario.stress_ng)
		summary_stress_ng(f, &t->stress_ng);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_POISONED_THP))
		fprintf(f, "poisoned-thp: %" PRIu64 " offlines met a huge page%s, %" PRIu64 " did not end because of it\n",
			t->poisoned_met, info->scenario.thp_poison ? " that is poisoned" : "",
			t->poisoned_endless);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_SYSFS_READERS))
		summary_sysfs(f, t);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_HARD_POISON))
		fprintf(f, "hard-poison: %" PRIu64 " offlines met a poisoned page, %" PRIu64 " of them as it became so, %" PRIu64 " did not end; onlines: %" PRIu64 " refused, %" PRIu64 " taken with the poison lost\n",
			t->poisoned_met, t->poisoned_late, t->poisoned_endless, t->poison_refused,
			t->poison_lost);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_COMPACT))
		summary_compaction(f, &t->stats);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_SIGNALS))
		summary_signals(f, t);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_LRU_BATCH))
		fprintf(f, "offlines of a block with a page in an LRU batch: %" PRIu64 "\n",
			t->lru_batched);
	if (t->nodes_emptied || t->nodes_filled)
		fprintf(f, "nodes: %" PRIu64 " times one lost its last block, %" PRIu64 " times one got its first back; %" PRIu64 " of these were looked at, %" PRIu64 " wrong\n",
			t->nodes_emptied, t->nodes_filled, t->nodes_gone_seen + t->nodes_back_seen,
			t->nodes_wrong);
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_BALLOON))
		fprintf(f, "balloon: %" PRIu64 " pages were taken into it and %" PRIu64 " given back, %" PRIu64 " were moved within it\n",
			t->balloon_inflated, t->balloon_deflated, t->balloon_migrated);
	if (info->scenario.alternate_zones)
		fprintf(f, "zones: blocks were put online %" PRIu64 " times in the other zone and %" PRIu64 " times in their own, %" PRIu64 " times elsewhere than was asked for\n",
			t->zones_other, t->zones_own, t->zones_wrong);
	if (info->scenario.needs_virtio_mem)
		fprintf(f, "virtio-mem: the device took up a new size %" PRIu64 " times\n",
			t->virtio_mem_resizes);
	if (info->scenario.bystanders)
		summary_bystanders(f, t);
	summary_invariants(f, t);
	for (unsigned int i = 0; i < j->nr_reasons; i++)
		fprintf(f, "reason: %s\n", j->reasons[i]);
	if (!*t->control)
		summary_expected(f, info);
}
