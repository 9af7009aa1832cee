// SPDX-License-Identifier: GPL-2.0-only
/* Scenario files: every key, and for every mistake the file, line and words. */
#include "tree.h"

#include <errno.h>

#include <json-c/json.h>

#include "invariant.h"
#include "scenario.h"
#include "scenario_value.h"

static int setup(void **state)
{
	static struct tree t;

	tree_init(&t);
	*state = &t;
	unsetenv("HOTSOAK_SCENARIOS");
	return 0;
}

static int teardown(void **state)
{
	unsetenv("HOTSOAK_SCENARIOS");
	tree_deinit(*state);
	return 0;
}

static int load(const struct tree *t, const char *text, struct hs_scenario *s, char *err)
{
	err[0] = '\0';
	tree_write(t, "a.conf", text);
	return hs_scenario_load(s, tree_path(t, "a.conf"), err, 512);
}

static void test_whole(void **state)
{
	struct hs_scenario s;
	char err[512];

	assert_int_equal(load(*state,
		"\xef\xbb\xbf# comment\n"
		"[scenario]\nname = my-test\ndescription = what it does\ndanger = disturbs\n"
		"[needs]\nmodule = yes\ncpus = 3\nblocks = 0x10\nlockdep = yes\nvirtio-mem = yes\n"
		"[target]\nblocks = 32-47,50\nnode = 2\n"
		"[conductor]\r\npolicy = random\r\nduration=2m\ncycles = 7\nlimit = 500ms ; short\n"
		"grace = 1s\n"
		"[witness]\ninvariants = no-stray, pairing\nsample = 70us\nwiden = 300ns\n"
		"widen-one-in = 9\n\n"
		"[freer burst]\npages-per-block = 64\nmax-order = 2\nearly = 0\n"
		"[freer contig-race]\ntrials = 256\npages = 64\npcplists = no\n"
		"[freer anon]\nworkers = 5\nmemory = 1G\n"
		"[freer hugetlb]\nworkers = 6\npages = 100\n"
		"[freer stress-ng]\nstressors = --vm 2 --vm-bytes 64M\ndirectory = /var/tmp\n"
		"[antagonist lock-page]\n"
		"[expect]\nwindows = 30\ne1-per-window = 1.5\ne2-per-window = 0.25\n"
		"samples-per-window = 1e2\n", &s, err), 0);
	assert_string_equal(s.name, "my-test");
	assert_string_equal(s.description, "what it does");
	assert_int_equal(s.danger, HS_DANGER_DISTURBS);
	assert_true(s.needs_module && s.needs_cpus == 3 && s.needs_blocks == 16 && s.needs_lockdep);
	assert_true(s.needs_virtio_mem);
	assert_string_equal(s.blocks, "32-47,50");
	assert_int_equal(s.node, 2);
	assert_int_equal(s.policy, HS_POLICY_RANDOM);
	assert_true(s.duration_ns == UINT64_C(120000000000) && s.cycles == 7);
	assert_true(s.limit_ns == 500000000 && s.grace_ns == 1000000000);
	assert_true(s.invariants == (1 << HOTSOAK_INV_NO_STRAY | 1 << HOTSOAK_INV_PAIRING));
	assert_true(s.sample_us == 70 && s.widen_max_ns == 300 && s.widen_one_in == 9);
	assert_true(s.burst && s.burst_pages_per_block == 64);
	assert_true(s.burst_max_order == 2 && s.burst_early_percent == 0);
	assert_true(s.contig_race && s.contig_race_trials == 256 && s.contig_race_pages == 64);
	assert_true(!s.contig_race_pcplists && !s.contig_race_straddle && !s.contig_race_parallel);
	assert_true(s.pages[HS_PAGES_ANON].on && s.pages[HS_PAGES_ANON].workers == 5 &&
		    s.pages[HS_PAGES_ANON].bytes == 1 << 30);
	assert_true(s.hugetlb && s.hugetlb_workers == 6 && s.hugetlb_pages == 100);
	assert_true(s.stress_ng);
	assert_string_equal(s.stress_ng_options, "--vm 2 --vm-bytes 64M");
	assert_string_equal(s.stress_ng_directory, "/var/tmp");
	assert_int_equal(s.antagonists, 1u << HS_ANTAGONIST_LOCK_PAGE);
	assert_true(s.expect.min_windows == 30 && s.expect.min_e1_per_window == 1.5);
	assert_true(s.expect.min_e2_per_window == .25 && s.expect.min_samples_per_window == 100);
}

static void test_defaults(void **state)
{
	struct hs_scenario s;
	char err[512];

	assert_int_equal(load(*state, "", &s, err), 0);
	assert_string_equal(s.name, "a");		/* after a.conf */
	assert_true(s.needs_module && !s.needs_lockdep && !s.needs_virtio_mem && s.duration_ns && s.limit_ns);
	assert_true(s.expect.min_windows);
	assert_false(s.burst);
	assert_false(s.contig_race);
	assert_true(s.contig_race_pcplists && !s.contig_race_mutex);
	assert_false(s.pages[HS_PAGES_ANON].on || s.hugetlb);
	assert_string_equal(s.blocks, "");		/* not named */
	assert_int_equal(s.node, -1);
	assert_int_equal(s.antagonists, 0);
	assert_int_equal(load(*state, "[freer burst]\n[antagonist hold-page]", &s, err), 0);
	assert_true(s.burst);				/* a section alone is enough */
	assert_int_equal(s.antagonists, 1u << HS_ANTAGONIST_HOLD_PAGE);
	assert_int_equal(load(*state, "[antagonist hold-page]\n[antagonist signals]\n"
			      "[antagonist sysfs-readers]", &s, err), 0);
	assert_true(hs_scenario_has(&s, HS_ANTAGONIST_HOLD_PAGE));
	assert_true(hs_scenario_has(&s, HS_ANTAGONIST_SIGNALS));
	assert_true(hs_scenario_has(&s, HS_ANTAGONIST_SYSFS_READERS));
	assert_false(hs_scenario_has(&s, HS_ANTAGONIST_LOCK_PAGE));
}

static void test_bad(void **state)
{
	static const struct { const char *text, *words; } rows[] = {
		{ "[conductor]\ndurration = 1s\n",
		  "a.conf:2: unknown key \"durration\" in [conductor]; did you mean \"duration\"?" },
		{ "[conductor]\nfoo = 1\n",
		  "a.conf:2: unknown key \"foo\" in [conductor]; expected one of: policy, alternate-zones, duration, cycles, limit, grace" },
		{ "\n\n[condutcor]\n", "a.conf:3: unknown section [condutcor]; did you mean \"conductor\"?" },
		{ "[freer brust]\n", "a.conf:1: unknown section [freer brust]; did you mean \"freer burst\"?" },
		{ "[]\n", "a.conf:1: unknown section []" },
		{ "[conductor\n", "a.conf:1: a section without its ']'" },
		{ "[conductor] duration = 1s\n", "a.conf:1: unexpected \"duration = 1s" },
		{ "duration = 1s\n", "a.conf:1: \"duration\" stands before any section" },
		{ "[conductor]\nduration\n", "a.conf:2: neither a [section] nor" },
		{ "[conductor]\nduration = 1s\nduration = 2s\n",
		  "a.conf:3: \"duration\" is given a second time, first in line 2" },
		{ "[conductor]\nduration = soon\n",
		  "a.conf:2: duration = \"soon\", expected a duration such as 60s" },
		{ "[conductor]\nlimit = 0\n", "a.conf:2: limit = \"0\", expected" },
		{ "[conductor]\nduration =\n", "a.conf:2: duration = \"\"" },
		{ "[conductor]\nduration = 1s\n  5s\n", "a.conf:3: the line is indented" },
		{ "[conductor]\npolicy = both\n", "expected toggle, sweep or random" },
		{ "[needs]\nmodule = maybe\n", "a.conf:2: module = \"maybe\", expected yes or no" },
		{ "[needs]\ncpus = 0\n", "a.conf:2: cpus = \"0\", expected a number from 1 to" },
		{ "[needs]\ncpus = 4294967297\n", "a.conf:2: cpus" },
		{ "[target]\nblocks = 47-32\n",
		  "a.conf:2: blocks = \"47-32\", expected memory blocks such as 32-47,50, or all" },
		{ "[target]\nblocks =\n", "a.conf:2: blocks = \"\"" },
		{ "[target]\nnode = 1024\n", "a.conf:2: node = \"1024\", expected a number from 0 to 1023" },
		{ "[target]\nnode = -1\n", "a.conf:2: node = \"-1\"" },
		{ "[freer burst]\nearly = 101\n", "early = \"101\", expected a number from 0 to 100" },
		{ "[freer burst]\nmax-order = 4\n", "from 0 to 3" },
		{ "[freer contig-race]\ntrials = 0\n", "from 1 to 256" },
		{ "[freer contig-race]\npages = 65\n", "from 1 to 64" },
		{ "[freer contig-race]\nstraddle = maybe\n", "expected yes or no" },
		{ "[freer contig-race]\nstraddle = yes\npcplists = no\n", "leave out one of them" },
		{ "[freer contig-race]\nparallel = yes\nstraddle = yes\n",
		  "goes with neither straddle = yes nor pcplists = no" },
		{ "[freer contig-race]\nparallel = yes\npcplists = no\n",
		  "goes with neither straddle = yes nor pcplists = no" },
		{ "[freer contig-race]\nmutex = yes\n", "say parallel = yes" },
		{ "[freer contig-race]\nhalves = yes\n", "say parallel = yes" },
		{ "[witness]\nsample = 100ns\n", "whole microseconds" },
		{ "[witness]\nsample = 2s\n", "from 1us to 1s" },
		{ "[witness]\nwiden = 11s\n", "a.conf:2: widen" },
		{ "[witness]\ninvariants = no-stray,nope\n", "a.conf:2: invariants = \"no-stray,nope\"" },
		{ "[witness]\ninvariants =\n", "a.conf:2: invariants" },
		{ "[freer hugetlb]\npages = 7\n", "from 8 to 1048576" },
		{ "[freer anon]\nmemory = 64MB\n", "a size such as 64M" },
		{ "[expect]\ne1-per-window = nan\n", "a.conf:2: e1-per-window" },
		{ "[expect]\ne1-per-window = -1\n", "a.conf:2: e1-per-window" },
		{ "[scenario]\nname = two words\n", "a.conf:2: name" },
		{ "[scenario]\nname =\n", "a.conf:2: name" },
		{ "[scenario]\ndanger = high\n", "none, disturbs or corrupts" },
		{ "[antagonist hold-page]\n[antagonist lock-page]\n",
		  "a.conf:2: [antagonist lock-page], expected only one antagonist" },
		{ "[antagonist hold-page]\nfoo = 1\n",
		  "a.conf:2: key \"foo\" in [antagonist hold-page], which has no keys" },
		{ "[freer stress-ng]\ndirectory = /tmp\n", "a.conf: [freer stress-ng] names no stressors" },
		{ "[freer stress-ng]\nstressors =\n", "a.conf:2: stressors = \"\", expected options of stress-ng" },
		{ "[freer stress-ng]\n\nstressors = --vm 2 --timeout=5\n",
		  "a.conf:3: stressors = \"--vm 2 --timeout=5\", expected no --timeout: the run ends it" },
		{ "[needs]\nmodule = no\n", "a.conf: [witness] asks for invariants" },
		{ "[needs]\nmodule = no\n[witness]\ninvariants = contents\n",
		  "a.conf: [expect] asks for windows" },
	};
	struct hs_scenario s;
	char err[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = load(*state, rows[i].text, &s, err);

		if (r != -EINVAL || !strstr(err, rows[i].words) || strchr(err, '\n'))
			fail_msg("%s\nreturned %d, said \"%s\", expected \"%s\"", rows[i].text, r,
				 err, rows[i].words);
	}
}

static void test_no_module(void **state)
{
	struct hs_scenario s;
	char err[512];

	assert_int_equal(load(*state, "[needs]\nmodule = no\n[witness]\ninvariants = contents\n"
			      "[expect]\nwindows = 0\n", &s, err), 0);
	assert_false(s.needs_module);
}

static void test_unreadable(void **state)
{
	const struct tree *t = *state;
	struct hs_scenario s;
	char err[512], longer[600];
	FILE *f;

	assert_int_equal(hs_scenario_load(&s, tree_path(t, "none.conf"), err, sizeof(err)), -ENOENT);
	assert_non_null(strstr(err, "none.conf: cannot be opened: No such file"));
	tree_mkdir(t, "dir.conf");
	assert_int_equal(hs_scenario_load(&s, tree_path(t, "dir.conf"), err, sizeof(err)), -EISDIR);
	assert_non_null(strstr(err, "dir.conf: cannot be read"));

	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "[scenario]\ndescription = ", 25);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(load(t, longer, &s, err), -EINVAL);
	assert_non_null(strstr(err, "a.conf:2: the line is longer than"));

	f = fopen(tree_path(t, "nul.conf"), "w");
	assert_non_null(f);
	fwrite("[needs]\ncpus = 1\0 2\n", 1, 20, f);
	fclose(f);
	assert_int_equal(hs_scenario_load(&s, tree_path(t, "nul.conf"), err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "nul.conf:2: not text"));
}

static void test_find(void **state)
{
	const struct tree *t = *state;
	char path[512];

	tree_write(t, "mine.conf", "");
	assert_int_equal(hs_scenario_find("mine", path, sizeof(path)), -ENOENT);
	setenv("HOTSOAK_SCENARIOS", t->dir, 1);
	assert_int_equal(hs_scenario_find("mine", path, sizeof(path)), 0);
	assert_string_equal(path, tree_path(t, "mine.conf"));
	assert_int_equal(hs_scenario_find("mine", path, 8), -ENOENT);
	assert_int_equal(hs_scenario_find("", path, sizeof(path)), -ENOENT);
	assert_int_equal(hs_scenario_find("mine.conf", path, sizeof(path)), -ENOENT);
	assert_int_equal(hs_scenario_find(tree_path(t, "mine.conf"), path, sizeof(path)), 0);
	assert_int_equal(hs_scenario_find("./nope.conf", path, sizeof(path)), -ENOENT);
	assert_int_equal(hs_scenario_find("/etc/passwd/x", path, sizeof(path)), -ENOTDIR);
}

static int collect(const char *name, const char *path, void *ctx)
{
	char *names = ctx;

	assert_int_equal(access(path, F_OK), 0);
	strcat(strcat(names, name), " ");
	return strcmp(name, "stop") ? 0 : -ECANCELED;
}

static void test_each(void **state)
{
	const struct tree *t = *state;
	char names[512] = "";

	tree_write(t, "zz.conf", "");
	tree_write(t, "aa.conf", "");
	tree_write(t, ".hidden.conf", "");
	tree_write(t, "not.txt", "");
	tree_write(t, ".conf", "");
	setenv("HOTSOAK_SCENARIOS", t->dir, 1);
	assert_int_equal(hs_scenario_each(collect, names), 0);
	assert_non_null(strstr(names, "aa "));
	assert_non_null(strstr(names, "zz "));
	assert_null(strstr(names, "hidden"));
	assert_null(strstr(names, "not "));
	tree_write(t, "stop.conf", "");
	names[0] = '\0';
	assert_int_equal(hs_scenario_each(collect, names), -ECANCELED);
	assert_null(strstr(names, "zz "));
}

static void test_json(void **state)
{
	struct hs_scenario s, back;
	struct json_object *o;
	char err[512];

	assert_int_equal(load(*state,
		"[scenario]\nname = x\ndescription = d \\\" \xc3\xa4\n[needs]\ncpus = 2\n"
		"[target]\nblocks = all\nnode = 0\n"
		"[conductor]\npolicy = sweep\nduration = 90s\ncycles = 18446744073709551615\n"
		"[witness]\ninvariants = no-stray,contents\nsample = 1s\nwiden = 1us\n"
		"[freer burst]\nearly = 3\n[freer contig-race]\nstraddle = yes\n[antagonist hold-page]\n"
		"[expect]\nwindows = 3\ne1-per-window = 0.1\ne2-per-window = 123456789\ninterrupted = 7\nlru-batched = 8\n", &s, err), 0);
	o = hs_scenario_to_json(&s);
	memset(&back, 0xee, sizeof(back));
	assert_int_equal(hs_scenario_from_json(&back, o), 0);
	assert_memory_equal(&s, &back, sizeof(s));
	/* Text form too: what the record holds is what is read back. */
	assert_string_equal(back.blocks, "all");
	json_object_object_del(o, "target");
	json_object_object_del(o, "freer burst");
	json_object_object_del(o, "freer contig-race");
	assert_int_equal(hs_scenario_from_json(&back, o), 0);
	assert_false(back.burst);
	assert_false(back.contig_race || back.contig_race_straddle);
	assert_string_equal(back.blocks, "");
	assert_int_equal(back.node, -1);
	json_object_put(o);
	s.contig_race = s.contig_race_parallel = true;
	s.contig_race_mutex = s.contig_race_halves = true;
	s.antagonists = 1u << HS_ANTAGONIST_POISONED_THP;
	s.thp_poison = false;
	o = hs_scenario_to_json(&s);
	assert_int_equal(hs_scenario_from_json(&back, o), 0);
	assert_false(back.thp_poison);
	assert_true(back.contig_race_parallel && back.contig_race_mutex && back.contig_race_halves);
	json_object_put(o);
	s.antagonists = 1u << HS_ANTAGONIST_HARD_POISON;
	s.poison_lose = true;
	o = hs_scenario_to_json(&s);
	assert_int_equal(hs_scenario_from_json(&back, o), 0);
	assert_true(back.poison_lose);
	json_object_put(o);
	s.antagonists |= 1u << HS_ANTAGONIST_SIGNALS | 1u << HS_ANTAGONIST_NOTIFIER_ERROR;
	o = hs_scenario_to_json(&s);
	assert_int_equal(hs_scenario_from_json(&back, o), 0);
	assert_int_equal(back.antagonists, s.antagonists);
	json_object_put(o);
	s.invariants = 0;
	o = hs_scenario_to_json(&s);
	assert_int_equal(hs_scenario_from_json(&back, o), 0);
	assert_true(back.invariants == 0);
	json_object_put(o);
}

/* A judge must not take a demand for weaker than it was. */
static void test_bad_json(void **state)
{
	static const char *const bad[] = {
		"[]", "{}", "{\"name\":\"x\"}", "{\"name\":\"x\",\"expect\":{}}",
		"{\"name\":\"x\",\"expect\":[]}",
		"{\"name\":\"x\",\"expect\":{\"windows\":null,\"e1-per-window\":1,\"e2-per-window\":1,\"samples-per-window\":1,\"interrupted\":0}}",
		"{\"name\":\"x\",\"expect\":{\"windows\":-1,\"e1-per-window\":1,\"e2-per-window\":1,\"samples-per-window\":1,\"interrupted\":0}}",
		"{\"name\":\"x\",\"expect\":{\"windows\":1,\"e1-per-window\":1,\"e2-per-window\":1,\"interrupted\":0}}",
		"{\"name\":\"x\",\"antagonist signals\":{},\"expect\":{\"windows\":1,\"e1-per-window\":1,\"e2-per-window\":1,\"samples-per-window\":1}}",
		"{\"name\":\"x\",\"antagonist lru-batch\":{},\"expect\":{\"windows\":1,\"e1-per-window\":1,\"e2-per-window\":1,\"samples-per-window\":1,\"interrupted\":0}}",
		"{\"name\":\"two words\",\"expect\":{\"windows\":1,\"e1-per-window\":1,\"e2-per-window\":1,\"samples-per-window\":1,\"interrupted\":0}}",
		"{\"expect\":{\"windows\":1,\"e1-per-window\":1,\"e2-per-window\":1,\"samples-per-window\":1,\"interrupted\":0}}",
		NULL,
	};
	struct hs_scenario s;

	for (size_t i = 0; bad[i]; i++) {
		struct json_object *o = json_tokener_parse(bad[i]);

		if (hs_scenario_from_json(&s, o) != -EBADMSG)
			fail_msg("%s was taken for a scenario", bad[i]);
		json_object_put(o);
	}
}

static void test_table(void **state)
{
	char text[256];

	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		assert_non_null(k->help);
		assert_true(k->offset + k->size <= sizeof(struct hs_scenario));
		hs_scenario_expected(k, "", text, sizeof(text));
		assert_true(*text);
		for (const struct hs_scenario_key *o = hs_scenario_keys; o < k; o++)
			assert_false(o->key && k->key && !strcmp(o->section, k->section) &&
				     !strcmp(o->key, k->key));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole), TEST(defaults), TEST(bad), TEST(no_module), TEST(unreadable),
		TEST(find), TEST(each), TEST(json), TEST(bad_json), TEST(table),
	};

	return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
