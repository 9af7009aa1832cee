// SPDX-License-Identifier: GPL-2.0-only
/* Memory blocks, on made-up trees and, by looking only, on this machine. */
#include "tree.h"

#include <errno.h>

#include "memblk.h"

static int setup(void **state)
{
	static struct tree t;

	tree_init(&t);
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(*state);
	return 0;
}

static bool is_movable(const struct hs_memblk *b, void *ctx)
{
	return hs_memblk_in_zone(b, "Movable");
}

static void test_guest(void **state)
{
	const struct tree *t = *state;
	struct hs_memblk_list l;
	struct hs_memblk *b;

	tree_guest(t);
	assert_int_equal(hs_memblk_list_init(&l, t->dir), 0);
	assert_true(l.block_bytes == 128 << 20);
	assert_int_equal(l.nr, 32);
	for (size_t i = 1; i < l.nr; i++)
		assert_true(l.blk[i - 1].index < l.blk[i].index);
	b = hs_memblk_list_get(&l, 40);
	assert_non_null(b);
	assert_int_equal(b->state, HS_MEMBLK_OFFLINE);
	assert_int_equal(b->node, 1);
	assert_int_equal(b->phys_index, 40);
	assert_string_equal(b->zones, "Movable Normal");
	assert_true(hs_memblk_in_zone(b, "Movable"));
	assert_false(hs_memblk_in_zone(b, "Normal"));
	assert_false(hs_memblk_in_zone(b, "Mov"));
	assert_false(hs_memblk_in_zone(b, ""));
	assert_true(hs_memblk_in_zone(hs_memblk_list_get(&l, 47), "Movable"));
	assert_false(hs_memblk_in_zone(hs_memblk_list_get(&l, 1), "DMA"));
	assert_null(hs_memblk_list_get(&l, 16));
	/* Node 1: what is offline there does not count. */
	assert_int_equal(hs_memblk_whole_nodes(&l, is_movable, NULL), 1);
	hs_memblk_list_get(&l, 47)->node = 0;
	assert_int_equal(hs_memblk_whole_nodes(&l, is_movable, NULL), 1);
	snprintf(hs_memblk_list_get(&l, 46)->zones, sizeof(b->zones), "Normal");
	assert_int_equal(hs_memblk_whole_nodes(&l, is_movable, NULL), 0);
	hs_memblk_list_get(&l, 46)->state = HS_MEMBLK_OFFLINE;
	assert_int_equal(hs_memblk_whole_nodes(&l, is_movable, NULL), 1);
	for (unsigned long i = 32; i < 48; i++)
		hs_memblk_list_get(&l, i)->node = -1;
	assert_int_equal(hs_memblk_whole_nodes(&l, is_movable, NULL), 0);
	hs_memblk_list_deinit(&l);
	assert_null(hs_memblk_list_get(&l, 40));
}

static void test_other_names_are_no_blocks(void **state)
{
	const struct tree *t = *state;
	struct hs_memblk_list l;

	tree_write(t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	tree_block(t, 7, "online", "Movable", 0);
	tree_write(t, TREE_MEMORY "/memory/state", "online\n");
	tree_write(t, TREE_MEMORY "/memory7x/state", "online\n");
	tree_write(t, TREE_MEMORY "/memory0x8/state", "online\n");
	tree_write(t, TREE_MEMORY "/memory-1/state", "online\n");
	tree_write(t, TREE_MEMORY "/memory99999999999999999999/state", "online\n");
	assert_int_equal(hs_memblk_list_init(&l, t->dir), 0);
	assert_int_equal(l.nr, 1);
	assert_int_equal(l.blk[0].index, 7);
	hs_memblk_list_deinit(&l);
}

static void test_sparse_attributes(void **state)
{
	const struct tree *t = *state;
	struct hs_memblk_list l;

	tree_write(t, TREE_MEMORY "/block_size_bytes", "8000000");
	tree_block(t, 1, "going-offline", NULL, -1);
	tree_block(t, 2, "cancel", "Movable", -1);
	tree_mkdir(t, TREE_MEMORY "/memory3");		/* unplugged while we look */
	assert_int_equal(hs_memblk_list_init(&l, t->dir), 0);
	assert_int_equal(l.nr, 2);
	assert_int_equal(l.blk[0].state, HS_MEMBLK_GOING_OFFLINE);
	assert_int_equal(l.blk[0].node, -1);
	assert_string_equal(l.blk[0].zones, "");
	assert_int_equal(l.blk[1].state, HS_MEMBLK_UNKNOWN);
	hs_memblk_list_deinit(&l);
}

static void test_refresh(void **state)
{
	const struct tree *t = *state;
	struct hs_memblk_list l;
	struct hs_memblk *b;
	char path[512];

	tree_guest(t);
	assert_int_equal(hs_memblk_list_init(&l, t->dir), 0);
	b = hs_memblk_list_get(&l, 33);
	tree_block(t, 33, "offline", "Normal", -1);
	assert_int_equal(hs_memblk_refresh(&l, b), 0);
	assert_int_equal(b->state, HS_MEMBLK_OFFLINE);
	assert_string_equal(b->zones, "Normal");
	assert_int_equal(hs_memblk_path(&l, 33, "state", path, sizeof(path)), 0);
	assert_string_equal(path, tree_path(t, TREE_MEMORY "/memory33/state"));
	assert_int_equal(hs_memblk_path(&l, 33, "state", path, 20), -ENAMETOOLONG);
	assert_int_equal(unlink(path), -1);		/* cut short above: not a file */
	assert_int_equal(unlink(tree_path(t, TREE_MEMORY "/memory33/state")), 0);
	assert_int_equal(hs_memblk_refresh(&l, b), -ENODEV);
	hs_memblk_list_deinit(&l);
}

static void test_copy(void **state)
{
	const struct tree *t = *state;
	struct hs_memblk_list l, copy;

	tree_guest(t);
	assert_int_equal(hs_memblk_list_init(&l, t->dir), 0);
	assert_int_equal(hs_memblk_list_copy(&copy, &l), 0);
	hs_memblk_list_get(&l, 33)->state = HS_MEMBLK_OFFLINE;
	hs_memblk_list_deinit(&l);
	assert_int_equal(copy.nr, 32);
	assert_int_equal(hs_memblk_list_get(&copy, 33)->state, HS_MEMBLK_ONLINE);
	assert_int_equal(hs_memblk_refresh(&copy, hs_memblk_list_get(&copy, 40)), 0);
	hs_memblk_list_deinit(&copy);
	assert_int_equal(hs_memblk_list_copy(&copy, &l), 0);	/* of none */
	assert_null(copy.blk);
	hs_memblk_list_deinit(&copy);
}

static void test_bad_trees(void **state)
{
	const struct tree *t = *state;
	struct hs_memblk_list l;
	char longer[400];

	assert_int_equal(hs_memblk_list_init(&l, t->dir), -ENOTSUP);
	assert_int_equal(hs_memblk_list_init(&l, "/nonexistent/tree"), -ENOENT);
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(hs_memblk_list_init(&l, longer), -ENAMETOOLONG);
	tree_write(t, TREE_MEMORY "/block_size_bytes", "128M\n");
	assert_int_equal(hs_memblk_list_init(&l, t->dir), -EINVAL);
	tree_write(t, TREE_MEMORY "/block_size_bytes", "0\n");
	assert_int_equal(hs_memblk_list_init(&l, t->dir), -EINVAL);
	tree_write(t, TREE_MEMORY "/block_size_bytes",
		   "00000000000000000000000000000000000000000008000000\n");
	assert_int_equal(hs_memblk_list_init(&l, t->dir), -EMSGSIZE);
	tree_write(t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	assert_int_equal(hs_memblk_list_init(&l, t->dir), 0);	/* no blocks: an answer */
	assert_int_equal(l.nr, 0);
	hs_memblk_list_deinit(&l);
	tree_block(t, 1, "online", "Movable", 0);
	tree_write(t, TREE_MEMORY "/memory1/phys_index", "zz\n");
	assert_int_equal(hs_memblk_list_init(&l, t->dir), -EINVAL);
	assert_null(l.blk);
}

static void test_state_names(void **state)
{
	assert_string_equal(hs_memblk_state_name(HS_MEMBLK_GOING_OFFLINE), "going-offline");
	assert_string_equal(hs_memblk_state_name((enum hs_memblk_state)17), "unknown");
}

/* libudev and reading /sys must agree, where there is anything to agree on. */
static void test_this_machine(void **state)
{
	struct hs_memblk_list udev;
	struct hs_memblk_list tree;
	int r = hs_memblk_list_init(&udev, NULL);

	if (r == -ENOTSUP)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(hs_memblk_list_init(&tree, "/."), 0);
	assert_int_equal(udev.nr, tree.nr);
	for (size_t i = 0; i < udev.nr; i++) {
		assert_int_equal(udev.blk[i].index, tree.blk[i].index);
		assert_int_equal(udev.blk[i].node, tree.blk[i].node);
	}
	hs_memblk_list_deinit(&udev);
	hs_memblk_list_deinit(&tree);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(guest), TEST(other_names_are_no_blocks), TEST(sparse_attributes),
		TEST(refresh), TEST(copy), TEST(bad_trees), TEST(state_names), TEST(this_machine),
	};

	return cmocka_run_group_tests_name("memblk", tests, NULL, NULL);
}
