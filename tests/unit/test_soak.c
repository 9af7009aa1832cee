// SPDX-License-Identifier: GPL-2.0-only
/* A whole soak on a made tree: real loop, real operator, no kernel behind it. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "soak.h"

#define NR	3
#define FIRST	32
#define MEMORY	"/sys/devices/system/memory"

static char root[64];
static struct hs_memblk block[NR];
static const struct hs_memblk *chosen[NR];
static struct hs_target target;
static struct hs_run_info info;
static sd_event *event;
static struct hs_soak *soak;

static void put(const char *path, const char *text)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s%s", root, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void get(const char *path, char *text, size_t text_bytes)
{
	char full[256];
	ssize_t n;
	int fd;

	snprintf(full, sizeof(full), "%s%s", root, path);
	fd = open(full, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, text_bytes - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
}

static void tree_dir(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(mkdir(full, 0700), 0);
}

static void on_ended(void *ctx)
{
	sd_event_exit(event, 0);
}

static int setup(void **state)
{
	sigset_t child;

	if (!getenv("HOTSOAK_EXE"))
		setenv("HOTSOAK_EXE", "build/tool/hotsoak", 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	snprintf(root, sizeof(root), "/tmp/hotsoak-soak-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	tree_dir("/sys");
	tree_dir("/sys/devices");
	tree_dir("/sys/devices/system");
	tree_dir(MEMORY);
	for (int i = 0; i < NR; i++) {
		char path[128];

		snprintf(path, sizeof(path), MEMORY "/memory%d", FIRST + i);
		tree_dir(path);
		snprintf(path, sizeof(path), MEMORY "/memory%d/state", FIRST + i);
		put(path, "online\n");
		snprintf(path, sizeof(path), MEMORY "/memory%d/valid_zones", FIRST + i);
		put(path, "Movable\n");
		block[i] = (struct hs_memblk){
			.index = (unsigned long)(FIRST + i), .state = HS_MEMBLK_ONLINE,
			.phys_index = (unsigned long)(FIRST + i), .zones = "Movable",
		};
		chosen[i] = &block[i];
	}
	target = (struct hs_target){ .blk = chosen, .nr = NR };
	memset(&info, 0, sizeof(info));
	hs_scenario_init(&info.scenario);
	info.scenario.needs_module = false;
	info.scenario.burst = info.scenario.pages[HS_PAGES_ANON].on = false;
	info.scenario.duration_ns = 0;
	info.cpus = 1;
	info.seed = 1;
	info.scenario.needs_cpus = 1;
	info.scenario.needs_blocks = 1;
	return sd_event_new(&event) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	static const char *const above[] = {
		MEMORY, "/sys/devices/system", "/sys/devices", "/sys",
	};
	char path[256];

	hs_soak_free(soak);
	soak = NULL;
	event = sd_event_unref(event);
	for (int i = 0; i < NR; i++) {
		snprintf(path, sizeof(path), "%s" MEMORY "/memory%d/state", root, FIRST + i);
		remove(path);
		snprintf(path, sizeof(path), "%s" MEMORY "/memory%d/valid_zones", root, FIRST + i);
		remove(path);
		snprintf(path, sizeof(path), "%s" MEMORY "/memory%d", root, FIRST + i);
		remove(path);
	}
	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, above[i]);
		remove(path);
	}
	return remove(root);
}

static void (*progress)(const struct hs_progress *p, void *ctx);

static const struct hs_tally *run(int expected)
{
	const struct hs_soak_config c = {
		.info = &info, .sysroot = root, .block_bytes = 128 << 20, .target = &target,
		.no_witness = true, .no_freers = true,
		.callbacks = { .progress = progress, .ended = on_ended },
	};

	assert_int_equal(hs_soak_new(&soak, event, &c), 0);
	assert_int_equal(hs_soak_start(soak), expected);
	if (!expected)
		assert_int_equal(sd_event_loop(event), 0);
	return hs_soak_tally(soak);
}

static void check_all_online(void)
{
	for (int i = 0; i < NR; i++) {
		char path[128], text[32];

		snprintf(path, sizeof(path), MEMORY "/memory%d/state", FIRST + i);
		get(path, text, sizeof(text));
		assert_memory_equal(text, "online", 6);
	}
}

static void counts_its_cycles(void **state)
{
	const struct hs_tally *t;

	info.scenario.cycles = 7;
	t = run(0);
	assert_int_equal(t->cycles, 7);
	assert_int_equal(t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK], 7);
	assert_int_equal(t->ops[HS_OP_ONLINE][HS_OUTCOME_OK], 7);
	assert_int_equal(t->transitions, 14);
	assert_true(t->restored);
	assert_true(t->ended);
	assert_string_equal(t->broken, "");
	check_all_online();
}

/* After a second there is a median, and the operator goes on by itself. */
static void counts_what_the_operator_did_alone(void **state)
{
	const struct hs_tally *t;

	info.scenario.duration_ns = 1500000000;
	t = run(0);
	assert_true(t->cycles > 100);
	assert_int_equal(t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK], t->cycles);
	assert_int_equal(t->ops[HS_OP_ONLINE][HS_OUTCOME_OK], t->cycles);
	assert_true(t->restored);
	check_all_online();
}

/* Each offline is asked for by itself, and no signal is in time for a file. */
static void signals_that_come_too_late_change_nothing(void **state)
{
	const struct hs_tally *t;

	info.scenario.cycles = 40;
	info.scenario.antagonists = 1u << HS_ANTAGONIST_SIGNALS;
	t = run(0);
	assert_int_equal(t->cycles, 40);
	assert_in_range(t->signals.sent, 30, 40);
	assert_int_equal(hs_tally_signals(t->signals.gave_up),
			 hs_tally_signals(t->signals.interrupted));
	assert_int_equal(t->ops[HS_OP_OFFLINE][HS_OUTCOME_INTERRUPTED],
			 hs_tally_signals(t->signals.interrupted));
	assert_int_equal(t->ops[HS_OP_OFFLINE][HS_OUTCOME_UNEXPECTED], 0);
	assert_true(t->restored);
	check_all_online();
}

/* A sweep that ends in its first half leaves blocks offline, to be put back. */
static void puts_back_what_is_away(void **state)
{
	const struct hs_tally *t;

	info.scenario.policy = HS_POLICY_SWEEP;
	info.scenario.duration_ns = 1;
	t = run(0);
	assert_true(t->restored);
	check_all_online();
	assert_true(t->ops[HS_OP_OFFLINE][HS_OUTCOME_OK] == t->ops[HS_OP_ONLINE][HS_OUTCOME_OK]);
}

static void another_zone_is_not_restored(void **state)
{
	put(MEMORY "/memory33/valid_zones", "Normal Movable\n");
	/* Each block once: we brought it back, and cannot say that it was not us. */
	info.scenario.cycles = NR;
	assert_false(run(0)->restored);
}

static void missing_blocks_are_dropped(void **state)
{
	block[0].index = 90;
	block[1].index = 91;
	block[2].index = 92;
	/* None is there: nothing can be taken, and nothing to wait for. */
	assert_string_equal(run(0)->skip, "the kernel refuses to take any of the blocks");
}

static void touches_nothing(const char *skip)
{
	const struct hs_tally *t = run(-ENODEV);

	assert_string_equal(t->skip, skip);
	assert_true(t->restored);
	assert_int_equal(t->transitions, 0);
}

static void too_few_blocks_touch_nothing(void **state)
{
	info.scenario.needs_blocks = NR + 1;
	touches_nothing("3 memory blocks may be taken, the scenario needs 4");
}

static void no_lockdep_touches_nothing(void **state)
{
	info.scenario.needs_lockdep = true;
	touches_nothing("the scenario needs lockdep: the kernel was built without it (CONFIG_PROVE_LOCKING)");
}

static void no_virtio_mem_touches_nothing(void **state)
{
	info.scenario.needs_virtio_mem = true;
	touches_nothing("the scenario needs virtio-mem: there is no device, or its driver is not loaded: modprobe virtio_mem");
}

static void no_soft_offline_touches_nothing(void **state)
{
	info.scenario.antagonists = 1u << HS_ANTAGONIST_SOFT_OFFLINE;
	touches_nothing("the antagonist soft-offline: the kernel was built without MEMORY_FAILURE");
}

/* They are of the kernel, which a tree has not: none acts on the machine at hand. */
static void no_bystanders_of_a_tree(void **state)
{
	const struct hs_tally *t;

	info.scenario.cycles = 2;
	info.scenario.bystanders = true;
	t = run(0);
	assert_int_equal(t->cycles, 2);
	for (int i = 0; i < HS_NR_PROBES; i++)
		assert_int_equal(t->probe[i].calls, 0);
}

static void no_real_time_touches_nothing(void **state)
{
	info.scenario.antagonists = 1u << HS_ANTAGONIST_FIFO_HOG;
	touches_nothing("the antagonist fifo-hog: there is no limit of real-time tasks to lift (kernel.sched_rt_runtime_us)");
}

static void no_compaction_touches_nothing(void **state)
{
	info.scenario.antagonists = 1u << HS_ANTAGONIST_COMPACT;
	touches_nothing("the antagonist compact: this kernel does not compact memory (CONFIG_COMPACTION, v5.9)");
}

static void no_whole_node_touches_nothing(void **state)
{
	info.scenario.needs_whole_nodes = 1;
	touches_nothing("of 0 nodes all memory may be taken, the scenario needs 1");
}

static void no_kernel_memory_touches_nothing(void **state)
{
	info.scenario.needs_kernel_bytes = UINT64_C(1) << 50;
	touches_nothing("ZONE_NORMAL has 0 MiB free, the scenario needs 1073741824");
}

static void no_hotplug_touches_nothing(void **state)
{
	info.scenario.antagonists = 1u << HS_ANTAGONIST_SIGNALS | 1u << HS_ANTAGONIST_CPU_HOTPLUG;
	touches_nothing("the antagonist cpu-hotplug: this kernel has nothing of the kind, or not for us to set");
}

static void no_poison_touches_nothing(void **state)
{
	info.scenario.antagonists = 1u << HS_ANTAGONIST_POISONED_THP;
	touches_nothing("the antagonist poisoned-thp: the kernel was built without MEMORY_FAILURE");
}

static void no_hard_poison_touches_nothing(void **state)
{
	info.scenario.antagonists = 1u << HS_ANTAGONIST_HARD_POISON;
	touches_nothing("the antagonist hard-poison: the kernel was built without MEMORY_FAILURE");
}

static int stop_now(sd_event_source *source, uint64_t usec, void *userdata)
{
	hs_soak_stop(soak, false);
	return 0;
}

static void stops_when_told(void **state)
{
	const struct hs_tally *t;

	assert_true(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, 200000, 0, stop_now,
					       NULL) >= 0);
	t = run(0);
	assert_true(t->ended);
	assert_true(t->restored);
	assert_true(t->cycles > 0);
	assert_in_range(t->duration_ns, 150000000, 2000000000);
}

static cpu_set_t at_start;	/* before any run */
static unsigned int seconds_on_one_cpu;

static void on_progress(const struct hs_progress *p, void *ctx)
{
	cpu_set_t cpus;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	seconds_on_one_cpu += CPU_COUNT(&cpus) == 1;
}

/* Without freers, and only as long as it lasts. */
static void keeps_to_one_cpu(void **state)
{
	cpu_set_t after;

	if (CPU_COUNT(&at_start) < 2)
		skip();
	info.scenario.duration_ns = 1500000000;
	progress = on_progress;
	run(0);
	progress = NULL;
	assert_true(seconds_on_one_cpu >= 1);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&at_start, &after));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_its_cycles, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_what_the_operator_did_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(signals_that_come_too_late_change_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(puts_back_what_is_away, setup, teardown),
		cmocka_unit_test_setup_teardown(another_zone_is_not_restored, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_blocks_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(too_few_blocks_touch_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_lockdep_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_virtio_mem_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_soft_offline_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_bystanders_of_a_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(no_real_time_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_compaction_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_poison_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_whole_node_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_kernel_memory_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_hotplug_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(no_hard_poison_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(stops_when_told, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_to_one_cpu, setup, teardown),
	};

	sched_getaffinity(0, sizeof(at_start), &at_start);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
