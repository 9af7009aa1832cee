// SPDX-License-Identifier: GPL-2.0-only
/* The cgroup of a run on made trees: what it needs, and what is left when it cannot be had; and
 * a soak that has the freer memcg, with its journal. */
#include "tree.h"

#include "fake_kernel.h"
#include "memcg.h"
#include "soak.h"

#define CGROUPS	"sys/fs/cgroup"
#define MINE	CGROUPS "/hotsoak"
#define JOURNAL	"var/lib/hotsoak/journal"

TREE_FIXTURE(t)

static void controllers_are(const char *there, const char *on)
{
	tree_write(&t, CGROUPS "/cgroup.controllers", there);
	tree_write(&t, CGROUPS "/cgroup.subtree_control", on);
}

static bool is_there(const char *name)
{
	return !access(tree_path(&t, "%s", name), F_OK);
}

static void what_it_needs(void **state)
{
	assert_int_equal(hs_memcg_ask(t.dir), -ENXIO);
	controllers_are("cpuset cpu io pids\n", "");
	assert_int_equal(hs_memcg_ask(t.dir), -ENOSYS);
	controllers_are("cpuset cpu memory pids\n", "\n");
	assert_int_equal(hs_memcg_ask(t.dir), -EPERM);
	controllers_are("memory\n", "memory_of_others pids\n");
	assert_int_equal(hs_memcg_ask(t.dir), -EPERM);
	controllers_are("cpuset cpu memory pids\n", "cpu memory\n");
	assert_int_equal(hs_memcg_ask(t.dir), 0);
	tree_mkdir(&t, MINE);
	assert_int_equal(hs_memcg_ask(t.dir), -EEXIST);
}

static void made_whole_or_not_at_all(void **state)
{
	assert_int_equal(hs_memcg_remove(t.dir), 0);
	tree_mkdir(&t, CGROUPS);
	/* In a made tree it comes without the files that the kernel has in it. */
	assert_int_equal(hs_memcg_make(t.dir, 4096), -ENOENT);
	assert_false(is_there(MINE));
	tree_mkdir(&t, MINE);
	assert_int_equal(hs_memcg_make(t.dir, 4096), -EEXIST);
	assert_int_equal(hs_memcg_remove(t.dir), 1);
	assert_false(is_there(MINE));
	tree_mkdir(&t, MINE "/of-others");
	assert_int_equal(hs_memcg_remove(t.dir), -ENOTEMPTY);
}

/* ---- A soak ---------------------------------------------------------------------- */

static struct hs_run_info info;
static struct hs_journal journal;

static int soak_start(bool with_journal, struct hs_tally *tally)
{
	struct hs_memblk block = {
		.index = 32, .phys_index = 32, .zones = "Movable", .state = HS_MEMBLK_ONLINE,
	};
	const struct hs_memblk *chosen = &block;
	struct hs_target target = { .blk = &chosen, .nr = 1 };
	struct hs_soak_config c = {
		.info = &info, .sysroot = t.dir, .block_bytes = 128 << 20, .target = &target,
		.no_witness = true, .journal = with_journal ? &journal : NULL,
	};
	struct hs_soak *soak;
	sd_event *event;
	int r;

	tree_write(&t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	tree_block(&t, 32, "online", "Movable", 0);
	tree_write(&t, "proc/swaps", "Filename Type\n/dev/zram0 partition\n");
	memset(&info, 0, sizeof(info));
	hs_scenario_init(&info.scenario);
	info.scenario.needs_module = false;
	info.scenario.pages[HS_PAGES_MEMCG].on = true;
	info.cpus = 1;
	info.seed = 1;
	fake_kernel_rules(NULL, NULL);
	assert_int_equal(hs_journal_init(&journal, t.dir), 0);
	assert_int_equal(sd_event_new(&event), 0);
	assert_int_equal(hs_soak_new(&soak, event, &c), 0);
	r = hs_soak_start(soak);
	*tally = *hs_soak_tally(soak);
	hs_soak_free(soak);
	sd_event_unref(event);
	hs_journal_deinit(&journal);
	return r;
}

static void what_is_lacking_is_said(void **state)
{
	struct hs_tally tally;

	controllers_are("memory\n", "\n");
	assert_int_equal(soak_start(true, &tally), -ENODEV);
	assert_string_equal(tally.skip, "the freer memcg: the memory controller is off for cgroups (echo +memory >/sys/fs/cgroup/cgroup.subtree_control)");
	assert_false(is_there(JOURNAL));
	assert_false(is_there(MINE));
}

static void not_without_a_journal(void **state)
{
	struct hs_tally tally;

	controllers_are("memory\n", "memory\n");
	assert_int_equal(soak_start(false, &tally), -EINVAL);
	assert_string_equal(tally.broken, "the freer memcg changes the machine, and there is no journal");
	assert_false(is_there(MINE));
}

/* It fails in the midst of making it: nothing is left, and the journal goes. */
static void a_failed_start_leaves_nothing(void **state)
{
	struct hs_tally tally;

	controllers_are("memory\n", "memory\n");
	assert_int_equal(soak_start(true, &tally), -ENOENT);
	assert_non_null(strstr(tally.broken, "the freer memcg could not be started: "));
	assert_false(is_there(MINE));
	assert_false(is_there(JOURNAL));
}

int main(int argc, char **argv)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_it_needs), TEST(made_whole_or_not_at_all),
		TEST(what_is_lacking_is_said), TEST(not_without_a_journal),
		TEST(a_failed_start_leaves_nothing),
	};

	fake_kernel_operator(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
