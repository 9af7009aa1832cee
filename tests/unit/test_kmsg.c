// SPDX-License-Identifier: GPL-2.0-only
/* The kernel log: which words are bad, and which taint bits are news. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "kmsg.h"

static char root[64];

static void put(const char *path, const char *text, int flags)
{
	char full[128];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	fd = open(full, O_WRONLY | O_CREAT | flags, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int tree_make(void **state)
{
	static const char *const dirs[] = { "dev", "proc", "proc/sys", "proc/sys/kernel" };

	snprintf(root, sizeof(root), "/tmp/hotsoak-kmsg-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char full[128];

		snprintf(full, sizeof(full), "%s/%s", root, dirs[i]);
		if (mkdir(full, 0700) < 0)
			return -1;
	}
	put("dev/kmsg", "3,1,1,-;BUG: before the run\n", O_TRUNC);
	put("proc/sys/kernel/tainted", "4096\n", O_TRUNC);
	put("proc/cpuinfo", "processor : 0\nflags : fpu hypervisor lm\n", O_TRUNC);
	return 0;
}

static int tree_remove(void **state)
{
	static const char *const all[] = {
		"dev/kmsg", "dev", "proc/sys/kernel/tainted", "proc/sys/kernel", "proc/sys",
		"proc/cpuinfo", "proc", "",
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char full[128];

		snprintf(full, sizeof(full), "%s/%s", root, all[i]);
		remove(full);
	}
	return 0;
}

static struct { int bad, innocent; char text[256]; } found;

static void note_found(bool bad, const char *text, void *ctx)
{
	*(bad ? &found.bad : &found.innocent) += 1;
	snprintf(found.text, sizeof(found.text), "%s", text);
}

static void look(struct hs_kmsg *k)
{
	memset(&found, 0, sizeof(found));
	assert_int_equal(hs_kmsg_look(k, note_found, NULL), 0);
}

static void words(void **state)
{
	static const struct { const char *text; enum hs_kmsg_kind kind; } row[] = {
		{ "Offlined Pages 32768", HS_KMSG_INNOCENT },
		{ "hotsoak: loading out-of-tree module taints kernel.", HS_KMSG_INNOCENT },
		{ "WARNING: CPU: 0 PID: 1 at mm/page_alloc.c:1 foo+0x1/0x2", HS_KMSG_BAD },
		{ "BUG: unable to handle page fault for address: 0", HS_KMSG_BAD },
		{ "BUG: Bad page state in process a  pfn:1", HS_KMSG_BAD },
		{ "list_del corruption. prev->next should be a", HS_KMSG_BAD },
		{ "INFO: task hotsoak:1 blocked for more than 120 seconds.", HS_KMSG_BAD },
		{ "WARNING: possible circular locking dependency detected", HS_KMSG_BAD },
		{ "general protection fault, probably for non-canonical", HS_KMSG_BAD },
		{ "rcu: INFO: rcu_preempt self-detected stall on CPU", HS_KMSG_STALL },
		{ "watchdog: BUG: soft lockup - CPU#1 stuck for 22s!", HS_KMSG_STALL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (hs_kmsg_classify(row[i].text) != row[i].kind)
			fail_msg("%s", row[i].text);
}

static void only_what_is_new(void **state)
{
	struct hs_kmsg k;

	assert_int_equal(hs_kmsg_init(&k, root), 0);
	assert_true(k.emulated);
	look(&k);
	assert_int_equal(found.bad, 0);
	assert_int_equal(hs_kmsg_write(root, ""), 0);
	put("dev/kmsg", "4,2,2,-;WARNING: it is new\n KEY=BUG:\n", O_APPEND);
	look(&k);
	assert_int_equal(found.bad, 1);
	assert_string_equal(found.text, "WARNING: it is new");
	put("dev/kmsg", "4,3,3,-;rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n", O_APPEND);
	look(&k);
	assert_int_equal(found.bad, 0);
	assert_int_equal(found.innocent, 1);
	assert_int_equal(k.looks, 3);
	hs_kmsg_deinit(&k);
}

/* By the kernel, and of that driver: what user space writes is not believed. */
static void resizes(void **state)
{
	struct hs_kmsg k;

	assert_int_equal(hs_kmsg_init(&k, root), 0);
	put("dev/kmsg", "6,2,1,-;virtio_mem virtio0: plugged size: 0x40000000\n", O_APPEND);
	look(&k);
	assert_int_equal(k.resizes, 0);
	put("dev/kmsg", "6,3,1,-;virtio_mem virtio0: requested size: 0x20000000\n", O_APPEND);
	look(&k);
	assert_int_equal(k.resizes, 1);
	put("dev/kmsg", "14,4,1,-;virtio_mem virtio0: requested size: 0x0\n", O_APPEND);
	look(&k);
	put("dev/kmsg", "6,5,1,-;another: virtio_mem virtio0: requested size: 0x0\n", O_APPEND);
	look(&k);
	assert_int_equal(k.resizes, 1);
	assert_int_equal(found.bad + found.innocent, 0);
	hs_kmsg_deinit(&k);
}

static void new_taint_bits(void **state)
{
	struct hs_kmsg k;

	assert_int_equal(hs_kmsg_init(&k, root), 0);
	hs_kmsg_forgive_module(&k);
	put("proc/sys/kernel/tainted", "12288\n", O_TRUNC);	/* O and E */
	look(&k);
	assert_int_equal(found.bad, 0);
	put("proc/sys/kernel/tainted", "12800\n", O_TRUNC);	/* and W */
	look(&k);
	assert_int_equal(found.bad, 1);
	assert_string_equal(found.text, "new taint bits 0x200 in /proc/sys/kernel/tainted");
	look(&k);
	assert_int_equal(found.bad, 0);
	hs_kmsg_deinit(&k);
}

static void no_log(void **state)
{
	struct hs_kmsg k;

	assert_int_equal(hs_kmsg_init(&k, "/nonexistent"), -ENOENT);
	hs_kmsg_deinit(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test_setup_teardown(only_what_is_new, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(resizes, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(new_taint_bits, tree_make, tree_remove),
		cmocka_unit_test(no_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
