// SPDX-License-Identifier: GPL-2.0-only
/* A soak and its journal, and every errno that a write to `state` can give it. */
#include "tree.h"

#define FAULT_OWN_WRITE
#include "faults.h"
#include "fake_kernel.h"

#include "restore.h"
#include "soak.h"

#define NR	3
#define FIRST	32
#define JOURNAL	"var/lib/hotsoak/journal"

static struct tree t;
static struct hs_memblk block[NR];
static const struct hs_memblk *chosen[NR];
static struct hs_target target;
static struct hs_run_info info;
static struct hs_journal journal;
static sd_event *event;
static struct hs_soak *soak;
static char notes[4096];

static int setup(void **state)
{
	tree_init(&t);
	tree_write(&t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	for (unsigned long i = 0; i < NR; i++) {
		tree_block(&t, FIRST + i, "online", "Movable", 0);
		block[i] = (struct hs_memblk){
			.index = FIRST + i, .phys_index = FIRST + i, .zones = "Movable",
			.state = HS_MEMBLK_ONLINE,
		};
		chosen[i] = &block[i];
	}
	target = (struct hs_target){ .blk = chosen, .nr = NR };
	memset(&info, 0, sizeof(info));
	hs_scenario_init(&info.scenario);
	info.scenario.needs_module = info.scenario.burst = info.scenario.pages[HS_PAGES_ANON].on = false;
	info.scenario.duration_ns = 0;
	info.scenario.needs_cpus = info.scenario.needs_blocks = info.cpus = 1;
	info.seed = 1;
	notes[0] = '\0';
	fake_kernel_rules(NULL, NULL);
	assert_int_equal(hs_journal_init(&journal, t.dir), 0);
	return sd_event_new(&event) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	fault.armed = false;
	hs_soak_free(soak);
	soak = NULL;
	event = sd_event_unref(event);
	hs_journal_deinit(&journal);
	tree_deinit(&t);
	return 0;
}

static void on_ended(void *ctx)
{
	sd_event_exit(event, 0);
}

static void on_note(const char *what, const char *text, void *ctx)
{
	size_t len = strlen(notes);

	snprintf(notes + len, sizeof(notes) - len, "%s: %s\n", what, text);
}

static int start(void)
{
	const struct hs_soak_config c = {
		.info = &info, .sysroot = t.dir, .block_bytes = 128 << 20, .target = &target,
		.no_witness = true, .no_freers = true, .journal = &journal,
		.callbacks = { .ended = on_ended, .note = on_note },
	};

	assert_int_equal(hs_soak_new(&soak, event, &c), 0);
	return hs_soak_start(soak);
}

static bool has_journal(void)
{
	return !access(tree_path(&t, JOURNAL), F_OK);
}

static const struct hs_tally *run(void)
{
	assert_int_equal(start(), 0);
	assert_true(has_journal());
	assert_int_equal(sd_event_loop(event), 0);
	return hs_soak_tally(soak);
}

static bool is_online(unsigned long index)
{
	char name[128], *text;
	bool online;

	snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/state", index);
	text = tree_read(&t, name);
	online = !strncmp(text, "online", 6);
	free(text);
	return online;
}

static void there_from_the_first_touch_to_the_last(void **state)
{
	info.scenario.cycles = 5;
	assert_true(run()->restored);
	assert_false(has_journal());
	assert_int_equal(access(tree_path(&t, "run/hotsoak/away"), F_OK), -1);
}

static void without_it_nothing_is_touched(void **state)
{
	tree_mkdir(&t, "run/hotsoak");
	tree_mkdir(&t, "var/lib/hotsoak");
	fault_arm(FAULT_FSYNC, 1, EROFS);
	assert_int_equal(start(), -EROFS);
	assert_true(fault_disarm());
	assert_memory_equal(hs_soak_tally(soak)->broken, "syncing ", 8);
	assert_non_null(strstr(hs_soak_tally(soak)->broken, ": Read-only file system: nothing was touched"));
	assert_true(hs_soak_tally(soak)->restored);
	assert_int_equal(hs_soak_tally(soak)->transitions, 0);
	assert_false(has_journal());
}

static void one_that_cannot_be_removed_is_said(void **state)
{
	struct hs_restore r = { .sysroot = t.dir };

	info.scenario.cycles = 2;
	assert_int_equal(start(), 0);
	fault_arm(FAULT_UNLINK, 1, EROFS);
	assert_int_equal(sd_event_loop(event), 0);
	assert_true(fault_disarm());
	assert_true(hs_soak_tally(soak)->restored);
	assert_non_null(strstr(notes, "journal: removing "));
	assert_true(has_journal());
	/* And does no harm. */
	hs_soak_free(soak);
	soak = NULL;
	assert_int_equal(hs_restore_run(&r), 0);
	assert_int_equal(r.back + r.left + r.failed, 0);
}

static void too_few_blocks_write_none(void **state)
{
	info.scenario.needs_blocks = NR + 1;
	assert_int_equal(start(), -ENODEV);
	assert_false(has_journal());
}

struct row { int err; enum hs_outcome outcome; };

static const struct row rows[] = {
	{ EBUSY, HS_OUTCOME_REFUSED },
	{ ENOMEM, HS_OUTCOME_REFUSED },
	{ EAGAIN, HS_OUTCOME_REFUSED },
	{ EIO, HS_OUTCOME_REFUSED },
	{ ENODEV, HS_OUTCOME_UNSUPPORTED },
	{ EINVAL, HS_OUTCOME_UNSUPPORTED },
	{ EINTR, HS_OUTCOME_UNEXPECTED },	/* nobody asked for it */
};

static void each_errno_of_an_offline(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hs_tally *tally;
		char rule[64];

		if (i) {
			teardown(NULL);
			setup(NULL);
		}
		snprintf(rule, sizeof(rule), "33:offline:%d:3", rows[i].err);
		fake_kernel_rules(rule, NULL);
		info.scenario.cycles = 9;
		tally = run();
		/* The others go on; what can be tried again is. */
		assert_int_equal(tally->cycles, 9);
		assert_int_equal(tally->ops[HS_OP_OFFLINE][rows[i].outcome],
				 rows[i].outcome == HS_OUTCOME_UNSUPPORTED ? 1 : 3);
		assert_int_equal(tally->ops[HS_OP_OFFLINE][HS_OUTCOME_OK], 9);
		assert_int_equal(tally->transitions, 18);
		assert_true(tally->restored);
		assert_false(has_journal());
	}
}

static void each_errno_of_an_online(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hs_restore r = { .sysroot = t.dir, .timeout_ns = 1000000000 };
		const struct hs_tally *tally;
		char rule[64];

		/* For a while: brought back in the end. */
		if (i) {
			teardown(NULL);
			setup(NULL);
		}
		snprintf(rule, sizeof(rule), "33:online:%d:2", rows[i].err);
		fake_kernel_rules(rule, NULL);
		info.scenario.cycles = 6;
		tally = run();
		assert_int_equal(tally->ops[HS_OP_ONLINE][rows[i].outcome], 2);
		assert_true(tally->restored);
		assert_false(has_journal());

		/* For good: named, and the journal is for restore to find. */
		teardown(NULL);
		setup(NULL);
		snprintf(rule, sizeof(rule), "33:online:%d:999", rows[i].err);
		fake_kernel_rules(rule, NULL);
		info.scenario.cycles = 6;
		tally = run();
		assert_false(tally->restored);
		assert_non_null(strstr(notes, "not-restored: memory33 is offline (valid zones: Movable), was online in Movable\n"));
		assert_true(is_online(32) && !is_online(33) && is_online(34));
		assert_true(has_journal());
		fake_kernel_rules(NULL, NULL);
		hs_soak_free(soak);
		soak = NULL;
		assert_int_equal(hs_restore_run(&r), 0);
		assert_int_equal(r.back, 1);
		assert_true(is_online(33));
		assert_false(has_journal());
	}
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(there_from_the_first_touch_to_the_last),
		TEST(without_it_nothing_is_touched),
		TEST(one_that_cannot_be_removed_is_said),
		TEST(too_few_blocks_write_none),
		TEST(each_errno_of_an_offline),
		TEST(each_errno_of_an_online),
	};

	fake_kernel_operator(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
