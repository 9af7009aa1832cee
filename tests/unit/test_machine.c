// SPDX-License-Identifier: GPL-2.0-only
/* What a machine lacks for a scenario, on made-up trees; and hotsoak check. */
#include "capture.h"

#include <errno.h>

#include <json-c/json.h>

#include "command.h"
#include "hwpoison.h"
#include "invariant.h"
#include "lockdown.h"
#include "machine.h"

static int setup(void **state)
{
	static struct tree t;

	tree_init(&t);
	tree_write(&t, "scenarios/one.conf", "[needs]\nmodule = yes\ncpus = 2\nblocks = 4\n");
	tree_write(&t, "scenarios/wild.conf", "[scenario]\ndanger = corrupts\n");
	tree_write(&t, "scenarios/locks.conf", "[needs]\nlockdep = yes\n");
	tree_write(&t, "scenarios/bad.conf", "[needs]\ncpus = many\n");
	setenv("HOTSOAK_SCENARIOS", tree_path(&t, "scenarios"), 1);
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	unsetenv("HOTSOAK_SCENARIOS");
	tree_deinit(*state);
	return 0;
}

/* A guest that has everything, under t/ROOT. */
static const char *make_machine(const struct tree *t, const char *root)
{
	struct tree sub;

	tree_below(&sub, t, root);
	tree_guest(&sub);
	tree_write(&sub, "sys/devices/system/cpu/online", "0-2,5\n");
	tree_write(&sub, "proc/sys/kernel/osrelease", "6.1.0-test\n");
	tree_write(&sub, "proc/sys/kernel/tainted", "12288\n");
	tree_write(&sub, "proc/cmdline", "quiet hotsoak.guest=1 panic=1\n");
	tree_write(&sub, "proc/zoneinfo", "Node 0, zone Normal\n  pages free 500000\n present 1000000\n managed 999999\n");
	tree_write(&sub, "lib/modules/6.1.0-test/modules.dep",
		   "kernel/drivers/net/nothotsoak.ko:\nupdates/hotsoak.ko.xz: kernel/lib/a.ko\n");
	return tree_path(t, "%s", root);
}

static unsigned int lacks(const char *sysroot, const char *scenario, char *names, size_t bytes)
{
	char path[512], err[512];
	struct hs_scenario s;
	struct hs_machine m;
	unsigned int nr;

	assert_int_equal(hs_scenario_find(scenario, path, sizeof(path)), 0);
	assert_int_equal(hs_scenario_load(&s, path, err, sizeof(err)), 0);
	assert_int_equal(hs_machine_init(&m, sysroot), 0);
	nr = hs_machine_lacks(&m, &s, names, bytes);
	hs_machine_deinit(&m);
	return nr;
}

static void expect_lack(const struct tree *t, const char *file, const char *text,
			const char *scenario, const char *want)
{
	char root[512], name[512], names[256];

	snprintf(root, sizeof(root), "%s", make_machine(t, "machine"));
	snprintf(name, sizeof(name), "machine/%s", file);
	if (text)
		tree_write(t, name, text);
	else
		assert_int_equal(remove(tree_path(t, "%s", name)), 0);
	lacks(root, scenario, names, sizeof(names));
	if (strcmp(names, want))
		fail_msg("%s: lacks \"%s\", expected \"%s\"", file, names, want);
}

static void test_complete(void **state)
{
	struct hs_machine m;
	char names[256];
	const char *root = make_machine(*state, "machine");

	assert_int_equal(hs_machine_init(&m, root), 0);
	assert_int_equal(m.movable_blocks, 15);
	assert_int_equal(m.cpus, 4);
	assert_true(m.guest && m.module_loadable && !m.module_loaded);
	assert_string_equal(m.release, "6.1.0-test");
	hs_machine_deinit(&m);
	assert_int_equal(lacks(root, "one", names, sizeof(names)), 0);
	assert_string_equal(names, "");
	assert_int_equal(lacks(root, "wild", names, sizeof(names)), 0);
}

static void test_each_lack(void **state)
{
	const struct tree *t = *state;

	expect_lack(t, "sys/devices/system/cpu/online", "0\n", "one", "cpus");
	expect_lack(t, "sys/devices/system/cpu/online", "garbage\n", "one", "cpus");
	expect_lack(t, "lib/modules/6.1.0-test/modules.dep", "kernel/nothotsoak.ko:\n", "one", "module");
	expect_lack(t, "lib/modules/6.1.0-test/modules.dep", "kernel/hotsoak.koala:\n", "one", "module");
	expect_lack(t, "lib/modules/6.1.0-test/modules.dep", NULL, "one", "module");
	expect_lack(t, "proc/sys/kernel/osrelease", "6.12.0\n", "one", "module");
	expect_lack(t, "proc/cmdline", "quiet\n", "one", "");
	expect_lack(t, "proc/cmdline", "quiet\n", "wild", "guest");
	expect_lack(t, "proc/cmdline", "nothotsoak.guest=1 hotsoak.guest=10\n", "wild", "guest");
	expect_lack(t, "proc/zoneinfo", NULL, "one", "");	/* only a warning */
	expect_lack(t, "proc/sys/kernel/tainted", "1\n", "one", "");
}

static void test_lockdep(void **state)
{
	static const char watches[] = " lock-classes:    1834 [max: 8192]\n debug_locks:           1\n";
	static const char was_off[] = " lock-classes:    1834 [max: 8192]\n debug_locks:           0\n";
	const struct tree *t = *state;

	/* In make_machine()'s tree there is none. */
	expect_lack(t, "proc/cmdline", "quiet\n", "locks", "lockdep");
	expect_lack(t, "proc/cmdline", "quiet\n", "one", "");
	/* The figures alone do not prove that orders are proved. */
	expect_lack(t, "proc/lockdep_stats", watches, "locks", "lockdep");
	tree_write(t, "machine/proc/lockdep_chains", "all lock chains:\n");
	expect_lack(t, "proc/lockdep_stats", watches, "locks", "");
	expect_lack(t, "proc/lockdep_stats", was_off, "locks", "lockdep");
	expect_lack(t, "proc/lockdep_stats", was_off, "one", "");
	expect_lack(t, "proc/lockdep_stats", "garbage\n", "locks", "lockdep");
	expect_lack(t, "proc/lockdep_stats", NULL, "locks", "lockdep");
}

static void test_virtio_mem(void **state)
{
	static const char plugged[] = "100000000-1ffffffff : virtio0\n  100000000-17fffffff : System RAM (virtio_mem)\n";
	const struct tree *t = *state;

	tree_write(t, "scenarios/plugged.conf", "[needs]\nvirtio-mem = yes\n");
	expect_lack(t, "proc/iomem", plugged, "plugged", "virtio-mem");
	expect_lack(t, "proc/iomem", plugged, "one", "");
	tree_write(t, "machine/sys/bus/virtio/drivers/virtio_mem/bind", "");
	expect_lack(t, "proc/iomem", plugged, "plugged", "virtio-mem");
	tree_write(t, "machine/sys/bus/virtio/drivers/virtio_mem/virtio0", "");
	expect_lack(t, "proc/iomem", "100000000-1ffffffff : virtio0\n", "plugged", "virtio-mem");
	expect_lack(t, "proc/iomem", "100000000-17fffffff : System RAM\n", "plugged", "virtio-mem");
	expect_lack(t, "proc/iomem", plugged, "plugged", "");
}

#define RELEASE "proc/sys/kernel/osrelease"

static void test_soft_offline(void **state)
{
	static const char filter[] = "machine/sys/kernel/debug/hwpoison/corrupt-filter-enable";
	const struct tree *t = *state;

	tree_write(t, "scenarios/soft.conf", "[antagonist soft-offline]\n");
	/* Of another release than the machine's there is no module, either. */
	expect_lack(t, "proc/cmdline", "quiet\n", "one", "");
	tree_write(t, filter, "0\n");
	expect_lack(t, RELEASE, "6.12.0\n", "soft", "module, soft offline");
	tree_write(t, "machine/" TREE_MEMORY "/soft_offline_page", "");
	expect_lack(t, RELEASE, "6.12.0\n", "soft", "module");
	expect_lack(t, RELEASE, "7.0-rc1\n", "soft", "module");
	expect_lack(t, RELEASE, "6.11.9\n", "soft", "module, soft offline");
	expect_lack(t, RELEASE, "5.19.0\n", "soft", "module, soft offline");
	expect_lack(t, RELEASE, "garbage\n", "soft", "module, soft offline");
	tree_write(t, "machine/proc/sys/vm/enable_soft_offline", "1\n");
	expect_lack(t, RELEASE, "6.12.0\n", "soft", "module");
	tree_write(t, "machine/proc/sys/vm/enable_soft_offline", "0\n");
	expect_lack(t, RELEASE, "6.12.0\n", "soft", "module, soft offline");
	tree_write(t, "machine/proc/sys/vm/enable_soft_offline", "1\n");
	tree_write(t, filter, "1\n");
	expect_lack(t, RELEASE, "6.12.0\n", "soft", "module, soft offline");
}

static void test_real_time(void **state)
{
	const struct tree *t = *state;

	tree_write(t, "scenarios/hog.conf", "[antagonist fifo-hog]\n");
	expect_lack(t, "proc/cmdline", "quiet\n", "hog", "real time");
	expect_lack(t, "proc/cmdline", "quiet\n", "one", "");
	tree_write(t, "machine/proc/sys/kernel/sched_rt_runtime_us", "950000\n");
	expect_lack(t, "proc/cmdline", "quiet\n", "hog", "");
}

static void test_compaction(void **state)
{
	const struct tree *t = *state;

	tree_write(t, "scenarios/compacts.conf", "[antagonist compact]\n");
	expect_lack(t, "proc/cmdline", "hotsoak.guest=1\n", "compacts", "compaction");
	expect_lack(t, "proc/cmdline", "hotsoak.guest=1\n", "one", "");
	tree_write(t, "machine/proc/sys/vm/compact_memory", "");
	expect_lack(t, "proc/cmdline", "hotsoak.guest=1\n", "compacts", "compaction");
	tree_write(t, "machine/proc/sys/vm/compaction_proactiveness", "20\n");
	expect_lack(t, "proc/cmdline", "hotsoak.guest=1\n", "compacts", "");
}

static void test_balloon(void **state)
{
	const struct tree *t = *state;

	tree_write(t, "scenarios/balloon.conf", "[antagonist balloon]\n");
	expect_lack(t, "proc/cmdline", "quiet\n", "balloon", "balloon");
	expect_lack(t, "proc/cmdline", "quiet\n", "one", "");
	tree_write(t, "machine/sys/bus/virtio/drivers/virtio_balloon/virtio0/features", "0");
	tree_write(t, "machine/proc/vmstat", "balloon_inflate 0\n");
	expect_lack(t, "proc/cmdline", "quiet\n", "balloon", "");
}

static void test_hugetlb(void **state)
{
	static const char size[] = "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
	const struct tree *t = *state;

	tree_write(t, "scenarios/huge.conf", "[freer hugetlb]\n");
	expect_lack(t, "proc/cmdline", "quiet\n", "huge", "huge pages");
	tree_write(t, "machine/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages", "0\n");
	expect_lack(t, size, "0\n", "huge", "");
	expect_lack(t, size, "1\n", "huge", "huge pages");
	expect_lack(t, size, "1\n", "one", "");
}

static void test_poisoned_huge(void **state)
{
	static const char heal[] = "machine/sys/kernel/debug/hwpoison/unpoison-pfn";
	static const char filter[] = "machine/sys/kernel/debug/hwpoison/corrupt-filter-enable";
	static const char huge[] = "machine/sys/kernel/mm/transparent_hugepage/enabled";
	static const char lacks[] = "module, poisoned huge pages";
	const struct tree *t = *state;

	tree_write(t, "scenarios/poison.conf", "[antagonist poisoned-thp]\n");
	/* Of another release than the machine's there is no module, either. */
	tree_write(t, filter, "0\n");
	tree_write(t, heal, "");
	tree_write(t, huge, "always [madvise] never\n");
	tree_write(t, "machine/proc/meminfo", "HardwareCorrupted:     0 kB\n");
	expect_lack(t, RELEASE, "6.12.0\n", "poison", lacks);
	tree_write(t, "machine/" TREE_MEMORY "/soft_offline_page", "");
	expect_lack(t, RELEASE, "6.12.0\n", "poison", "module");
	expect_lack(t, RELEASE, "6.11.9\n", "poison", lacks);
	tree_write(t, huge, "always madvise [never]\n");
	expect_lack(t, RELEASE, "6.12.0\n", "poison", lacks);
	tree_write(t, huge, "[always] madvise never\n");
	tree_write(t, filter, "1\n");
	expect_lack(t, RELEASE, "6.12.0\n", "poison", lacks);
	tree_write(t, filter, "0\n");
	assert_int_equal(unlink(tree_path(t, heal)), 0);
	expect_lack(t, RELEASE, "6.12.0\n", "poison", lacks);
	tree_write(t, heal, "");
	expect_lack(t, RELEASE, "6.12.0\n", "poison", "module");
	assert_int_equal(hs_hwpoison_huge_ask(tree_path(t, "machine")), 0);
	tree_write(t, "machine/proc/meminfo", "MemTotal: 1 kB\nHardwareCorrupted:     4 kB\n");
	assert_int_equal(hs_hwpoison_huge_ask(tree_path(t, "machine")), -EUCLEAN);
}

/* Of small pages, huge ones or not. */
static void test_poisoned(void **state)
{
	static const char heal[] = "machine/sys/kernel/debug/hwpoison/unpoison-pfn";
	static const char lacks[] = "module, poisoned pages";
	const struct tree *t = *state;

	tree_write(t, "scenarios/hard.conf", "[antagonist hard-poison]\n");
	tree_write(t, "machine/sys/kernel/debug/hwpoison/corrupt-filter-enable", "0\n");
	tree_write(t, heal, "");
	tree_write(t, "machine/proc/meminfo", "HardwareCorrupted:     0 kB\n");
	expect_lack(t, RELEASE, "6.12.0\n", "hard", lacks);
	tree_write(t, "machine/" TREE_MEMORY "/soft_offline_page", "");
	expect_lack(t, RELEASE, "6.12.0\n", "hard", "module");
	tree_write(t, "machine/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
	expect_lack(t, RELEASE, "6.12.0\n", "hard", "module");
	assert_int_equal(unlink(tree_path(t, heal)), 0);
	expect_lack(t, RELEASE, "6.12.0\n", "hard", lacks);
	tree_write(t, heal, "");
	assert_int_equal(hs_hwpoison_hard_ask(tree_path(t, "machine")), 0);
	tree_write(t, "machine/proc/meminfo", "HardwareCorrupted:     4 kB\n");
	assert_int_equal(hs_hwpoison_hard_ask(tree_path(t, "machine")), -EUCLEAN);
}

/* The words for an item of a machine of which one file was written. */
static void expect_words(const struct tree *t, const char *file, const char *text,
			 const char *item, enum hs_item_status want, const char *words_want)
{
	struct hs_scenario s = { .name = "one", .needs_module = true };
	const struct hs_machine_item *i = hs_machine_items;
	char name[512], words[512];
	struct hs_machine m;

	make_machine(t, "machine");
	snprintf(name, sizeof(name), "machine/%s", file);
	tree_write(t, name, text);
	assert_int_equal(hs_machine_init(&m, tree_path(t, "machine")), 0);
	while (strcmp(i->name, item))
		i++;
	assert_int_equal(i->look(&m, &s, words, sizeof(words)), want);
	assert_string_equal(words, words_want);
	hs_machine_deinit(&m);
}

static void test_kernel_forbids(void **state)
{
	const struct tree *t = *state;
	static const char no_module[] = "not loaded, and the kernel is locked down (integrity): it takes no unsigned module; " HS_LOCKDOWN_CURE;

	expect_words(t, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n",
		     "module", HS_ITEM_OK, "not loaded, modprobe hotsoak will find it");
	expect_words(t, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n",
		     "module", HS_ITEM_NO, no_module);
	expect_words(t, "sys/kernel/debug/kprobes/enabled", "1\n", "hooks", HS_ITEM_OK,
		     "nothing speaks against them");
	expect_words(t, "proc/sys/kernel/ftrace_enabled", "0\n", "hooks", HS_ITEM_NO,
		     "ftrace is switched off: sysctl kernel.ftrace_enabled=1");
	expect_words(t, "sys/kernel/debug/kprobes/enabled", "0\n", "hooks", HS_ITEM_NO,
		     "kprobes are switched off: echo 1 >/sys/kernel/debug/kprobes/enabled");
	expect_words(t, TREE_MEMORY "/memory0/removable", "1\n", "memory hotplug", HS_ITEM_OK,
		     "32 blocks of 128M");
	expect_words(t, TREE_MEMORY "/memory0/removable", "0\n", "memory hotplug", HS_ITEM_NO,
		     "this kernel takes no memory offline: it is built without MEMORY_HOTREMOVE");
}

/* Hooks that the last arming did without. */
static void test_hooks(void **state)
{
	struct hs_scenario s = { .name = "one", .needs_module = true, .invariants = UINT64_MAX };
	struct hs_machine m = { .seen = { .nr_hooks = 2, .hooks = {
		{ .name = "offline_pages" }, { .name = "final_test", .error = -ENOENT } } } };
	const struct hs_machine_item *i = hs_machine_items;
	char words[512];

	while (strcmp(i->name, "hooks"))
		i++;
	assert_int_equal(i->look(&m, &s, words, sizeof(words)), HS_ITEM_NO);
	assert_string_equal(words, "missing: final_test (this kernel has none of that name)");
	s.invariants = 0;
	assert_int_equal(i->look(&m, &s, words, sizeof(words)), HS_ITEM_WARN);
	m.seen.hooks[1].error = 0;
	assert_int_equal(i->look(&m, &s, words, sizeof(words)), HS_ITEM_OK);
}

/* What the module told of the kernel, and what is made of it. */
static void expect_claims(uint64_t promised, uint64_t usable, enum hs_item_status want,
			  const char *want_words)
{
	struct hs_scenario s = { .name = "one", .needs_module = true, .invariants = UINT64_MAX };
	struct hs_machine m = { .abi = HOTSOAK_ABI, .promised = promised, .usable = usable };
	const struct hs_machine_item *i = hs_machine_items;
	char words[512];

	while (strcmp(i->name, "invariants"))
		i++;
	assert_int_equal(i->look(&m, &s, words, sizeof(words)), want);
	assert_string_equal(words, want_words);
	/* Nothing is known of one that was not asked. */
	m.abi = 0;
	assert_int_equal(i->look(&m, &s, words, sizeof(words)), HS_ITEM_OK);
}

static void test_claims(void **state)
{
	uint64_t all = hs_invariant_module_mask(UINT64_MAX);
	uint64_t disabling = 1 << HOTSOAK_INV_PCP_LIMITS | 1 << HOTSOAK_INV_PAIRING;

	expect_claims(all, all, HS_ITEM_OK, "all that one requires can be claimed");
	expect_claims(all & ~disabling, all & ~disabling, HS_ITEM_WARN,
		      "this kernel does not disable pcplists: pcp-limits, pairing cannot be claimed, the others can");
	expect_claims(all, all & ~disabling, HS_ITEM_NO,
		      "pcp-limits, pairing cannot be armed: a hook that they need was refused");
}

static void test_no_movable_blocks(void **state)
{
	const struct tree *t = *state;
	struct tree sub;
	char names[256], root[512];

	snprintf(root, sizeof(root), "%s", make_machine(t, "machine"));
	tree_below(&sub, t, "machine");
	for (unsigned long i = 35; i < 48; i++)
		tree_block(&sub, i, "online", "Normal", 0);
	lacks(root, "one", names, sizeof(names));
	assert_string_equal(names, "movable blocks");		/* 3 of 4 */
}

static void test_empty_machine(void **state)
{
	const struct tree *t = *state;
	struct hs_machine m;
	char names[256];

	tree_mkdir(t, "empty");
	assert_int_equal(lacks(tree_path(t, "empty"), "one", names, sizeof(names)), 4);
	assert_string_equal(names, "memory hotplug, movable blocks, module, cpus");
	assert_int_equal(hs_machine_init(&m, "/nonexistent/tree"), -ENOENT);
}

static void test_short_buffer(void **state)
{
	const struct tree *t = *state;
	char names[8];

	tree_mkdir(t, "empty");
	assert_int_equal(lacks(tree_path(t, "empty"), "one", names, sizeof(names)), 4);
	assert_string_equal(names, "memory ");
}

/* ---- hotsoak check ------------------------------------------------------------- */

static void test_check(void **state)
{
	struct capture c;
	char root[512];

	snprintf(root, sizeof(root), "%s", make_machine(*state, "machine"));
	capture(&c, hs_cmd_check.main, "check", "--sysroot", root, "--scenario", "one", NULL);
	assert_int_equal(c.status, HS_EXIT_PASS);
	assert_string_equal(c.err, "");
	for (const struct hs_machine_item *i = hs_machine_items; i->name; i++) {
		char item[64];

		snprintf(item, sizeof(item), "  %s: ", i->name);
		assert_non_null(strstr(c.out, item));
	}
	for (char *line = c.out; *line; line = strchr(line, '\n') + 1)
		assert_true(!strncmp(line, "ok    ", 6) || !strncmp(line, "warn  ", 6));
}

/* A line of hotsoak check on t/machine after @file was made to say @text. */
static void expect_line(const struct tree *t, const char *file, const char *text,
			const char *want)
{
	struct capture c;
	char root[512], name[512];

	snprintf(root, sizeof(root), "%s", make_machine(t, "machine"));
	snprintf(name, sizeof(name), "machine/%s", file);
	if (text)
		tree_write(t, name, text);
	capture(&c, hs_cmd_check.main, "check", "--sysroot", root, "--scenario", "one", NULL);
	assert_int_equal(c.status, HS_EXIT_PASS);
	if (!strstr(c.out, want))
		fail_msg("%s: no line \"%s\" in:\n%s", file, want, c.out);
}

static void test_check_warnings(void **state)
{
	const char *policy = TREE_MEMORY "/auto_online_blocks";
	const char *rules = "etc/udev/rules.d/50-mem.rules";

	expect_line(*state, policy, "online_movable\n", "ok    auto_online_blocks: online_movable\n");
	expect_line(*state, policy, "offline\n", "ok    auto_online_blocks: offline\n");
	expect_line(*state, policy, "online\n", "warn  auto_online_blocks: online: hot-added");
	expect_line(*state, policy, "online_kernel\n", "warn  auto_online_blocks: online_kernel: ");
	expect_line(*state, "nothing", NULL, "ok    others: nobody else is known");
	expect_line(*state, rules, "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n",
		    "warn  others: udev rule 50-mem.rules may change blocks during a run\n");
	expect_line(*state, "nothing", NULL, "warn  memory pressure: /proc/pressure/memory: No such file");
	expect_line(*state, "proc/pressure/memory", "garbage\n", "warn  memory pressure: ");
	expect_line(*state, "proc/pressure/memory",
		    "some avg10=1.00 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00\n",
		    "ok    memory pressure: some avg10=1.00 avg60=0.00 avg300=0.00 total=7\n");
}

static void test_check_missing(void **state)
{
	const struct tree *t = *state;
	struct json_object *o;
	struct capture c;

	tree_mkdir(t, "empty");
	capture(&c, hs_cmd_check.main, "check", "-s", tree_path(t, "empty"), "--json",
		"--scenario", "one", NULL);
	assert_int_equal(c.status, HS_EXIT_SKIP);
	assert_string_equal(c.err, "hotsoak check: one cannot run here, missing: memory hotplug, movable blocks, module, cpus\n");
	o = json_tokener_parse(c.out);
	assert_non_null(o);
	assert_false(json_object_get_boolean(json_object_object_get(o, "ready")));
	json_object_put(o);
}

static void test_check_bad_input(void **state)
{
	struct capture c;

	capture(&c, hs_cmd_check.main, "check", "--scenario", "nope", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "there is no scenario \"nope\"");
	capture(&c, hs_cmd_check.main, "check", "--scenario", "bad", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "bad.conf:2: cpus = \"many\", expected a number");
	capture(&c, hs_cmd_check.main, "check", "one", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "unexpected argument \"one\"");
	capture(&c, hs_cmd_check.main, "check", "--sysroot", "/nonexistent", "--scenario", "one", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "/nonexistent/sys/devices/system/memory cannot be read");
}

static void test_scenarios(void **state)
{
	struct json_object *o, *list;
	struct capture c;

	/* What a need is a part of does not stand for it, and none is told twice. */
	tree_write(*state, "scenarios/pages.conf",
		   "[antagonist thp-toggle]\n[antagonist hugepage-pool]\n"
		   "[freer hugetlb]\npages = 8\n");
	capture(&c, hs_cmd_scenarios.main, "scenarios", "-J", NULL);
	assert_non_null(strstr(c.out, ", transparent huge pages, huge pages\""));
	assert_int_equal(c.status, HS_EXIT_BROKEN);	/* for bad.conf, but … */
	assert_non_null(strstr(c.err, "bad.conf:2: cpus = \"many\""));
	o = json_tokener_parse(c.out);			/* … the others are there */
	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, "scenarios", &list));
	assert_true(json_object_array_length(list) >= 2);
	assert_non_null(strstr(c.out, "\"wild\""));
	json_object_put(o);
	capture(&c, hs_cmd_scenarios.main, "scenarios", "what", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "unexpected argument \"what\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(complete), TEST(each_lack), TEST(lockdep), TEST(soft_offline),
		TEST(poisoned_huge), TEST(poisoned), TEST(real_time),
		TEST(compaction), TEST(balloon), TEST(hugetlb), TEST(virtio_mem),
		TEST(claims),
		TEST(kernel_forbids),
		TEST(hooks), TEST(no_movable_blocks), TEST(empty_machine),
		TEST(short_buffer), TEST(check), TEST(check_warnings),
		TEST(check_missing), TEST(check_bad_input),
		TEST(scenarios),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
