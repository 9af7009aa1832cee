// SPDX-License-Identifier: GPL-2.0-only
/* A virtio-balloon, on made-up trees. */
#include "tree.h"

#include <errno.h>

#include "balloon.h"

#define BUS	"sys/bus/virtio/"
#define DRIVER	BUS "drivers/virtio_balloon"

TREE_FIXTURE(t)

/* In sysfs the driver has a link to it. */
static void device(const char *name, const char *features)
{
	char path[128];

	snprintf(path, sizeof(path), DRIVER "/%s", name);
	tree_mkdir(&t, path);
	snprintf(path, sizeof(path), BUS "devices/%s/features", name);
	tree_write(&t, path, features);
}

static void a_device_and_its_pages(void **state)
{
	struct hs_balloon_pages p = { 7, 7, 7 };

	assert_int_equal(hs_balloon_ask(t.dir), -ENODEV);
	tree_write(&t, DRIVER "/bind", "");
	assert_int_equal(hs_balloon_ask(t.dir), -ENODEV);
	device("virtio3", "0100010000000000");
	assert_int_equal(hs_balloon_ask(t.dir), -ENOENT);
	tree_write(&t, "proc/vmstat", "nr_free_pages 5\nballoons 3\n");
	assert_int_equal(hs_balloon_ask(t.dir), -ENOSYS);
	assert_int_equal(hs_balloon_read(t.dir, &p), -ENOSYS);
	assert_true(!p.inflated && !p.deflated && !p.migrated);
	tree_write(&t, "proc/vmstat", "nr_free_pages 5\nballoon_inflate 30\nballoon_deflate 20\n"
		   "balloon_migrate 10\nswap_ra 0\n");
	assert_int_equal(hs_balloon_ask(t.dir), 0);
	assert_int_equal(hs_balloon_read(t.dir, &p), 0);
	assert_true(p.inflated == 30 && p.deflated == 20 && p.migrated == 10);
}

/* One bit of many, of any of the devices. */
static void free_pages_are_reported(void **state)
{
	assert_false(hs_balloon_reports(t.dir));
	device("virtio3", "0100");
	assert_false(hs_balloon_reports(t.dir));
	device("virtio3", "1111101111111111");
	assert_false(hs_balloon_reports(t.dir));
	device("virtio4",
	       "0000010000000000000000000000000000000000000000000000000000000000"
	       "0000000000000000000000000000000000000000000000000000000000000000\n");
	assert_true(hs_balloon_reports(t.dir));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_device_and_its_pages), TEST(free_pages_are_reported),
	};

	return cmocka_run_group_tests_name("balloon", tests, NULL, NULL);
}
