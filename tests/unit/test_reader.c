// SPDX-License-Identifier: GPL-2.0-only
/* The reader: what a file may say, and what a child of ours makes of a made tree. */
#include "tree.h"

#include <time.h>

#include "reader.h"

#define SOON 500	/* tries of 10 ms */

static void what_may_be_said(void **state)
{
	static const struct { enum hs_reader_file file; const char *text; bool sound; } said[] = {
		{ HS_READER_STATE, "online", true }, { HS_READER_STATE, "offline", true },
		{ HS_READER_STATE, "going-offline", true }, { HS_READER_STATE, "", false },
		{ HS_READER_STATE, "ERROR-UNKNOWN-3", false }, { HS_READER_STATE, "onlin", false },
		{ HS_READER_STATE, "online\nonline", false },
		{ HS_READER_ZONES, "none", true }, { HS_READER_ZONES, "Movable", true },
		{ HS_READER_ZONES, "Normal Movable", true }, { HS_READER_ZONES, "DMA32", true },
		{ HS_READER_ZONES, "", false }, { HS_READER_ZONES, "Movable ", false },
		{ HS_READER_ZONES, "DMA3", false }, { HS_READER_ZONES, "none Movable", false },
		{ HS_READER_ZONES, "Normal  Movable", false }, { HS_READER_ZONES, "\x7f" "ELF", false },
		{ HS_READER_REMOVABLE, "0", true }, { HS_READER_REMOVABLE, "1", true },
		{ HS_READER_REMOVABLE, "2", false }, { HS_READER_REMOVABLE, "", false },
		{ HS_READER_PHYS_INDEX, "00000020", true }, { HS_READER_PHYS_INDEX, "20", false },
		{ HS_READER_PHYS_INDEX, "0000002g", false }, { HS_READER_PHYS_INDEX, "", false },
		{ HS_READER_NR_FILES, "1", false },
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (hs_reader_is_sound(said[i].file, said[i].text) != said[i].sound)
			fail_msg("\"%s\" as %d", said[i].text, said[i].file);
}

static struct tree t;
static struct hs_reader r;

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static void grows(_Atomic uint64_t *n)
{
	uint64_t before = atomic_load(n);

	for (int i = 0; i < SOON && atomic_load(n) < before + 10; i++)
		pause_briefly();
	assert_true(atomic_load(n) >= before + 10);
}

static int setup(void **state)
{
	tree_init(&t);
	tree_guest(&t);
	for (unsigned int i = 0; i < 48; i++) {
		char name[64];

		snprintf(name, sizeof(name), TREE_MEMORY "/memory%u/removable", i);
		if (i < 16 || i >= 32)
			tree_write(&t, name, "1\n");
	}
	return hs_reader_start(&r, t.dir);
}

static int teardown(void **state)
{
	hs_reader_stop(&r);
	tree_deinit(&t);
	return 0;
}

static void reads_all(void **state)
{
	char aside[512];

	grows(&r.shared->reads);
	assert_int_equal(atomic_load(&r.shared->unsound), 0);
	assert_int_equal(atomic_load(&r.shared->going), 0);
	assert_int_equal(atomic_load(&r.shared->nr_samples), 0);
	/* One of which a file says what none does, and one that is gone. Not written in place: the
	 * reader may come by when nothing is in it yet. */
	assert_int_equal(remove(tree_path(&t, TREE_MEMORY "/memory32/state")), 0);
	tree_write(&t, "movabel", "Movabel\n");
	snprintf(aside, sizeof(aside), "%s", tree_path(&t, "movabel"));
	assert_int_equal(rename(aside, tree_path(&t, TREE_MEMORY "/memory47/valid_zones")), 0);
	grows(&r.shared->unsound);
	assert_string_equal(r.shared->text, "memory47/valid_zones says \"Movabel\"");
}

/* A directory can be opened, and not be read. */
static void reads_that_fail(void **state)
{
	grows(&r.shared->reads);
	assert_int_equal(remove(tree_path(&t, TREE_MEMORY "/memory33/state")), 0);
	tree_mkdir(&t, TREE_MEMORY "/memory33/state");
	grows(&r.shared->unsound);
	assert_string_equal(r.shared->text, "memory33/state: Is a directory");
}

/* A file is renamed over, for a reader not to find it empty. */
static void becomes(const char *text)
{
	char from[512];

	tree_write(&t, "state", text);
	snprintf(from, sizeof(from), "%s", tree_path(&t, "state"));
	assert_int_equal(rename(from, tree_path(&t, TREE_MEMORY "/memory40/state")), 0);
}

static void judges_its_aim(void **state)
{
	uint64_t start_ns = now_ns(), going_ns, end_ns;

	hs_reader_aim(&r, 40);
	grows(&r.shared->nr_samples);
	becomes("going-offline\n");
	/* One that began before is no more on its way. */
	grows(&r.shared->going);
	going_ns = now_ns();
	grows(&r.shared->going);
	end_ns = now_ns();
	assert_int_equal(hs_reader_wrong(&r, 40, going_ns, end_ns), 0);
	assert_true(hs_reader_wrong(&r, 40, start_ns, end_ns) >= 10);
	assert_int_equal(hs_reader_wrong(&r, 41, start_ns, end_ns), 0);
	becomes("online\n");
	grows(&r.shared->nr_samples);
	assert_true(hs_reader_wrong(&r, 40, end_ns, now_ns()) >= 1);
	assert_int_equal(hs_reader_wrong(&r, 40, going_ns, end_ns), 0);
	assert_int_equal(atomic_load(&r.shared->unsound), 0);
}

/* By hand: either end that is overlapped is innocent, and what was written over is not known. */
static void judges_whole_reads(void **state)
{
	static struct hs_reader_shared sh;
	struct hs_reader made = { .shared = &sh };

	sh.sample[0] = (struct hs_reader_sample){ 100, 200, 40 };
	atomic_store(&sh.nr_samples, 1);
	assert_int_equal(hs_reader_wrong(&made, 40, 100, 200), 1);
	assert_int_equal(hs_reader_wrong(&made, 40, 101, 300), 0);
	assert_int_equal(hs_reader_wrong(&made, 40, 0, 199), 0);
	atomic_store(&sh.nr_samples, HS_READER_SAMPLES - 1);
	assert_int_equal(hs_reader_wrong(&made, 40, 100, 200), 1);
	atomic_store(&sh.nr_samples, HS_READER_SAMPLES);
	assert_int_equal(hs_reader_wrong(&made, 40, 100, 200), 0);
}

static void stops(void **state)
{
	struct hs_reader none = { 0 };

	assert_true(r.pid > 0);
	hs_reader_stop(&r);
	assert_int_equal(r.pid, 0);
	assert_null(r.shared);
	hs_reader_stop(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_said),
		cmocka_unit_test_setup_teardown(reads_all, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_that_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(judges_its_aim, setup, teardown),
		cmocka_unit_test(judges_whole_reads),
		cmocka_unit_test_setup_teardown(stops, setup, teardown),
	};

	if (!getenv("HOTSOAK_EXE"))
		setenv("HOTSOAK_EXE", "build/tool/hotsoak", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
