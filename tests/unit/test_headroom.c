// SPDX-License-Identifier: GPL-2.0-only
/* Which memory must stay, and where the pages of a block can go. */
#include "tree.h"

#include "headroom.h"

#define BLOCK_BYTES	(UINT64_C(128) << 20)
#define BLOCK_PAGES	32768
#define SPARE_PAGES	2048		/* what a block needs beyond its pages */
#define PLACE_PAGES	(BLOCK_PAGES + SPARE_PAGES)

TREE_FIXTURE(t)

static void meminfo(uint64_t total_mib, uint64_t available_mib)
{
	char text[256];

	snprintf(text, sizeof(text), "MemTotal: %lu kB\nMemFree: 4 kB\nMemAvailable: %lu kB\n",
		 (unsigned long)total_mib << 10, (unsigned long)available_mib << 10);
	tree_write(&t, "proc/meminfo", text);
}

static void zone(char *text, size_t text_bytes, int node, const char *name, uint64_t managed,
		 uint64_t free, uint64_t file)
{
	size_t len = strlen(text);

	snprintf(text + len, text_bytes - len,
		 "Node %d, zone %8s\n  pages free     %lu\n        min      10\n        high     100\n"
		 "        present  %lu\n        managed  %lu\n        protection: (0, 0, 50, 200, 200)\n"
		 "      nr_zone_inactive_file %lu\n      nr_zone_active_file %lu\n"
		 "  pagesets\n    cpu: 0\n              count: 7\n              high:  999999\n",
		 node, name, (unsigned long)free, (unsigned long)managed, (unsigned long)managed,
		 (unsigned long)file, (unsigned long)file);
}

static bool allows(int node, const char *words)
{
	struct hs_headroom h;
	char why[96] = "";
	bool ok;

	hs_headroom_init(&h, t.dir, BLOCK_BYTES);
	ok = hs_headroom_allows(&h, node, "Movable", 1, why, sizeof(why));
	if (words && !strstr(why, words))
		fail_msg("\"%s\" is not in \"%s\"", words, why);
	return ok;
}

static void test_floor(void **state)
{
	assert_true(hs_headroom_bytes(UINT64_C(1) << 30) == UINT64_C(64) << 20);
	assert_true(hs_headroom_bytes(UINT64_C(100) << 30) == UINT64_C(5) << 30);
}

/* A tree without files to tell by: nothing to hold back. */
static void test_nothing_known(void **state)
{
	assert_true(allows(0, NULL));
}

static void test_machine(void **state)
{
	struct hs_headroom h;
	char why[96] = "";

	meminfo(4000, 329);
	assert_true(allows(0, NULL));
	meminfo(4000, 327);		/* 128 for the block, 200 that stay */
	assert_false(allows(0, "327 MiB of memory are available and 200 must stay"));
	hs_headroom_init(&h, t.dir, BLOCK_BYTES);
	assert_true(hs_headroom_spare(&h) == 0);
	/* While it goes its own pages are no longer free: only the floor counts. */
	assert_true(hs_headroom_holds(&h, 0, why, sizeof(why)));
	meminfo(4000, 199);
	assert_false(hs_headroom_holds(&h, 0, why, sizeof(why)));
	assert_non_null(strstr(why, "199 MiB"));
	meminfo(4000, 428);
	assert_true(hs_headroom_spare(&h) == UINT64_C(100) << 20);
}

static void test_one_node(void **state)
{
	char text[4096] = "";
	struct hs_zone_list l;

	meminfo(4000, 3000);
	/* 5 % of 100000 stays, which is more than the watermark with the reserve. */
	zone(text, sizeof(text), 0, "DMA32", 100000, 5000 + PLACE_PAGES - 10, 0);
	zone(text, sizeof(text), 0, "Movable", 40000, 2010, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_int_equal(hs_zone_list_init(&l, t.dir), 0);
	assert_int_equal(l.zone[0].high_pages, 100);
	assert_int_equal(l.zone[0].reserve_pages, 200);
	assert_int_equal(hs_headroom_room_pages(&l, 0), PLACE_PAGES);
	hs_zone_list_deinit(&l);
	assert_true(allows(0, NULL));

	/* One page less, though the machine has plenty. */
	text[0] = '\0';
	zone(text, sizeof(text), 0, "DMA32", 100000, 5000 + PLACE_PAGES - 10, 0);
	zone(text, sizeof(text), 0, "Movable", 40000, 2009, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_false(allows(0, "its pages need 128 MiB elsewhere and 8 to spare, 136 are free there"));

	/* A small zone keeps its watermark. */
	text[0] = '\0';
	zone(text, sizeof(text), 0, "Movable", 2000, 310, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_int_equal(hs_zone_list_init(&l, t.dir), 0);
	assert_int_equal(hs_headroom_room_pages(&l, 0), 10);
	hs_zone_list_deinit(&l);
}

static void test_file_cache_counts_half(void **state)
{
	char text[2048] = "";

	meminfo(4000, 3000);
	zone(text, sizeof(text), 0, "Normal", 100000, 5000, PLACE_PAGES);
	tree_write(&t, "proc/zoneinfo", text);
	assert_true(allows(0, NULL));
	text[0] = '\0';
	zone(text, sizeof(text), 0, "Normal", 100000, 4999, PLACE_PAGES);
	tree_write(&t, "proc/zoneinfo", text);
	assert_false(allows(0, "elsewhere"));
}

/* With two nodes the pages go to the other one, however much its own has. */
static void test_two_nodes(void **state)
{
	char text[4096] = "";
	struct hs_headroom h;
	char why[96];

	meminfo(8000, 6000);
	zone(text, sizeof(text), 0, "Normal", 100000, 6000, 0);
	zone(text, sizeof(text), 1, "Movable", 200000, 150000, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_false(allows(1, "its pages need 128 MiB elsewhere and 8 to spare, 4 are free there"));
	/* Those of node 0 can go to node 1. */
	assert_true(allows(0, NULL));

	/* Only what is in use in the block's zone can be in the block. */
	text[0] = '\0';
	zone(text, sizeof(text), 0, "Normal", 100000, 5000 + 999 + SPARE_PAGES, 0);
	zone(text, sizeof(text), 1, "Movable", 200000, 199001, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_true(allows(1, NULL));

	/* One page less than it takes, though nothing of the zone is in use. */
	text[0] = '\0';
	zone(text, sizeof(text), 0, "Normal", 100000, 5000 + SPARE_PAGES - 1, 0);
	zone(text, sizeof(text), 1, "Movable", 200000, 200000, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_false(allows(1, "its pages need 0 MiB elsewhere and 8 to spare"));

	/* One that is going goes on until half of that is left. */
	hs_headroom_init(&h, t.dir, BLOCK_BYTES);
	text[0] = '\0';
	zone(text, sizeof(text), 0, "Normal", 100000, 5000 + SPARE_PAGES / 2, 0);
	zone(text, sizeof(text), 1, "Movable", 200000, 150000, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_true(hs_headroom_holds(&h, 1, why, sizeof(why)));
	text[0] = '\0';
	zone(text, sizeof(text), 0, "Normal", 100000, 5000 + SPARE_PAGES / 2 - 1, 0);
	zone(text, sizeof(text), 1, "Movable", 200000, 150000, 0);
	tree_write(&t, "proc/zoneinfo", text);
	assert_false(hs_headroom_holds(&h, 1, why, sizeof(why)));
	assert_string_equal(why, "there is no place left where its pages could go");
}

static void test_garbage(void **state)
{
	meminfo(4000, 3000);
	tree_write(&t, "proc/zoneinfo", "Node 0, zone Normal\n  protection: (x)\n");
	assert_true(allows(0, NULL));
	tree_write(&t, "proc/meminfo", "MemTotal: lots\n");
	assert_true(allows(0, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(floor), TEST(nothing_known), TEST(machine), TEST(one_node),
		TEST(file_cache_counts_half), TEST(two_nodes), TEST(garbage),
	};

	return cmocka_run_group_tests_name("headroom", tests, NULL, NULL);
}
