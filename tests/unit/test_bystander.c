// SPDX-License-Identifier: GPL-2.0-only
/* Who else acts on memory blocks: each of them on a tree of its own. */
#include "tree.h"

#include "bystander.h"
#include "udevrule.h"

TREE_FIXTURE(t)

static void expect(const char *want)
{
	char text[320];
	unsigned int nr = hs_bystander_list(t.dir, text, sizeof(text));

	if (strcmp(text, want))
		fail_msg("named \"%s\", expected \"%s\"", text, want);
	assert_int_equal(!nr, !*want);
}

static void test_nobody(void **state)
{
	expect("");
}

/* A driver that has no device acts on nothing. */
static void expect_bound(const char *driver, const char *device, const char *want)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "sys/bus/%s", driver);
	tree_mkdir(&t, dir);
	snprintf(dir, sizeof(dir), "sys/bus/%s/module", driver);
	tree_mkdir(&t, dir);
	snprintf(dir, sizeof(dir), "sys/bus/%s/bind", driver);
	tree_write(&t, dir, "");
	expect("");
	snprintf(dir, sizeof(dir), "sys/bus/%s/%s", driver, device);
	assert_int_equal(symlink("../nowhere", tree_path(&t, "%s", dir)), 0);
	expect(want);
	assert_int_equal(unlink(tree_path(&t, "%s", dir)), 0);
}

static void test_drivers(void **state)
{
	expect_bound("virtio/drivers/virtio_mem", "virtio3", "virtio-mem");
	expect_bound("virtio/drivers/virtio_balloon", "virtio1", "virtio-balloon");
	expect_bound("dax/drivers/kmem", "dax0.0", "dax/kmem");
	expect_bound("vmbus/drivers/hv_balloon", "1eccfd72-4b41-45ef-b73a-4a6e44c12924", "hv_balloon");
}

static void test_balloons(void **state)
{
	tree_mkdir(&t, "sys/module/vmw_balloon");
	expect("vmw_balloon");
	tree_mkdir(&t, "sys/devices/system/xen_memory/xen_memory0");
	expect("xen_balloon, vmw_balloon");
}

static void test_kdump(void **state)
{
	tree_write(&t, "sys/kernel/kexec_crash_loaded", "0\n");
	expect("");
	tree_write(&t, "sys/kernel/kexec_crash_loaded", "1\n");
	expect("kdump (a crash kernel is loaded)");
}

/* ---- Rules ------------------------------------------------------------------------ */

static void rules(const char *text, const char *want)
{
	tree_write(&t, "etc/udev/rules.d/50-a.rules", text);
	expect(want);
}

#define WRITES	"udev rule 50-a.rules"
#define RUNS	"udev rule that runs a program, 50-a.rules"

static void test_rules_that_write(void **state)
{
	rules("SUBSYSTEM==\"memory\", ACTION==\"add\", TEST==\"state\", ATTR{state}!=\"online\", ATTR{state}=\"online\"\n",
	      WRITES);
	rules("ACTION==\"add\",SUBSYSTEM==\"memory\",ATTR{online}=\"1\"\n", WRITES);
	rules("  SUBSYSTEM == \"memory\" , ATTR{state} = \"online_movable\"\n", WRITES);
	rules("SUBSYSTEM==\"cpu|memory\", ATTR{online}==\"0\", ATTR{online}:=\"1\"\n", WRITES);
	rules("SUBSYSTEM==\"memory\", \\\n  ACTION==\"add\", \\\n  ATTR{state}=\"online\"\n", WRITES);
	/* The last line of the file, without an end. */
	rules("# comment\n\nSUBSYSTEM==\"memory\", ATTR{state}=\"online\"", WRITES);
	/* Where all others have jumped away. */
	rules("SUBSYSTEM!=\"memory\", GOTO=\"end\"\nACTION!=\"add\", GOTO=\"end\"\n"
	      "ATTR{state}==\"offline\", ATTR{state}=\"online\"\nLABEL=\"end\"\n", WRITES);
}

static void test_rules_that_do_not(void **state)
{
	rules("", "");
	rules("# SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n", "");
	rules("SUBSYSTEM==\"memory\", ATTR{state}==\"online\", TAG+=\"systemd\"\n", "");
	rules("SUBSYSTEM==\"cpu\", ACTION==\"add\", ATTR{online}=\"1\"\n", "");
	rules("SUBSYSTEM==\"memory_tiering\", ATTR{state}=\"online\"\n", "");
	rules("SUBSYSTEM!=\"memory\", ATTR{state}=\"online\"\n", "");
	rules("ATTR{state}=\"online\"\n", "");
	rules("SUBSYSTEM!=\"memory\", GOTO=\"end\"\nENV{A}=\"1\"\nLABEL=\"end\"\n"
	      "ATTR{state}=\"online\"\n", "");
	rules("SUBSYSTEM==\"memory\", ATTR{state\n=\"", "");
	rules("SUBSYSTEM==\"memory\nATTR{state}=\"online\"\n", "");
}

static void test_rules_that_run_programs(void **state)
{
	rules("SUBSYSTEM==\"memory\", ACTION==\"online\", PROGRAM=\"/bin/systemctl try-restart kdump-tools.service\"\n",
	      RUNS);
	rules("SUBSYSTEM==\"memory\", RUN+=\"/bin/true\"\n", RUNS);
	rules("SUBSYSTEM==\"memory\", RUN{program}+=\"/bin/true\"\n", RUNS);
	rules("SUBSYSTEM==\"cpu\", ACTION==\"add\", GOTO=\"reload\"\n"
	      "SUBSYSTEM==\"memory\", ACTION==\"online\", GOTO=\"reload\"\n"
	      "GOTO=\"end\"\nLABEL=\"reload\"\nRUN+=\"/bin/sh -c 'reload'\"\nLABEL=\"end\"\n", RUNS);
	rules("SUBSYSTEM==\"cpu\", ACTION==\"add\", GOTO=\"reload\"\nGOTO=\"end\"\n"
	      "LABEL=\"reload\"\nRUN+=\"/bin/true\"\nLABEL=\"end\"\n", "");
	/* The stronger of both. */
	rules("SUBSYSTEM==\"memory\", RUN+=\"/bin/true\", ATTR{state}=\"online\"\n", WRITES);
}

/* As udevd reads them: one of each name, and none that was masked. */
static void test_rules_in_force(void **state)
{
	static const char writes[] = "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n";

	tree_write(&t, "usr/lib/udev/rules.d/40-hot.rules", writes);
	expect("udev rule 40-hot.rules");
	tree_write(&t, "lib/udev/rules.d/40-hot.rules", writes);
	expect("udev rule 40-hot.rules");
	tree_write(&t, "lib/udev/rules.d/40-hot.rules.bak", writes);
	tree_write(&t, "lib/udev/rules.d/README", writes);
	expect("udev rule 40-hot.rules");
	tree_write(&t, "run/udev/rules.d/40-hot.rules", "# nothing\n");
	expect("");
	tree_write(&t, "etc/udev/rules.d/40-hot.rules", writes);
	tree_write(&t, "usr/local/lib/udev/rules.d/41-more.rules", writes);
	expect("udev rule 40-hot.rules, udev rule 41-more.rules");
	assert_int_equal(unlink(tree_path(&t, "etc/udev/rules.d/40-hot.rules")), 0);
	assert_int_equal(symlink("/dev/null", tree_path(&t, "etc/udev/rules.d/40-hot.rules")), 0);
	expect("udev rule 41-more.rules");
}

static void test_too_many(void **state)
{
	char text[64];

	for (int i = 10; i < 30; i++) {
		char name[64];

		snprintf(name, sizeof(name), "etc/udev/rules.d/%d-some.rules", i);
		tree_write(&t, name, "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	}
	assert_int_equal(hs_bystander_list(t.dir, text, sizeof(text)), 20);
	assert_string_equal(text, "udev rule 10-some.rules, udev rule 11-some.rules, …");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody), TEST(drivers), TEST(balloons), TEST(kdump), TEST(rules_that_write),
		TEST(rules_that_do_not), TEST(rules_that_run_programs), TEST(rules_in_force),
		TEST(too_many),
	};

	return cmocka_run_group_tests_name("bystander", tests, NULL, NULL);
}
