// SPDX-License-Identifier: GPL-2.0-only
/* summary.json: exactly its keys, its ratios and bounds, and no half a file. */
#include "tree.h"

#include <errno.h>

#include <json-c/json.h>

#include "report_text.h"
#include "run.h"

struct bench {
	struct tree t;
	struct hs_run_info info;
	struct hs_tally tally;
	struct hs_judgement j;
};

static int setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	tree_init(&b.t);
	run_scenario(&b.info.scenario);
	run_tally(&b.tally);
	hs_verdict_judge(&b.j, &b.info.scenario, &b.tally);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(&((struct bench *)*state)->t);
	return 0;
}

static struct json_object *at(struct json_object *o, const char *path)
{
	char copy[128], *rest = copy, *key;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((key = strsep(&rest, "/")))
		if (!json_object_object_get_ex(o, key, &o))
			fail_msg("summary.json lacks %s", path);
	return o;
}

/* The same run for a terminal. */
static const char *words_of(const struct bench *b)
{
	static char text[8192];
	FILE *f = fmemopen(text, sizeof(text), "w");

	assert_non_null(f);
	hs_report_summary(f, &b->info, &b->tally, &b->j);
	fclose(f);
	return text;
}

static void test_summary(void **state)
{
	static const char *const keys[] = {
		"schema", "verdict", "reasons", "scenario", "seed", "kernel", "cpus", "duration_s",
		"cycles", "windows", "exposure", "strays", "contig", "freers", "tuners", "samples", "sampler_duty",
		"transitions_per_s", "operations", "latency_ns", "invariants", "controls", "hooks", "bound_95",
	};
	struct bench *b = *state;
	struct json_object *o;
	char *text;

	assert_int_equal(hs_summary_write(b->t.dir, &b->info, &b->tally, &b->j), 0);
	text = tree_read(&b->t, "summary.json");
	o = json_tokener_parse(text);
	assert_non_null(o);
	assert_int_equal(json_object_object_length(o), sizeof(keys) / sizeof(keys[0]));
	assert_false(json_object_object_get_ex(o, "notifiers", NULL));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		at(o, keys[i]);
	assert_string_equal(json_object_get_string(at(o, "verdict")), "PASS");
	assert_int_equal(json_object_get_int(at(o, "exposure/e2")), 51);
	assert_int_equal(json_object_get_int(at(o, "exposure/by_order/3")), 3);
	assert_int_equal(json_object_get_int(at(o, "operations/offline/refused")), 3);
	assert_int_equal(json_object_get_int(at(o, "latency_ns/online/max")), 10000000);
	assert_int_equal(json_object_object_length(at(o, "latency_ns/online")), 5);
	assert_true(json_object_get_boolean(at(o, "hooks/zone_pcp_disable/attached")));
	assert_false(json_object_get_boolean(at(o, "hooks/mm_page_free/attached")));
	assert_int_equal(json_object_get_int(at(o, "invariants/no-stray/checks")), 1000);
	assert_true(json_object_get_boolean(at(o, "invariants/no-stray/promised")));
	assert_null(at(o, "strays/first_s"));
	assert_true(json_object_get_double(at(o, "sampler_duty")) == .01);
	assert_true(json_object_get_double(at(o, "transitions_per_s")) == 20);
	assert_true(json_object_get_double(at(o, "duration_s")) == 10);
	assert_true(json_object_get_double(at(o, "bound_95/per_window")) == .1);
	assert_int_equal(json_object_array_length(at(o, "controls")), 0);
	assert_int_equal(access(tree_path(&b->t, ".summary.json.new"), F_OK), -1);
	json_object_put(o);
	free(text);
}

static void test_bounds(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.stats.e2 = b->tally.stats.windows_e2 = 0;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_null(at(o, "bound_95/per_e2"));
	assert_null(at(o, "bound_95/per_window"));
	json_object_put(o);
	b->tally.stats.e2 = b->tally.stats.windows_e2 = 3;
	b->tally.inv[0].violations = 1;
	memcpy(b->tally.control, "lift", 5);
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_null(at(o, "bound_95/per_e2"));
	assert_null(at(o, "bound_95/per_window"));
	assert_string_equal(json_object_get_string(json_object_array_get_idx(at(o, "controls"), 0)),
			    "lift");
	json_object_put(o);
	memset(&b->tally, 0, sizeof(b->tally));		/* no division by nothing */
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_true(json_object_get_double(at(o, "transitions_per_s")) == 0);
	json_object_put(o);
}

/* A kernel that promises nothing of them: figures, in words and for machines. */
static void test_strays(void **state)
{
	struct bench *b = *state;
	struct hotsoak_stats *s = &b->tally.stats;
	struct json_object *o;
	const char *text;

	b->tally.inv[HOTSOAK_INV_NO_STRAY] = (struct hs_inv_tally){ .unpromised = true };
	s->strays = 7;
	s->windows_stray = 5;
	s->first_stray_ns = 1500000000;
	s->laps = 120;
	s->laps_stray = 3;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_get_boolean(at(o, "invariants/no-stray/promised")));
	assert_string_equal(json_object_to_json_string_ext(at(o, "strays"), JSON_C_TO_STRING_PLAIN),
			    "{\"seen\":7,\"windows\":5,\"first_s\":1.5,\"final_tests\":120,\"final_tests_failed\":3}");
	json_object_put(o);
	text = words_of(b);
	assert_non_null(strstr(text, "strays 7, in 5 windows, the first after 1.5 s\n"));
	assert_non_null(strstr(text, "tests of a range 120, of which 3 failed for a page"));
	assert_non_null(strstr(text, "\nno-stray              n/a "));
	assert_non_null(strstr(text, "\npairing               yes "));
}

/* Rates: as many as there may be, the verdict is none of theirs. */
static void test_contig(void **state)
{
	struct bench *b = *state;
	struct hotsoak_stats *s = &b->tally.stats;
	struct json_object *o;
	const char *text;

	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_null(at(o, "contig/busy_pcplist_rate"));
	assert_null(at(o, "contig/spurious_rate"));
	json_object_put(o);
	s->acr_tried = 400;
	s->acr_taken = 360;
	s->acr_busy = 40;
	s->acr_busy_pcp = 20;
	s->acr_busy_held = 19;
	s->acr_spurious = 39;
	s->acr_passed_over = 2;
	s->acr_straddled = 1;
	s->acr_ns = 800000000;
	s->acr_e1 = 5;
	s->acr_e2 = 6;
	s->acr_e3 = 7;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "contig"), JSON_C_TO_STRING_PLAIN),
			    "{\"tried\":400,\"taken\":360,\"busy\":40,\"busy_pcplist\":20,\"busy_held\":19,"
			    "\"spurious\":39,\"passed_over\":2,\"straddled\":1,\"pairs\":0,"
			    "\"overlapped\":0,\"busy_isolating\":0,\"left_isolated\":0,\"e1\":5,\"e2\":6,\"e3\":7,"
			    "\"busy_pcplist_rate\":0.05,\"spurious_rate\":0.0975,\"mean_ns\":2000000.0}");
	json_object_put(o);
	text = words_of(b);
	assert_non_null(strstr(text, "contig: 400 tried, 40 busy, of which 20 for a page on a pcplist (5.00 %) and 19 for one still held; 39 had it at once when asked again\n"));
	assert_non_null(strstr(text, "contig: E1 5, E2 6, E3 7, 1 split a larger free page, 2.000 ms a call\n"));
	s->acr_pairs = 200;
	s->acr_overlapped = 190;
	s->acr_busy_isolating = 30;
	text = words_of(b);
	assert_null(strstr(text, "for a page on a pcplist"));
	assert_non_null(strstr(text, "contig: 200 pairs of calls, 190 at the same time; of the calls 40 busy (10.00 %), 30 of them while isolating; 39 had it at once when asked again; 2.000 ms a call\n"));
}

/* Only where the scenario tells of the kernel at hand. */
static void test_expected(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	snprintf(b->info.kernel, sizeof(b->info.kernel), "6.1.0-49-amd64");
	snprintf(b->info.scenario.expected, sizeof(b->info.scenario.expected), "6.12 FAIL");
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "expected", NULL));
	json_object_put(o);
	snprintf(b->info.scenario.expected, sizeof(b->info.scenario.expected), "6.1 FAIL");
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_get_string(at(o, "expected")), "FAIL");
	json_object_put(o);
}

/* Only where one of them refuses. */
static void test_notifiers(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_NOTIFIER_ERROR;
	b->tally.stats.offlines_refused = 4;
	b->tally.stats.listener[HOTSOAK_LISTENER_LAST] = (struct hotsoak_listener_stats){
		.going = 9, .cancel = 4, .cancel_unasked = 3, .offline = 8,
	};
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_int_equal(json_object_get_int(at(o, "notifiers/refused")), 4);
	assert_string_equal(json_object_to_json_string_ext(at(o, "notifiers/listeners/last"),
							   JSON_C_TO_STRING_PLAIN),
			    "{\"going\":9,\"cancel\":4,\"cancel_unasked\":3,\"offline\":8,\"unended\":0}");
	assert_int_equal(json_object_get_int(at(o, "notifiers/listeners/first/going")), 0);
	json_object_put(o);
}

/* Only where one of them keeps pages. */
static void test_pages_held(void **state)
{
	struct bench *b = *state;
	struct json_object *o;
	const char *text;

	b->tally.pages_held = 4;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "pages_held", NULL));
	json_object_put(o);
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_LOCK_PAGE;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_int_equal(json_object_get_int(at(o, "pages_held")), 4);
	json_object_put(o);
	text = words_of(b);
	assert_non_null(strstr(text, "\nlock-page: 4 times a page was held\n"));
}

/* In the summary what was done, in words what is there to do, too. */
static void test_tuners(void **state)
{
	struct bench *b = *state;
	struct json_object *o;
	const char *text;

	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_PCP_FRACTION |
		1u << HS_ANTAGONIST_CPU_HOTPLUG;
	b->tally.tuner[HS_ANTAGONIST_PCP_FRACTION] = (struct hs_tuner_tally){ 7, 2, 1500000 };
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "tuners"),
							   JSON_C_TO_STRING_PLAIN),
			    "{\"pcp-fraction\":{\"writes\":7,\"failed\":2,\"longest_ns\":1500000}}");
	json_object_put(o);
	text = words_of(b);
	assert_non_null(strstr(text, "\npcp-fraction: set 7 times, refused 2 times; the longest took 1.5 ms\n"));
	assert_non_null(strstr(text, "\ncpu-hotplug: set 0 times, refused 0 times; the longest took 0.0 ms\n"));
}

static void test_soft_offlines(void **state)
{
	struct bench *b = *state;
	struct json_object *o;
	char text[8192] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	b->tally.soft_offlines = 7;
	b->tally.soft_offlines_met = 4;
	b->tally.soft_offlines_deadlocked = 3;
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_SOFT_OFFLINE;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "soft_offlines"),
							   JSON_C_TO_STRING_PLAIN),
			    "{\"calls\":7,\"met\":4,\"deadlocked\":3}");
	json_object_put(o);
	assert_non_null(f);
	hs_report_summary(f, &b->info, &b->tally, &b->j);
	fclose(f);
	assert_non_null(strstr(text, "soft-offline: 7 calls; 4 offlines met one, 3 were deadlocked with it\n"));
}

/* Only of a run with that freer. */
static void test_hugetlb(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.hugetlb_free_met = 7;
	b->tally.hugetlb_used_met = 4;
	b->tally.hugetlb_resizes = 3;
	b->tally.pages[HS_PAGES_HUGETLB].sigbus = 2;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "hugetlb", NULL));
	json_object_put(o);
	b->info.scenario.hugetlb = true;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "hugetlb"), JSON_C_TO_STRING_PLAIN),
			    "{\"free_met\":7,\"used_met\":4,\"resizes\":3,\"sigbus\":2,\"wrong\":null}");
	json_object_put(o);
	memcpy(b->tally.hugetlb_wrong, "Free 6", 7);
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_get_string(at(at(o, "hugetlb"), "wrong")), "Free 6");
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "\nhugetlb pages met: 7 free and 4 in use lay in blocks as they were taken; the pool was resized 3 times; SIGBUS for a page that was reserved: 2\n"));
}

static void test_stress_ng(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.stress_ng = (struct hs_stress_ng_tally) {
		.starts = 2, .early = 1, .exit = 2, .ends = { 1, 0, 1 }, .failed = "mmap: no",
		.sum = { "0.15.06", 2, { { "vm", 301, 2000000000 }, { "mmap", 7, 0 } } },
	};
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "stress_ng", NULL));
	json_object_put(o);
	b->info.scenario.stress_ng = true;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "stress_ng"), JSON_C_TO_STRING_PLAIN),
			    "{\"version\":\"0.15.06\",\"starts\":2,\"early\":1,\"killed\":0,\"unread\":0,\"exit\":2,\"gave_up\":0,\"ends\":{\"ok\":1,\"core\":0,\"failed\":1,\"resources\":0,\"unimplemented\":0,\"signalled\":0,\"exited\":0,\"untrustworthy\":0,\"other\":0},\"failed\":\"mmap: no\",\"changed\":null,\"stressors\":{\"vm\":{\"bogo_ops\":301,\"wall_ns\":2000000000,\"bogo_ops_per_s\":150.5},\"mmap\":{\"bogo_ops\":7,\"wall_ns\":0,\"bogo_ops_per_s\":0.0}}}");
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "\nstress-ng 0.15.06: started 2 times, ended early 1; bogo operations: vm 301, mmap 7\n"));
}

static void test_sysfs(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.sysfs_reads = 900;
	b->tally.sysfs_going = 80;
	b->tally.sysfs_met = 7;
	b->tally.sysfs_wrong = 6;
	b->tally.sysfs_unsound = 5;
	b->tally.uevents_heard = 40;
	b->tally.uevents_missing = 3;
	b->tally.uevents_doubled = 2;
	b->tally.uevents_unasked = 1;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "sysfs_readers", NULL));
	json_object_put(o);
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_SYSFS_READERS;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "sysfs_readers"), JSON_C_TO_STRING_PLAIN),
			    "{\"reads\":900,\"going\":80,\"met\":7,\"wrong\":6,\"unsound\":5,\"uevents\":40,\"missing\":3,\"doubled\":2,\"unasked\":1,\"lost\":false}");
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "\nsysfs-readers: 900 reads; 80 found the block going offline, in 7 offlines; 6 then did not, 5 were unsound\n"
			       "uevents: 40 heard, 3 missing, 2 doubled, 1 unasked\n"));
	b->tally.uevents_lost = 1;
	assert_non_null(strstr(words_of(b), ", 1 unasked, some lost\n"));
}

static void test_hogs(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.hogs_met = 5;
	b->tally.hogs_deaf = 3;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "hogs", NULL));
	json_object_put(o);
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_FIFO_HOG;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "hogs"), JSON_C_TO_STRING_PLAIN),
			    "{\"met\":5,\"deaf\":3}");
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "fifo-hog: 5 offlines met one, 3 were deaf to signals until it was gone\n"));
}

static void test_compaction(void **state)
{
	struct bench *b = *state;
	struct hotsoak_stats *s = &b->tally.stats;
	struct json_object *o;

	s->compact_scans = 900;
	s->compact_met = 80;
	s->compact_taken = 700;
	s->compact_crossed = 60;
	s->compact_isolated = 5;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "compaction", NULL));
	json_object_put(o);
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_COMPACT;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "compaction"), JSON_C_TO_STRING_PLAIN),
			    "{\"scans\":900,\"met\":80,\"taken\":700,\"crossed\":60,\"isolated\":5}");
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "compact: 900 scans while a block went, 80 of its pageblocks, which took 700 free pages; 5 of them of pageblocks that were isolated as the scan began, 60 of some that were as it ended\n"));
}

static void test_bystanders(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.bystanders_stuck = 6;
	b->tally.probe[HS_PROBE_CPU_ONLINE] = (struct hs_probe_tally){
		true, 70, 6, 5, 2000000, 1003000000,
	};
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(o, "bystanders", NULL));
	json_object_put(o);
	b->info.scenario.bystanders = true;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "bystanders/cpu-online"),
							   JSON_C_TO_STRING_PLAIN),
			    "{\"expected\":true,\"calls\":70,\"met\":6,\"stalled\":5,\"calm_ns\":2000000,\"stuck_ns\":1003000000}");
	assert_int_equal(json_object_object_length(at(o, "bystanders")), HS_NR_PROBES);
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "\nbystanders: 6 offlines were stuck\n"));
	assert_non_null(strstr(words_of(b), "\ncpu-online                70         6         5       yes        2.000     1003.000\n"));
}

static void test_poisoned_thp(void **state)
{
	struct bench *b = *state;
	struct json_object *o;
	const char *text;

	b->tally.poisoned_met = 5;
	b->tally.poisoned_endless = 4;
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_POISONED_THP;
	b->info.scenario.thp_poison = true;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "poisoned_thp"),
							   JSON_C_TO_STRING_PLAIN),
			    "{\"met\":5,\"endless\":4}");
	json_object_put(o);
	text = words_of(b);
	assert_non_null(strstr(text, "poisoned-thp: 5 offlines met a huge page that is poisoned, 4 did not end because of it\n"));
	b->info.scenario.thp_poison = false;
	text = words_of(b);
	assert_non_null(strstr(text, "poisoned-thp: 5 offlines met a huge page, 4 did not end because of it\n"));
}

static void test_hard_poison(void **state)
{
	struct bench *b = *state;
	struct json_object *o;

	b->tally.poisoned_met = 5;
	b->tally.poisoned_endless = 1;
	b->tally.poisoned_late = 4;
	b->tally.poison_refused = 3;
	b->tally.poison_lost = 2;
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_HARD_POISON;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_string_equal(json_object_to_json_string_ext(at(o, "hard_poison"),
							   JSON_C_TO_STRING_PLAIN),
			    "{\"met\":5,\"endless\":1,\"late\":4,\"refused\":3,\"lost\":2}");
	json_object_put(o);
	assert_non_null(strstr(words_of(b), "hard-poison: 5 offlines met a poisoned page, 4 of them as it became so, 1 did not end; onlines: 3 refused, 2 taken with the poison lost\n"));
}

static void test_virtio_mem(void **state)
{
	struct bench *b = *state;
	struct json_object *with, *without;

	b->tally.virtio_mem_resizes = 12;
	without = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(without, "virtio_mem_resizes", NULL));
	b->info.scenario.needs_virtio_mem = true;
	with = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_int_equal(json_object_get_int(at(with, "virtio_mem_resizes")), 12);
	assert_non_null(strstr(words_of(b), "\nvirtio-mem: the device took up a new size 12 times\n"));
	json_object_put(with);
	json_object_put(without);
}

static void test_lru_batched(void **state)
{
	struct bench *b = *state;
	struct json_object *with, *without;

	without = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(without, "lru_batched", NULL));
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_LRU_BATCH;
	b->tally.lru_batched = 11;
	with = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_int_equal(json_object_get_int(at(with, "lru_batched")), 11);
	json_object_put(with);
	json_object_put(without);
}

/* Only of a run that sent any. */
static void test_signals(void **state)
{
	struct bench *b = *state;
	struct json_object *o, *without;

	without = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_false(json_object_object_get_ex(without, "signals", NULL));
	json_object_put(without);
	b->info.scenario.antagonists = 1u << HS_ANTAGONIST_SIGNALS;
	b->tally.signals.sent = 9;
	b->tally.signals.interrupted[HS_SIGNAL_OPEN] = 4;
	b->tally.signals.outran[HS_SIGNAL_EARLY] = 3;
	b->tally.signals.gave_up[HS_SIGNAL_ISOLATED] = 4;
	o = hs_summary_to_json(&b->info, &b->tally, &b->j);
	assert_int_equal(json_object_get_int(at(o, "signals/sent")), 9);
	assert_int_equal(json_object_get_int(at(o, "signals/interrupted/open")), 4);
	assert_int_equal(json_object_get_int(at(o, "signals/outran/early")), 3);
	assert_int_equal(json_object_get_int(at(o, "signals/gave_up/isolated")), 4);
	assert_int_equal(json_object_get_int(at(o, "signals/gave_up/ended")), 0);
	json_object_put(o);
}

static void test_summary_cannot_be_written(void **state)
{
	struct bench *b = *state;

	assert_int_equal(hs_summary_write("/nonexistent", &b->info, &b->tally, &b->j), -ENOENT);
	tree_mkdir(&b->t, "summary.json");
	assert_int_equal(hs_summary_write(b->t.dir, &b->info, &b->tally, &b->j), -EISDIR);
	assert_int_equal(access(tree_path(&b->t, ".summary.json.new"), F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(summary), TEST(bounds), TEST(strays), TEST(contig), TEST(expected),
		TEST(notifiers), TEST(pages_held), TEST(soft_offlines), TEST(poisoned_thp),
		TEST(hard_poison), TEST(tuners), TEST(hugetlb), TEST(stress_ng), TEST(hogs),
		TEST(sysfs), TEST(compaction), TEST(bystanders), TEST(signals),
		TEST(virtio_mem), TEST(lru_batched), TEST(summary_cannot_be_written),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
