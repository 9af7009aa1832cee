// SPDX-License-Identifier: GPL-2.0-only
/* summary.json: the whole run in one object, for machines and for people. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "antagonist.h"
#include "cleanup.h"
#include "expectation.h"
#include "jsonval.h"
#include "record.h"

#define SUMMARY	"summary.json"
#define BESIDE	".summary.json.new"

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

/* Ended by one without a name. */
struct count {
	const char *name;
	uint64_t n;
};

static struct json_object *counts_to_json(const struct count *c)
{
	struct json_object *o = json_object_new_object();

	for (; c->name; c++)
		json_object_object_add(o, c->name, json_object_new_uint64(c->n));
	return o;
}

static struct json_object *exposure_to_json(const struct hotsoak_stats *s)
{
	struct json_object *orders = json_object_new_object();
	struct json_object *o = counts_to_json((const struct count[]) {
		{ "e1", s->e1 }, { "e2", s->e2 }, { "e3", s->e3 },
		{ "trylock_failed", s->trylock_failed },
		{},
	});
	char order[16];

	for (int i = 0; i < HOTSOAK_NR_ORDERS; i++) {
		if (!s->exposure_by_order[i])
			continue;
		snprintf(order, sizeof(order), "%d", i);
		json_object_object_add(orders, order,
				       json_object_new_uint64(s->exposure_by_order[i]));
	}
	json_object_object_add(o, "by_order", orders);
	return o;
}

static struct json_object *strays_to_json(const struct hotsoak_stats *s)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "seen", json_object_new_uint64(s->strays));
	json_object_object_add(o, "windows", json_object_new_uint64(s->windows_stray));
	json_object_object_add(o, "first_s", s->windows_stray ?
			       hs_json_number((double)s->first_stray_ns / 1e9) : NULL);
	json_object_object_add(o, "final_tests", json_object_new_uint64(s->laps));
	json_object_object_add(o, "final_tests_failed", json_object_new_uint64(s->laps_stray));
	return o;
}

/* Of alloc_contig_range() by itself: rates, for it promises nothing. */
static struct json_object *contig_to_json(const struct hotsoak_stats *s)
{
	struct json_object *o = counts_to_json((const struct count[]) {
		{ "tried", s->acr_tried }, { "taken", s->acr_taken }, { "busy", s->acr_busy },
		{ "busy_pcplist", s->acr_busy_pcp }, { "busy_held", s->acr_busy_held },
		{ "spurious", s->acr_spurious }, { "passed_over", s->acr_passed_over },
		{ "straddled", s->acr_straddled }, { "pairs", s->acr_pairs },
		{ "overlapped", s->acr_overlapped }, { "busy_isolating", s->acr_busy_isolating },
		{ "left_isolated", s->acr_left_isolated },
		{ "e1", s->acr_e1 }, { "e2", s->acr_e2 }, { "e3", s->acr_e3 },
		{},
	});

	json_object_object_add(o, "busy_pcplist_rate", s->acr_tried ?
			       hs_json_number(ratio((double)s->acr_busy_pcp,
						    (double)s->acr_tried)) : NULL);
	json_object_object_add(o, "spurious_rate", s->acr_tried ?
			       hs_json_number(ratio((double)s->acr_spurious,
						    (double)s->acr_tried)) : NULL);
	json_object_object_add(o, "mean_ns", s->acr_tried ?
			       hs_json_number(ratio((double)s->acr_ns,
						    (double)s->acr_tried)) : NULL);
	return o;
}

static struct json_object *soft_offlines_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "calls", t->soft_offlines }, { "met", t->soft_offlines_met },
		{ "deadlocked", t->soft_offlines_deadlocked },
		{},
	});
}

static struct json_object *hogs_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "met", t->hogs_met }, { "deaf", t->hogs_deaf },
		{},
	});
}

static struct json_object *compaction_to_json(const struct hotsoak_stats *s)
{
	return counts_to_json((const struct count[]) {
		{ "scans", s->compact_scans }, { "met", s->compact_met },
		{ "taken", s->compact_taken }, { "crossed", s->compact_crossed },
		{ "isolated", s->compact_isolated },
		{},
	});
}

static struct json_object *hugetlb_to_json(const struct hs_tally *t)
{
	struct json_object *o = counts_to_json((const struct count[]) {
		{ "free_met", t->hugetlb_free_met }, { "used_met", t->hugetlb_used_met },
		{ "resizes", t->hugetlb_resizes }, { "sigbus", t->pages[HS_PAGES_HUGETLB].sigbus },
		{},
	});

	json_object_object_add(o, "wrong", *t->hugetlb_wrong ? hs_json_text(t->hugetlb_wrong) : NULL);
	return o;
}

static struct json_object *poisoned_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "met", t->poisoned_met }, { "endless", t->poisoned_endless },
		{},
	});
}

static struct json_object *nodes_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "emptied", t->nodes_emptied }, { "filled", t->nodes_filled },
		{ "checked", t->nodes_gone_seen + t->nodes_back_seen }, { "wrong", t->nodes_wrong }, {},
	});
}

static struct json_object *zones_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "other", t->zones_other }, { "own", t->zones_own }, { "wrong", t->zones_wrong }, {},
	});
}

static struct json_object *balloon_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "inflated", t->balloon_inflated }, { "deflated", t->balloon_deflated },
		{ "migrated", t->balloon_migrated }, {},
	});
}

static struct json_object *sysfs_to_json(const struct hs_tally *t)
{
	struct json_object *o = counts_to_json((const struct count[]) {
		{ "reads", t->sysfs_reads }, { "going", t->sysfs_going }, { "met", t->sysfs_met },
		{ "wrong", t->sysfs_wrong }, { "unsound", t->sysfs_unsound },
		{ "uevents", t->uevents_heard }, { "missing", t->uevents_missing },
		{ "doubled", t->uevents_doubled }, { "unasked", t->uevents_unasked },
		{},
	});

	json_object_object_add(o, "lost", json_object_new_boolean(t->uevents_lost));
	return o;
}

static struct json_object *hard_poison_to_json(const struct hs_tally *t)
{
	return counts_to_json((const struct count[]) {
		{ "met", t->poisoned_met }, { "endless", t->poisoned_endless },
		{ "late", t->poisoned_late }, { "refused", t->poison_refused },
		{ "lost", t->poison_lost },
		{},
	});
}

static struct json_object *notifiers_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "refused", json_object_new_uint64(t->stats.offlines_refused));
	json_object_object_add(o, "listeners", hs_tally_listeners_to_json(t));
	return o;
}

static struct json_object *latency_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (int op = 0; op < HS_NR_OPS; op++) {
		struct json_object *l = hs_latency_to_json(&t->latency[op]);

		json_object_object_del(l, "n");
		json_object_object_add(o, hs_op_names[op], l);
	}
	return o;
}

static struct json_object *hooks_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 0; i < t->nr_hooks; i++) {
		struct json_object *h = json_object_new_object();

		json_object_object_add(h, "attached",
				       json_object_new_boolean(!t->hooks[i].error));
		json_object_object_add(h, "nmissed", json_object_new_uint64(t->hooks[i].nmissed));
		json_object_object_add(o, t->hooks[i].name, h);
	}
	return o;
}

/*
 * The rule of three: none seen in n tries bounds the rate at 3/n with 95 %
 * confidence. It says nothing without tries, nor once something was seen.
 */
static struct json_object *bound(uint64_t n, uint64_t violations)
{
	return n && !violations ? hs_json_number(3.0 / (double)n) : NULL;
}

static struct json_object *bounds_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();
	uint64_t violations = hs_tally_violations(t);

	json_object_object_add(o, "per_e2", bound(t->stats.e2, violations));
	json_object_object_add(o, "per_window", bound(t->stats.windows_e2, violations));
	return o;
}

static struct json_object *reasons_to_json(const struct hs_judgement *j)
{
	struct json_object *a = json_object_new_array();

	for (unsigned int i = 0; i < j->nr_reasons; i++)
		json_object_array_add(a, hs_json_text(j->reasons[i]));
	return a;
}

struct json_object *hs_summary_to_json(const struct hs_run_info *info,
				       const struct hs_tally *t,
				       const struct hs_judgement *j)
{
	double seconds = (double)t->duration_ns / 1e9;
	enum hs_verdict expected;
	struct json_object *o = json_object_new_object(), *controls = json_object_new_array();

	if (*t->control)
		json_object_array_add(controls, hs_json_text(t->control));
	json_object_object_add(o, "schema", json_object_new_int(HS_RECORD_SCHEMA));
	json_object_object_add(o, "verdict", json_object_new_string(hs_verdict_names[j->verdict]));
	json_object_object_add(o, "reasons", reasons_to_json(j));
	if (!hs_expectation_get(info->scenario.expected, info->kernel, &expected))
		json_object_object_add(o, "expected",
				       json_object_new_string(hs_verdict_names[expected]));
	json_object_object_add(o, "scenario", hs_json_text(info->scenario.name));
	json_object_object_add(o, "seed", json_object_new_uint64(info->seed));
	json_object_object_add(o, "kernel", hs_json_text(info->kernel));
	json_object_object_add(o, "cpus", json_object_new_uint64(info->cpus));
	json_object_object_add(o, "duration_s", hs_json_number(seconds));
	json_object_object_add(o, "cycles", json_object_new_uint64(t->cycles));
	json_object_object_add(o, "windows", json_object_new_uint64(t->stats.windows));
	json_object_object_add(o, "exposure", exposure_to_json(&t->stats));
	json_object_object_add(o, "strays", strays_to_json(&t->stats));
	json_object_object_add(o, "contig", contig_to_json(&t->stats));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_NOTIFIER_ERROR))
		json_object_object_add(o, "notifiers", notifiers_to_json(t));
	json_object_object_add(o, "freers", hs_tally_freers_to_json(t));
	json_object_object_add(o, "tuners", hs_tally_tuners_to_json(t));
	json_object_object_add(o, "samples", json_object_new_uint64(t->stats.samples));
	json_object_object_add(o, "sampler_duty", hs_json_number(
			       ratio((double)t->stats.sample_lock_ns, (double)t->stats.window_ns)));
	json_object_object_add(o, "transitions_per_s", hs_json_number(
			       ratio((double)t->transitions, seconds)));
	json_object_object_add(o, "operations", hs_tally_operations_to_json(t));
	json_object_object_add(o, "latency_ns", latency_to_json(t));
	if (hs_antagonist_of_pages(&info->scenario))
		json_object_object_add(o, "pages_held", json_object_new_uint64(t->pages_held));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_SOFT_OFFLINE))
		json_object_object_add(o, "soft_offlines", soft_offlines_to_json(t));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_FIFO_HOG))
		json_object_object_add(o, "hogs", hogs_to_json(t));
	if (info->scenario.hugetlb)
		json_object_object_add(o, "hugetlb", hugetlb_to_json(t));
	if (info->scenario.stress_ng)
		json_object_object_add(o, "stress_ng", hs_stress_ng_to_json(&t->stress_ng, true));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_POISONED_THP))
		json_object_object_add(o, "poisoned_thp", poisoned_to_json(t));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_SYSFS_READERS))
		json_object_object_add(o, "sysfs_readers", sysfs_to_json(t));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_HARD_POISON))
		json_object_object_add(o, "hard_poison", hard_poison_to_json(t));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_COMPACT))
		json_object_object_add(o, "compaction", compaction_to_json(&t->stats));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_SIGNALS))
		json_object_object_add(o, "signals", hs_tally_signals_to_json(t));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_LRU_BATCH))
		json_object_object_add(o, "lru_batched", json_object_new_uint64(t->lru_batched));
	if (t->nodes_emptied || t->nodes_filled)
		json_object_object_add(o, "nodes", nodes_to_json(t));
	if (hs_scenario_has(&info->scenario, HS_ANTAGONIST_BALLOON))
		json_object_object_add(o, "balloon", balloon_to_json(t));
	if (info->scenario.alternate_zones)
		json_object_object_add(o, "zones", zones_to_json(t));
	if (info->scenario.needs_virtio_mem)
		json_object_object_add(o, "virtio_mem_resizes",
				       json_object_new_uint64(t->virtio_mem_resizes));
	if (info->scenario.bystanders)
		json_object_object_add(o, "bystanders", hs_tally_probes_to_json(t));
	json_object_object_add(o, "invariants", hs_tally_invariants_to_json(t));
	json_object_object_add(o, "controls", controls);
	json_object_object_add(o, "hooks", hooks_to_json(t));
	json_object_object_add(o, "bound_95", bounds_to_json(t));
	return o;
}

static int write_file(int dir_fd, struct json_object *o)
{
	int fd = openat(dir_fd, BESIDE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600);
	_cleanup_fclose_ FILE *f = NULL;

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		int r = -errno;

		close(fd);
		return r;
	}
	errno = 0;
	fprintf(f, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
				JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	/* Renaming a file whose data is not out yet could leave an empty one. */
	if (fflush(f) || ferror(f) || fdatasync(fd) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

int hs_summary_write(const char *dir, const struct hs_run_info *info,
		     const struct hs_tally *t, const struct hs_judgement *j)
{
	_cleanup_close_ int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct json_object *o;
	int r;

	if (dir_fd < 0)
		return -errno;
	o = hs_summary_to_json(info, t, j);
	r = write_file(dir_fd, o);
	json_object_put(o);
	if (!r && renameat(dir_fd, BESIDE, dir_fd, SUMMARY) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir_fd, BESIDE, 0);
	return r;
}
