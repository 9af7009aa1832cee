// SPDX-License-Identifier: GPL-2.0-only
/* /proc/zoneinfo and MemTotal, made up and torn, and this machine's nodes. */
#include "tree.h"

#include <errno.h>

#include "zone.h"

static const char zoneinfo[] =
	"Node 0, zone      DMA\n"
	"  per-node stats\n"
	"      nr_inactive_anon 109807\n"
	"  pages free     3840\n"
	"        boost    0\n"
	"        min      45\n"
	"        spanned  4095\n"
	"        present  3998\n"
	"        managed  3840\n"
	"        cma      0\n"
	"        protection: (0, 2946, 3899, 3899, 3899)\n"
	"      nr_free_pages 3840\n"
	"  pagesets\n"
	"    cpu: 0\n"
	"              count: 0\n"
	"              high:  0\n"
	"Node 1, zone  Movable\n"
	"  pages free     100\n"
	"        present  524288\n"
	"        managed  524000\n";

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

static void test_zoneinfo(void **state)
{
	const struct tree *t = *state;
	const struct hs_zone *z;
	struct hs_zone_list l;

	tree_write(t, "proc/zoneinfo", zoneinfo);
	assert_int_equal(hs_zone_list_init(&l, t->dir), 0);
	assert_int_equal(l.nr, 2);
	z = hs_zone_list_get(&l, 0, "DMA");
	assert_non_null(z);
	assert_true(z->free_pages == 3840 && z->present_pages == 3998 && z->managed_pages == 3840);
	z = hs_zone_list_get(&l, 1, "Movable");
	assert_non_null(z);
	assert_true(z->free_pages == 100);
	assert_true(z->present_pages == 524288 && z->managed_pages == 524000);
	assert_null(hs_zone_list_get(&l, 0, "Movable"));
	assert_null(hs_zone_list_get(&l, 1, "Mov"));
	hs_zone_list_deinit(&l);
	assert_null(hs_zone_list_get(&l, 1, "Movable"));
}

static void test_bad_zoneinfo(void **state)
{
	static const char *const bad[] = {
		"", "nothing of the kind\n", "Node 0 zone DMA\n", "Node x, zone DMA\n",
		"Node 0, zone DMA\n  pages free many\n", "Node 0, zone DMA\n  present -1\n",
		"Node 0, zone ANameThatNoKernelHas\n", "Node 99999999999, zone DMA\n", NULL,
	};
	const struct tree *t = *state;
	struct hs_zone_list l;

	assert_int_equal(hs_zone_list_init(&l, t->dir), -ENOENT);
	for (size_t i = 0; bad[i]; i++) {
		tree_write(t, "proc/zoneinfo", bad[i]);
		if (hs_zone_list_init(&l, t->dir) != -EBADMSG)
			fail_msg("\"%s\" was taken for a zoneinfo", bad[i]);
		assert_null(l.zone);
	}
}

static void test_memtotal(void **state)
{
	static const char *const bad[] = {
		"", "MemFree: 1 kB\n", "MemTotal: 1 MB\n", "MemTotal: x kB\n",
		"MemTotal: 18446744073709551615 kB\n", NULL,
	};
	const struct tree *t = *state;
	uint64_t bytes = 4711;

	assert_int_equal(hs_zone_memtotal_bytes(t->dir, &bytes), -ENOENT);
	for (size_t i = 0; bad[i]; i++) {
		tree_write(t, "proc/meminfo", bad[i]);
		if (hs_zone_memtotal_bytes(t->dir, &bytes) != -EBADMSG)
			fail_msg("\"%s\" was taken for a meminfo", bad[i]);
	}
	assert_true(bytes == 4711);
	tree_write(t, "proc/meminfo", "MemTotal:        4039284 kB\nMemFree: 1 kB\n");
	assert_int_equal(hs_zone_memtotal_bytes(t->dir, &bytes), 0);
	assert_true(bytes == UINT64_C(4039284) * 1024);
	assert_int_equal(hs_zone_memtotal_bytes(NULL, &bytes), 0);
	assert_true(bytes > 0);
}

static void test_nodes(void **state)
{
	assert_true(hs_node_is_known(0));
	assert_false(hs_node_is_known(-1));
	assert_false(hs_node_is_known(1 << 20));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(zoneinfo), TEST(bad_zoneinfo), TEST(memtotal), TEST(nodes),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
