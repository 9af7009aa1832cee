// SPDX-License-Identifier: GPL-2.0-only
/* The tally through JSON and back: nothing lost, nothing believed untested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include <json-c/json.h>

#include "run.h"

/* Every counter different, so that no two can be mixed up. */
static void fill(struct hs_tally *t)
{
	uint64_t v = UINT64_MAX;

	run_tally(t);
	for (size_t o = offsetof(struct hotsoak_stats, offlines);
	     o < offsetof(struct hotsoak_stats, inv); o += sizeof(v), v--)
		memcpy((char *)&t->stats + o, &v, sizeof(v));
	for (size_t o = offsetof(struct hotsoak_stats, realloc_stale); o < sizeof(t->stats);
	     o += sizeof(v), v--)
		memcpy((char *)&t->stats + o, &v, sizeof(v));
	t->interference = 77;
	t->pages_held = 78;
	t->soft_offlines = 79;
	t->soft_offlines_met = 80;
	t->soft_offlines_deadlocked = 81;
	t->lru_batched = 82;
	t->hogs_met = 83;
	t->hogs_deaf = 84;
	t->bystanders_stuck = 85;
	for (int i = 0; i < HS_NR_PROBES; i++) {
		uint64_t n = 500 + 10 * (uint64_t)i;

		t->probe[i] = (struct hs_probe_tally){ i % 2, n, n + 1, n + 2, n + 3, n + 4 };
	}
	t->hugetlb_free_met = 83;
	t->hugetlb_used_met = 84;
	t->hugetlb_resizes = 85;
	t->hugetlb_audits = 86;
	t->pages[HS_PAGES_HUGETLB] = (struct hs_pages_tally){ 3, 92, 93, 94, 95, 96, 87, 88 };
	t->pages[HS_PAGES_ANON] = (struct hs_pages_tally){ 2, 101, 102, 103, 104, 105, 0, 106 };
	t->tuner[HS_ANTAGONIST_WATERMARK] = (struct hs_tuner_tally){ 111, 112, 113 };
	t->tuner[HS_ANTAGONIST_CPU_HOTPLUG] = (struct hs_tuner_tally){ 0, 114, 115 };
	memcpy(t->hugetlb_wrong, "Free 7", 7);
	t->stress_ng = (struct hs_stress_ng_tally) {
		.starts = 111, .early = 112, .killed = 113, .unread = 114, .exit = 115, .gave_up = 1,
		.failed = "a failure", .changed = "a change",
		.sum = { "0.15.06", 2, { { "vm", 116, 117 }, { "mmap", 118, 119 } } },
	};
	for (int i = 0; i < HS_NR_STRESS_NG_ENDS; i++)
		t->stress_ng.ends[i] = 121 + (uint64_t)i;
	t->virtio_mem_resizes = 88;
	t->nodes_emptied = 121;
	t->nodes_filled = 122;
	t->nodes_gone_seen = 123;
	t->nodes_back_seen = 125;
	t->nodes_wrong = 124;
	t->balloon_inflated = 129;
	t->balloon_deflated = 130;
	t->balloon_migrated = 131;
	t->zones_other = 126;
	t->zones_own = 127;
	t->zones_wrong = 128;
	t->poisoned_met = 83;
	t->poisoned_endless = 84;
	t->sysfs_reads = 85;
	t->sysfs_going = 86;
	t->sysfs_met = 87;
	t->sysfs_wrong = 88;
	t->sysfs_unsound = 89;
	t->uevents_heard = 90;
	t->uevents_missing = 91;
	t->uevents_doubled = 92;
	t->uevents_unasked = 93;
	t->uevents_lost = 1;
	t->poisoned_late = 94;
	t->poison_refused = 95;
	t->poison_lost = 96;
	v = 1000;
	for (size_t o = 0; o < sizeof(t->signals); o += sizeof(v), v++)
		memcpy((char *)&t->signals + o, &v, sizeof(v));
	memcpy(t->control, "lift", 5);
	memcpy(t->broken, "b \"q\"", 6);
	memcpy(t->skip, "s", 2);
	memcpy(t->stopped, "early", 6);
	t->inv[3] = (struct hs_inv_tally){ .checks = 4, .violations = 5, .unpromised = true };
	t->witness_doubt = true;
}

static struct json_object *through_text(struct json_object *o)
{
	struct json_object *parsed = json_tokener_parse(
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));

	assert_non_null(parsed);
	json_object_put(o);
	return parsed;
}

static void test_round_trip(void **state)
{
	static struct hs_tally t, back;
	struct json_object *o;

	fill(&t);
	memset(&back, 0, sizeof(back));
	o = through_text(hs_tally_to_json(&t, true));
	assert_int_equal(hs_tally_from_json(&back, o), 0);
	assert_false(back.ended);		/* that is the end line's to say */
	back.ended = true;
	back.stats.size = t.stats.size;
	assert_memory_equal(&t, &back, sizeof(t));
	json_object_put(o);
}

static void test_part(void **state)
{
	static struct hs_tally t, back;
	struct json_object *o;

	fill(&t);
	memset(&back, 0, sizeof(back));
	o = through_text(hs_tally_to_json(&t, false));
	assert_int_equal(hs_tally_from_json(&back, o), 0);
	assert_memory_equal(&t.ops, &back.ops, sizeof(t.ops));
	assert_true(back.latency[0].max_ns == t.latency[0].max_ns);
	assert_int_equal(back.nr_hooks, 0);
	json_object_put(o);
}

/* What an earlier hotsoak did not know is missing from its record. */
static bool may_be_missing(struct json_object *whole, struct json_object *o, const char *key)
{
	return o == whole ? !strcmp(key, "signals") || !strcmp(key, "probes") ||
		!strcmp(key, "freers") || !strcmp(key, "tuners") || !strcmp(key, "stress_ng") :
		o == json_object_object_get(whole, "tuners") ||
		o == json_object_object_get(json_object_object_get(whole, "stress_ng"), "stressors") ||
		o == json_object_object_get(whole, "freers") ||
		o == json_object_object_get(whole, "probes") ||
		o == json_object_object_get(whole, "invariants") ||
		o == json_object_object_get(whole, "stats");
}

/* Drops or falsifies each member of each object in turn. */
static void spoil(struct json_object *whole, struct json_object *o)
{
	struct json_object *saved;
	static struct hs_tally t;
	size_t nr = 0;
	char *keys[64];

	json_object_object_foreach(o, key, value) {
		(void)value;
		assert_true(nr < 64);
		keys[nr++] = strdup(key);
	}
	for (size_t i = 0; i < nr; i++) {
		saved = json_object_get(json_object_object_get(o, keys[i]));
		json_object_object_add(o, keys[i], json_object_new_double(1.5));
		memset(&t, 0, sizeof(t));
		/* p50 and its like are for people: computed, never read back. */
		if (hs_tally_from_json(&t, whole) != -EBADMSG && keys[i][0] != 'p')
			fail_msg("\"%s\": 1.5 was believed", keys[i]);
		json_object_object_del(o, keys[i]);
		if (json_object_is_type(saved, json_type_object))
			assert_int_equal(hs_tally_from_json(&t, whole),
					 may_be_missing(whole, o, keys[i]) ? 0 : -EBADMSG);
		json_object_object_add(o, keys[i], json_object_get(saved));
		if (json_object_is_type(saved, json_type_object))
			spoil(whole, saved);
		json_object_put(saved);
		free(keys[i]);
	}
}

static void test_bad_members(void **state)
{
	static struct hs_tally t;
	struct json_object *o;

	fill(&t);
	o = hs_tally_to_json(&t, true);
	memset(&t, 0, sizeof(t));
	assert_int_equal(hs_tally_from_json(&t, o), 0);
	spoil(o, o);
	assert_int_equal(hs_tally_from_json(&t, o), 0);
	json_object_put(o);
}

static void test_bad_arrays(void **state)
{
	static const struct { const char *object, *key, *value; } rows[] = {
		{ NULL, "hooks", "[1]" }, { NULL, "hooks", "[{}]" },
		{ NULL, "hooks", "[{\"name\":\"a\",\"aim\":false,\"nmissed\":0}]" },
		{ NULL, "hooks", "[{\"name\":\"01234567890123456789012345678901\",\"aim\":false,\"nmissed\":0,\"error\":0}]" },
		{ NULL, "hooks", "[0,0,0,0,0,0,0,0,0,0,0,0,0]" },
		{ "stats", "exposure_by_order", "[0,0,0,0,0,0,0,0,0,0,0,0]" },
		{ "stats", "exposure_by_order", "[\"x\"]" },
		{ NULL, "control", "\"a name that is far longer than the 32 bytes of its field\"" },
	};
	static struct hs_tally t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *o, *part;

		fill(&t);
		part = o = hs_tally_to_json(&t, true);
		if (rows[i].object)
			assert_true(json_object_object_get_ex(o, rows[i].object, &part));
		json_object_object_add(part, rows[i].key, json_tokener_parse(rows[i].value));
		memset(&t, 0, sizeof(t));
		if (hs_tally_from_json(&t, o) != -EBADMSG)
			fail_msg("%s: %s was believed", rows[i].key, rows[i].value);
		json_object_put(o);
	}
}

static void test_violations(void **state)
{
	static struct hs_tally t;

	run_tally(&t);
	assert_true(hs_tally_violations(&t) == 0);
	t.inv[0].violations = 2;
	t.inv[HS_NR_INVARIANTS - 1].violations = 3;
	assert_true(hs_tally_violations(&t) == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_part),
		cmocka_unit_test(test_bad_members), cmocka_unit_test(test_bad_arrays),
		cmocka_unit_test(test_violations),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
