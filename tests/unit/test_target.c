// SPDX-License-Identifier: GPL-2.0-only
/* Which blocks a run may take: only those in the zone, only those that were named. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "target.h"
#include "virtio_mem.h"

static struct tree t;

static int setup(void **state)
{
	tree_init(&t);
	tree_guest(&t);
	tree_block(&t, 41, "online", "Normal Movable", 1);
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(&t);
	return 0;
}

/* The blocks that are taken, as "32 33 ", or why none are. */
static int take_of(const struct hs_blockset *plugged, const char *set, int node, const char *zone,
		   char *text, size_t text_bytes)
{
	struct hs_target_wish wish = { .node = node, .zone = zone, .plugged = plugged };
	struct hs_blockset blocks = { 0 };
	struct hs_memblk_list l;
	struct hs_target target;
	char err[128];
	int r;

	assert_int_equal(hs_memblk_list_init(&l, t.dir), 0);
	if (set) {
		assert_int_equal(hs_blockset_parse(&blocks, set, err, sizeof(err)), 0);
		wish.set = &blocks;
	}
	text[0] = '\0';
	r = hs_target_init(&target, &l, &wish, text, text_bytes);
	for (size_t i = 0; !r && i < target.nr; i++) {
		size_t len = strlen(text);

		snprintf(text + len, text_bytes - len, "%lu ", target.blk[i]->index);
	}
	hs_target_deinit(&target);
	hs_blockset_deinit(&blocks);
	hs_memblk_list_deinit(&l);
	return r;
}

static int take(const char *set, int node, const char *zone, char *text, size_t text_bytes)
{
	return take_of(NULL, set, node, zone, text, text_bytes);
}

static void test_only_movable(void **state)
{
	char text[256];

	assert_int_equal(take(NULL, -1, NULL, text, sizeof(text)), 0);
	/* Not the low ones, not 40, which is offline, nor 41, which only could be. */
	assert_string_equal(text, "32 33 34 35 36 37 38 39 42 43 44 45 46 47 ");
	assert_int_equal(take(NULL, -1, "Normal", text, sizeof(text)), 0);
	assert_string_equal(text, "41 ");
	assert_int_equal(take(NULL, -1, "Mov", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(take(NULL, -1, "", text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void test_only_named(void **state)
{
	char text[256];

	assert_int_equal(take("33-34,46", -1, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "33 34 46 ");
	assert_int_equal(take(NULL, 1, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "42 43 44 45 46 47 ");
	assert_int_equal(take(NULL, 2, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(take("42-43", 1, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "42 43 ");
}

/* What was named and cannot be taken is an error, not passed over. */
static void test_named_in_vain(void **state)
{
	char text[256];

	assert_int_equal(take("32,99", -1, NULL, text, sizeof(text)), -ENOENT);
	assert_string_equal(text, "memory99 does not exist: see hotsoak list");
	assert_int_equal(take("39-40", -1, NULL, text, sizeof(text)), -EINVAL);
	assert_string_equal(text, "memory40 is offline, it would have to be online");
	assert_int_equal(take("41", -1, NULL, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(text, "memory41 is not in zone Movable"));
	assert_int_equal(take("32", -1, "Normal", text, sizeof(text)), -EINVAL);
	assert_int_equal(take("38-42", 1, NULL, text, sizeof(text)), -EINVAL);
	assert_string_equal(text, "memory38 is on node 0, not on node 1");
}

/* Blocks of 128 MiB: 33-34, and 40, which is offline. */
static void test_only_plugged(void **state)
{
	struct hs_blockset plugged = { 0 };
	char text[256];

	assert_int_equal(hs_virtio_mem_blocks(t.dir, 1 << 27, &plugged), -ENOENT);
	tree_write(&t, "proc/iomem", "100000000-1bfffffff : virtio0\n  100000000-107ffffff : System RAM\n  108000000-117ffffff : System RAM (virtio_mem)\n  140000000-147ffffff : System RAM (virtio_mem)\n");
	assert_int_equal(hs_virtio_mem_blocks(t.dir, 1 << 27, &plugged), 0);
	assert_int_equal(take_of(&plugged, NULL, -1, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "33 34 ");
	assert_int_equal(take_of(&plugged, "34", -1, NULL, text, sizeof(text)), 0);
	assert_string_equal(text, "34 ");
	assert_int_equal(take_of(&plugged, "34-35", -1, NULL, text, sizeof(text)), -EINVAL);
	assert_string_equal(text, "memory35 is not of a virtio-mem device");
	hs_blockset_deinit(&plugged);
	/* As /proc/iomem tells those who are not root. */
	tree_write(&t, "proc/iomem", "00000000-00000000 : virtio0\n  00000000-00000000 : System RAM (virtio_mem)\n");
	assert_int_equal(hs_virtio_mem_blocks(t.dir, 1 << 27, &plugged), -EPERM);
}

/* ---- Who must name them: the program itself, which touches nothing here ---------- */

static int ask(char *text, size_t text_bytes, const char *const *args)
{
	const char *exe = getenv("HOTSOAK_EXE"), *argv[12] = { "hotsoak", "run", "--dry-run" };
	size_t len = 0;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	for (size_t i = 0; args[i]; i++)
		argv[3 + i] = args[i];
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		execv(exe ? exe : "build/tool/hotsoak", (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	while ((n = read(out[0], text + len, text_bytes - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void expect(int status, const char *words, const char *const *args)
{
	char text[4096];
	int seen = ask(text, sizeof(text), args);

	if (seen != status || !strstr(text, words))
		fail_msg("status %d, expected %d with \"%s\": %s", seen, status, words, text);
}

#define EXPECT(status, words, ...) \
	expect(status, words, (const char *const[]){ __VA_ARGS__, NULL })

static void test_somebody_must_name(void **state)
{
	char conf[512];

	/* This machine, unless it is one of our guests. */
	if (ask(conf, sizeof(conf), (const char *const[]){ "smoke", NULL }) != 2)
		skip();
	EXPECT(2, "which blocks may be taken?", "smoke");
	/* Of what kind, but not which. */
	EXPECT(2, "which blocks may be taken?", "--zone", "Normal");
	/* The scenario may, and an option replaces what it says. */
	tree_write(&t, "a.conf", "[target]\nblocks = 999999\n");
	snprintf(conf, sizeof(conf), "%s", tree_path(&t, "a.conf"));
	EXPECT(2, "memory999999 does not exist", conf);
	EXPECT(2, "memory888888 does not exist", conf, "--blocks", "888888");
	tree_write(&t, "a.conf", "[target]\nnode = 1000\n");
	EXPECT(0, "scenario a", conf);
}

static void test_scenario_names(void **state)
{
	char conf[512];

	tree_write(&t, "a.conf", "[target]\nblocks = 32-34\nnode = 0\n");
	snprintf(conf, sizeof(conf), "%s", tree_path(&t, "a.conf"));
	EXPECT(0, "\nblocks 32 33 34\n", conf, "--sysroot", t.dir);
	EXPECT(0, "\nblocks 45\n", conf, "--sysroot", t.dir, "--blocks", "45");
	EXPECT(0, "\nblocks 42 43 44 45 46 47\n", conf, "--sysroot", t.dir, "--node", "1");
	EXPECT(2, "memory45 is on node 1, not on node 0", conf, "--sysroot", t.dir, "--blocks", "45",
	       "--node", "0");
	tree_write(&t, "a.conf", "[target]\nblocks = 1-3\n");
	EXPECT(2, "memory1 is not in zone Movable", conf, "--sysroot", t.dir);
	EXPECT(0, "\nblocks 1 2 3\n", conf, "--sysroot", t.dir, "--zone", "DMA32");
	EXPECT(2, "--blocks: expected 1 to", conf, "--sysroot", t.dir, "--blocks", "");
}

static void test_danger_of_antagonists(void **state)
{
	char conf[512];

	EXPECT(2, "the antagonist lock-page disturbs the machine: say --allow lock-page", "--sysroot",
	       t.dir, "--antagonist", "lock-page");
	EXPECT(0, "antagonist lock-page: ", "--sysroot", t.dir, "--antagonist", "lock-page",
	       "--allow", "lock-page");
	EXPECT(0, "antagonist hold-page: ", "--sysroot", t.dir, "--antagonist", "hold-page");
	EXPECT(2, "the antagonist hold-page needs the module: leave out --no-witness", "--sysroot",
	       t.dir, "--antagonist", "hold-page", "--no-witness");
	tree_write(&t, "held.conf", "[antagonist hold-page]\n");
	snprintf(conf, sizeof(conf), "%s/held.conf", t.dir);
	EXPECT(2, "the antagonist hold-page needs the module: leave out --no-witness", conf,
	       "--sysroot", t.dir, "--no-witness");
	/* From a file it is no other, whatever the scenario calls itself. */
	tree_write(&t, "a.conf", "[scenario]\ndanger = none\n[antagonist lock-page]\n");
	snprintf(conf, sizeof(conf), "%s", tree_path(&t, "a.conf"));
	EXPECT(2, "say --allow lock-page", conf, "--sysroot", t.dir);
	EXPECT(2, "say --allow lock-page", conf, "--sysroot", t.dir, "--allow", "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_movable), TEST(only_named), TEST(named_in_vain), TEST(only_plugged),
		TEST(somebody_must_name), TEST(scenario_names), TEST(danger_of_antagonists),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
