// SPDX-License-Identifier: GPL-2.0-only
/* The way of a tally into the record and back. */
#include "tally_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonval.h"

/* Every plain number of the tally and of the module's counters. */
#define ROW(field)	{ #field, offsetof(struct hs_tally, field) }
#define STAT(field)	{ #field, offsetof(struct hs_tally, stats.field) }

static const struct hs_number numbers[] = {
	ROW(duration_ns), ROW(cycles), ROW(transitions), ROW(interference), ROW(lru_batched),
	ROW(pages_held), ROW(soft_offlines), ROW(soft_offlines_met),
	ROW(soft_offlines_deadlocked), ROW(hogs_met), ROW(hogs_deaf),
	ROW(bystanders_stuck), ROW(hugetlb_free_met), ROW(hugetlb_used_met),
	ROW(hugetlb_resizes), ROW(hugetlb_audits),
	ROW(poisoned_met), ROW(poisoned_endless), ROW(poisoned_late), ROW(poison_refused),
	ROW(poison_lost),
	ROW(sysfs_reads), ROW(sysfs_going), ROW(sysfs_met), ROW(sysfs_wrong), ROW(sysfs_unsound),
	ROW(uevents_heard), ROW(uevents_missing), ROW(uevents_doubled), ROW(uevents_unasked),
	ROW(uevents_lost),
	ROW(virtio_mem_resizes),
	ROW(nodes_emptied), ROW(nodes_filled), ROW(nodes_gone_seen),
	ROW(nodes_back_seen), ROW(nodes_wrong), ROW(zones_other), ROW(zones_own), ROW(zones_wrong),
	ROW(balloon_inflated), ROW(balloon_deflated), ROW(balloon_migrated),
};

static const struct hs_number stat_numbers[] = {
	STAT(offlines), STAT(offlines_early), STAT(windows), STAT(windows_isolated),
	STAT(windows_missed), STAT(windows_poison), STAT(windows_e1), STAT(windows_e2),
	STAT(e1), STAT(e2), STAT(e3), STAT(trylock_failed), STAT(delayed), STAT(strays),
	STAT(windows_stray), STAT(first_stray_ns), STAT(laps), STAT(laps_stray), STAT(samples),
	STAT(samples_contended), STAT(sample_lock_ns), STAT(window_ns), STAT(burst_held),
	STAT(burst_freed), STAT(burst_fill_failed), STAT(events_lost), STAT(control_planted),
	STAT(realloc_stale), STAT(contig_tried), STAT(contig_taken), STAT(lap_failed_pfn),
	STAT(acr_tried), STAT(acr_taken), STAT(acr_busy), STAT(acr_busy_pcp),
	STAT(acr_busy_held), STAT(acr_spurious), STAT(acr_passed_over), STAT(acr_straddled),
	STAT(acr_ns), STAT(acr_e1), STAT(acr_e2), STAT(acr_e3),
	STAT(offlines_refused), STAT(acr_pairs), STAT(acr_overlapped), STAT(acr_busy_isolating),
	STAT(acr_left_isolated),
	STAT(compact_scans), STAT(compact_met), STAT(compact_taken),
	STAT(compact_crossed), STAT(compact_isolated),
};

static const struct { const char *name; size_t offset; } flags[] = {
	ROW(witness), ROW(witness_doubt), ROW(restored),
};

#define TEXT(field)	{ #field, offsetof(struct hs_tally, field), \
			  sizeof(((struct hs_tally *)0)->field) }

static const struct { const char *name; size_t offset, bytes; } texts[] = {
	TEXT(control), TEXT(broken), TEXT(stopped), TEXT(hugetlb_wrong), TEXT(skip),
};

#define HEARD(field)	{ #field, offsetof(struct hotsoak_listener_stats, field) }

/* What each listener to the memory notifiers has heard. */
static const struct hs_number heard_numbers[] = {
	HEARD(going), HEARD(cancel), HEARD(cancel_unasked), HEARD(offline), HEARD(unended),
};

/* A counter that the module grows must not be lost on the way to the judge. */
_Static_assert(LEN(stat_numbers) * 8 + 8 + HOTSOAK_NR_ORDERS * 8 +
	       HOTSOAK_NR_INVARIANTS * sizeof(struct hotsoak_invariant_stats) +
	       HOTSOAK_NR_LISTENERS * sizeof(struct hotsoak_listener_stats) ==
	       sizeof(struct hotsoak_stats), "every counter of hotsoak_stats needs a row");

void hs_numbers_put(struct json_object *o, const void *t,
			const struct hs_number *table, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint64_t v;

		/* memcpy: the module's __u64 is another type than uint64_t. */
		memcpy(&v, field(t, table[i].offset), sizeof(v));
		json_object_object_add(o, table[i].name, json_object_new_uint64(v));
	}
}

int hs_numbers_get(struct json_object *o, void *t,
		       const struct hs_number *table, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint64_t v;
		int r = hs_json_get_u64(o, table[i].name, &v);

		if (r == -EBADMSG)
			return r;
		if (!r)
			memcpy(field(t, table[i].offset), &v, sizeof(v));
	}
	return 0;
}

void hs_part_put(struct json_object *o, const char *name, const void *t,
		     const struct hs_number *table, size_t nr)
{
	struct json_object *part = json_object_new_object();

	hs_numbers_put(part, t, table, nr);
	json_object_object_add(o, name, part);
}

int hs_part_get(struct json_object *o, const char *name, void *t, const struct hs_number *table,
		    size_t nr)
{
	struct json_object *part;
	int r = hs_json_get_object(o, name, &part);

	return r == -ENOENT ? 0 : r < 0 ? -EBADMSG : hs_numbers_get(part, t, table, nr);
}

struct json_object *hs_tally_operations_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (int op = 0; op < HS_NR_OPS; op++) {
		struct json_object *outcomes = json_object_new_object();

		for (int i = 0; i < HS_NR_OUTCOMES; i++)
			json_object_object_add(outcomes, hs_outcome_names[i],
					       json_object_new_uint64(t->ops[op][i]));
		json_object_object_add(o, hs_op_names[op], outcomes);
	}
	return o;
}

struct json_object *hs_tally_invariants_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < HS_NR_INVARIANTS; i++) {
		struct json_object *inv = json_object_new_object();

		json_object_object_add(inv, "armed", json_object_new_boolean(t->inv[i].armed));
		json_object_object_add(inv, "checks", json_object_new_uint64(t->inv[i].checks));
		json_object_object_add(inv, "violations",
				       json_object_new_uint64(t->inv[i].violations));
		json_object_object_add(inv, "promised",
				       json_object_new_boolean(!t->inv[i].unpromised));
		json_object_object_add(o, hs_invariants[i].id, inv);
	}
	return o;
}

static struct json_object *latencies_to_json(const struct hs_tally *t, bool buckets)
{
	struct json_object *o = json_object_new_object();

	for (int op = 0; op < HS_NR_OPS; op++) {
		struct json_object *l = hs_latency_to_json(&t->latency[op]);

		if (buckets)
			json_object_object_add(l, "buckets",
					       hs_latency_buckets_to_json(&t->latency[op]));
		json_object_object_add(o, hs_op_names[op], l);
	}
	return o;
}

static struct json_object *stats_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object(), *orders = json_object_new_array();

	hs_numbers_put(o, t, stat_numbers, LEN(stat_numbers));
	for (int i = 0; i < HOTSOAK_NR_ORDERS; i++)
		json_object_array_add(orders,
				      json_object_new_uint64(t->stats.exposure_by_order[i]));
	json_object_object_add(o, "exposure_by_order", orders);
	json_object_object_add(o, "listeners", hs_tally_listeners_to_json(t));
	return o;
}

struct json_object *hs_tally_listeners_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < HOTSOAK_NR_LISTENERS; i++)
		hs_part_put(o, hs_listener_names[i], &t->stats.listener[i], heard_numbers,
			 LEN(heard_numbers));
	return o;
}

static struct json_object *hooks_to_json(const struct hs_tally *t)
{
	struct json_object *a = json_object_new_array();

	for (unsigned int i = 0; i < t->nr_hooks; i++) {
		struct json_object *h = json_object_new_object();

		json_object_object_add(h, "name", hs_json_text(t->hooks[i].name));
		json_object_object_add(h, "error", json_object_new_int(t->hooks[i].error));
		json_object_object_add(h, "aim", json_object_new_boolean(t->hooks[i].aim));
		json_object_object_add(h, "nmissed", json_object_new_uint64(t->hooks[i].nmissed));
		json_object_array_add(a, h);
	}
	return a;
}

struct json_object *hs_tally_to_json(const struct hs_tally *t, bool whole)
{
	struct json_object *o = json_object_new_object();

	hs_numbers_put(o, t, numbers, LEN(numbers));
	json_object_object_add(o, "operations", hs_tally_operations_to_json(t));
	json_object_object_add(o, "latency_ns", latencies_to_json(t, whole));
	json_object_object_add(o, "stats", stats_to_json(t));
	json_object_object_add(o, "invariants", hs_tally_invariants_to_json(t));
	json_object_object_add(o, "signals", hs_tally_signals_to_json(t));
	/* The one that can always be had tells whether there were any. */
	if (t->probe[HS_PROBE_MMAP].calls)
		json_object_object_add(o, "probes", hs_tally_probes_to_json(t));
	json_object_object_add(o, "freers", hs_tally_freers_to_json(t));
	json_object_object_add(o, "tuners", hs_tally_tuners_to_json(t));
	if (t->stress_ng.starts)
		json_object_object_add(o, "stress_ng", hs_stress_ng_to_json(&t->stress_ng, !whole));
	for (size_t i = 0; i < LEN(flags); i++)
		json_object_object_add(o, flags[i].name, json_object_new_boolean(
				       *(bool *)field(t, flags[i].offset)));
	for (size_t i = 0; i < LEN(texts); i++) {
		const char *text = field(t, texts[i].offset);

		if (*text)
			json_object_object_add(o, texts[i].name, hs_json_text(text));
	}
	if (whole)
		json_object_object_add(o, "hooks", hooks_to_json(t));
	return o;
}

static int get_operations(struct json_object *o, struct hs_tally *t)
{
	for (int op = 0; op < HS_NR_OPS; op++) {
		struct json_object *outcomes;

		if (hs_json_get_object(o, hs_op_names[op], &outcomes) < 0)
			return -EBADMSG;
		for (int i = 0; i < HS_NR_OUTCOMES; i++)
			if (hs_json_get_u64(outcomes, hs_outcome_names[i],
					    &t->ops[op][i]) == -EBADMSG)
				return -EBADMSG;
	}
	return 0;
}

static int get_stress_ng(struct json_object *o, struct hs_tally *t)
{
	return hs_stress_ng_from_json(&t->stress_ng, o);
}

static int get_latencies(struct json_object *o, struct hs_tally *t)
{
	for (int op = 0; op < HS_NR_OPS; op++) {
		struct json_object *l;

		if (hs_json_get_object(o, hs_op_names[op], &l) < 0 ||
		    hs_latency_from_json(&t->latency[op], l) < 0)
			return -EBADMSG;
	}
	return 0;
}

static int get_listeners(struct json_object *o, struct hs_tally *t)
{
	for (int i = 0; i < HOTSOAK_NR_LISTENERS; i++) {
		struct json_object *heard;

		if (hs_json_get_object(o, hs_listener_names[i], &heard) < 0 ||
		    hs_numbers_get(heard, &t->stats.listener[i], heard_numbers,
				LEN(heard_numbers)) < 0)
			return -EBADMSG;
	}
	return 0;
}

static int get_stats(struct json_object *o, struct hs_tally *t)
{
	struct json_object *orders, *listeners;
	int r;

	if (hs_numbers_get(o, t, stat_numbers, LEN(stat_numbers)) < 0 ||
	    hs_json_get_array(o, "exposure_by_order", &orders) < 0 ||
	    json_object_array_length(orders) > HOTSOAK_NR_ORDERS)
		return -EBADMSG;
	for (size_t i = 0; i < json_object_array_length(orders); i++) {
		uint64_t v;

		if (hs_json_u64(json_object_array_get_idx(orders, i), &v) < 0)
			return -EBADMSG;
		t->stats.exposure_by_order[i] = v;
	}
	/* There were none before a record had them. */
	r = hs_json_get_object(o, "listeners", &listeners);
	return r == -ENOENT ? 0 : r < 0 ? r : get_listeners(listeners, t);
}

static int get_invariants(struct json_object *o, struct hs_tally *t)
{
	for (int i = 0; i < HS_NR_INVARIANTS; i++) {
		struct json_object *inv;
		bool promised = true;
		int r = hs_json_get_object(o, hs_invariants[i].id, &inv);

		/* Not known to the writer: not armed, and so not claimed. */
		if (r == -ENOENT)
			continue;
		if (r < 0 || hs_json_get_bool(inv, "promised", &promised) == -EBADMSG ||
		    hs_json_get_bool(inv, "armed", &t->inv[i].armed) < 0 ||
		    hs_json_get_u64(inv, "checks", &t->inv[i].checks) < 0 ||
		    hs_json_get_u64(inv, "violations", &t->inv[i].violations) < 0)
			return -EBADMSG;
		t->inv[i].unpromised = !promised;
	}
	return 0;
}

static int get_hooks(struct json_object *a, struct hs_tally *t)
{
	size_t nr = json_object_array_length(a);

	if (nr > LEN(t->hooks))
		return -EBADMSG;
	for (size_t i = 0; i < nr; i++) {
		struct json_object *h = json_object_array_get_idx(a, i), *error;
		struct hs_hook_tally *hook = &t->hooks[i];

		if (hs_json_get_text(h, "name", hook->name, sizeof(hook->name)) < 0 ||
		    hs_json_get_bool(h, "aim", &hook->aim) < 0 ||
		    hs_json_get_u64(h, "nmissed", &hook->nmissed) < 0 ||
		    !json_object_object_get_ex(h, "error", &error) ||
		    !json_object_is_type(error, json_type_int))
			return -EBADMSG;
		hook->error = json_object_get_int(error);
	}
	t->nr_hooks = (unsigned int)nr;
	return 0;
}

int hs_tally_from_json(struct hs_tally *t, struct json_object *o)
{
	static const struct {
		const char *key;
		int (*read)(struct json_object *o, struct hs_tally *t);
		bool later;		/* all zero where a record of before lacks it */
	} parts[] = {
		{ "operations", get_operations, false }, { "latency_ns", get_latencies, false },
		{ "stats", get_stats, false }, { "invariants", get_invariants, false },
		{ "signals", hs_tally_signals_from_json, true },
		{ "probes", hs_tally_probes_from_json, true },
		{ "freers", hs_tally_freers_from_json, true },
		{ "tuners", hs_tally_tuners_from_json, true },
		{ "stress_ng", get_stress_ng, true },
	};
	struct json_object *part;
	int r;

	if (hs_numbers_get(o, t, numbers, LEN(numbers)) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < LEN(parts); i++) {
		r = hs_json_get_object(o, parts[i].key, &part);
		if (r == -ENOENT && parts[i].later)
			continue;
		if (r < 0 || parts[i].read(part, t) < 0)
			return -EBADMSG;
	}
	for (size_t i = 0; i < LEN(flags); i++)
		if (hs_json_get_bool(o, flags[i].name, field(t, flags[i].offset)) < 0)
			return -EBADMSG;
	for (size_t i = 0; i < LEN(texts); i++)
		if (hs_json_get_text(o, texts[i].name, field(t, texts[i].offset),
				     texts[i].bytes) == -EBADMSG)
			return -EBADMSG;
	r = hs_json_get_array(o, "hooks", &part);
	if (r == -EBADMSG || (!r && get_hooks(part, t) < 0))
		return -EBADMSG;
	return 0;
}
