// SPDX-License-Identifier: GPL-2.0-only
/* Someone else's hand in a soak, on a made tree with uevents driven by hand. */
#include "tree.h"

#include <errno.h>
#include <signal.h>

#include <json-c/json.h>

#include "soak.h"

#define NR	2
#define FIRST	32
#define MEMORY_GOES 1	/* no block: the run has to wait from now on */
#define MS	UINT64_C(1000)

static struct tree t;
static struct hs_memblk_list blocks;
static const struct hs_memblk *chosen[NR];
static struct hs_target target;
static struct hs_run_info info;
static sd_event *event;
static struct hs_soak *soak;
static char notes[8192];

/* What the hand does, and when; the last one ends the run. */
struct deed {
	uint64_t after_ms;
	unsigned long block;
	const char *state, *zones;
	unsigned int uevents;		/* that the kernel would send */
	bool lose;			/* those, and with them all others before */
};
static const struct deed *deeds;
static size_t nr_deeds, deed;
static bool has_source, tells_ours, lost;
static unsigned long pending[64];
static size_t nr_pending;
static uint64_t told;			/* of our own transitions */

static void on_note(const char *what, const char *text, void *ctx)
{
	size_t len = strlen(notes);

	snprintf(notes + len, sizeof(notes) - len, "%s: %s\n", what, text);
}

static void on_ended(void *ctx)
{
	sd_event_exit(event, 0);
}

/* The kernel's side. Runs that wait for memory have no transitions of their own. */
static int changes(void (*seen)(unsigned long block, bool online, void *ctx), void *seen_ctx,
		   void *ctx)
{
	int r = lost ? -ENOBUFS : 0;

	for (; tells_ours && told < hs_soak_tally(soak)->transitions; told++)
		seen(FIRST, false, seen_ctx);
	for (size_t i = 0; i < nr_pending; i++)
		seen(pending[i], true, seen_ctx);
	nr_pending = 0;
	lost = false;
	return r;
}

static void meminfo(unsigned int available_mib)
{
	char text[128];

	snprintf(text, sizeof(text), "MemTotal: 4096000 kB\nMemAvailable: %u kB\n",
		 available_mib << 10);
	tree_write(&t, "proc/meminfo", text);
}

static int act(sd_event_source *source, uint64_t usec, void *userdata)
{
	const struct deed *d = &deeds[deed++];

	if (!d->block) {
		hs_soak_stop(soak, false);
		return 0;
	}
	if (d->block == MEMORY_GOES)
		meminfo(100);
	else
		tree_block(&t, d->block, d->state, d->zones, -1);
	for (unsigned int i = 0; i < d->uevents && !d->lose; i++)
		pending[nr_pending++] = d->block;
	lost |= d->lose;
	if (deed == nr_deeds)
		return 0;
	sd_event_source_set_time_relative(source, deeds[deed].after_ms * MS);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int setup(void **state)
{
	sigset_t child;

	if (!getenv("HOTSOAK_EXE"))
		setenv("HOTSOAK_EXE", "build/tool/hotsoak", 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	tree_init(&t);
	tree_write(&t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	for (unsigned long i = 0; i < NR + 1; i++)
		tree_block(&t, FIRST + i, "online", "Movable", -1);
	assert_int_equal(hs_memblk_list_init(&blocks, t.dir), 0);
	for (int i = 0; i < NR; i++)
		chosen[i] = &blocks.blk[i];
	target = (struct hs_target){ .blk = chosen, .nr = NR };
	memset(&info, 0, sizeof(info));
	hs_scenario_init(&info.scenario);
	info.scenario.needs_module = false;
	info.scenario.duration_ns = 0;
	info.cpus = info.seed = 1;
	notes[0] = '\0';
	nr_pending = told = 0;
	lost = false;
	has_source = tells_ours = true;
	/* Short of memory: the run waits, and every change is someone else's. */
	meminfo(100);
	return sd_event_new(&event) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	hs_soak_free(soak);
	soak = NULL;
	event = sd_event_unref(event);
	hs_memblk_list_deinit(&blocks);
	tree_deinit(&t);
	return 0;
}

static const struct hs_tally *run(const struct deed *what, size_t nr)
{
	const struct hs_soak_config c = {
		.info = &info, .sysroot = t.dir, .block_bytes = 128 << 20, .target = &target,
		.no_witness = true, .no_freers = true, .changes = has_source ? changes : NULL,
		.callbacks = { .ended = on_ended, .note = on_note },
	};

	deeds = what;
	nr_deeds = nr;
	deed = 0;
	assert_int_equal(hs_soak_new(&soak, event, &c), 0);
	assert_int_equal(hs_soak_start(soak), 0);
	assert_true(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC,
					       deeds[0].after_ms * MS, 0, act, NULL) >= 0);
	assert_int_equal(sd_event_loop(event), 0);
	return hs_soak_tally(soak);
}

#define ACT(ms, block, state, zones, uevents)	{ ms, block, state, zones, uevents, false }
#define LOSE(ms, block, state, zones)		{ ms, block, state, zones, 1, true }
#define STOP(ms)				{ ms, 0, NULL, NULL, 0, false }

#define RUN(...) run((const struct deed[]){ __VA_ARGS__ }, \
		     sizeof((const struct deed[]){ __VA_ARGS__ }) / sizeof(struct deed))

static void noted(const char *words)
{
	if (!strstr(notes, words))
		fail_msg("\"%s\" is not in:\n%s", words, notes);
}

static void check_state(unsigned long block, const char *expected)
{
	char name[128], *text;

	snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/state", block);
	text = tree_read(&t, name);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
	free(text);
}

static void put_offline(void **state)
{
	const struct hs_tally *seen = RUN(ACT(50, 33, "offline", "Movable", 1), STOP(250));

	assert_int_equal(seen->interference, 1);
	noted("headroom: memory");
	noted("interference: memory33 was put offline by someone else; left so\n");
	noted("left: memory33 is offline");
	/* Theirs to bring back, and no failure of ours. */
	check_state(33, "offline");
	assert_true(seen->restored);
}

static void moved_to_another_zone(void **state)
{
	const struct hs_tally *seen = RUN(ACT(50, 33, "online", "Normal Movable", 2), STOP(250));

	assert_int_equal(seen->interference, 1);
	noted("interference: memory33 was moved to zone Normal by someone else; left so\n");
	assert_true(seen->restored);
}

static void away_and_back(void **state)
{
	const struct hs_tally *seen = RUN(ACT(50, 33, "online", "Movable", 2), STOP(250));

	assert_int_equal(seen->interference, 1);
	noted("interference: memory33 was changed 2 times by someone else and is as we left it\n");
	assert_true(seen->restored);
	assert_null(strstr(notes, "left:"));
}

static void theirs_until_it_is_as_found(void **state)
{
	const struct hs_tally *seen = RUN(ACT(50, 33, "offline", "Movable", 1),
					  ACT(200, 33, "online", "Movable", 1), STOP(200));

	assert_int_equal(seen->interference, 2);
	noted("memory33 was put offline by someone else; left so\n");
	noted("memory33 was put online in zone Movable by someone else, as it was found\n");
	assert_null(strstr(notes, "left: "));
	assert_true(seen->restored);
}

static void another_block(void **state)
{
	const struct hs_tally *seen = RUN(ACT(50, FIRST + NR, "offline", "Movable", 1), STOP(250));

	assert_int_equal(seen->interference, 1);
	noted("interference: memory34, no block of this run, was put offline\n");
	assert_true(seen->restored);
}

/* Lost uevents: read anew, said once, and counted on from there. */
static void lost_uevents(void **state)
{
	const struct hs_tally *seen = RUN(LOSE(50, 33, "offline", "Movable"),
					  LOSE(150, 34, "offline", "Movable"),
					  ACT(150, 33, "online", "Movable", 1),
					  LOSE(150, 32, "online", "Normal"), STOP(250));
	const char *once = strstr(notes, "uevents: ");

	assert_non_null(once);
	assert_null(strstr(once + 1, "uevents: "));
	noted("memory33 was put offline by someone else; left so\n");
	noted("memory34, no block of this run, was put offline\n");
	noted("memory32 was moved to zone Normal by someone else; left so\n");
	noted("memory33 was put online in zone Movable by someone else, as it was found\n");
	assert_int_equal(seen->interference, 4);
	assert_true(seen->restored);
}

static void without_uevents(void **state)
{
	const struct hs_tally *seen;

	has_source = false;
	seen = RUN(ACT(50, 33, "offline", "Movable", 0), ACT(10, 32, "online", "Normal", 0),
		   STOP(1200));
	noted("memory33 was put offline by someone else; left so\n");
	noted("memory32 was moved to zone Normal by someone else; left so\n");
	assert_int_equal(seen->interference, 2);
	assert_true(seen->restored);
}

/* Between the last look and the end. */
static void at_the_very_end(void **state)
{
	const struct hs_tally *seen;

	has_source = false;
	seen = RUN(ACT(50, 33, "offline", "Movable", 0), STOP(1));
	assert_int_equal(seen->interference, 1);
	assert_true(seen->restored);
}

static void every_block_of_the_run(void **state)
{
	const struct hs_tally *seen;

	seen = RUN(ACT(50, 33, "offline", "Movable", 1), ACT(10, 32, "offline", "Movable", 1),
		   STOP(5000));
	assert_string_equal(seen->stopped, "someone else has changed every block: the run ends here");
	assert_true(seen->restored && seen->ended);
	assert_string_equal(seen->skip, "");
	assert_string_equal(seen->broken, "");
}

/* No change by others: none is seen, however many are ours. */
static void nobody_else(void **state)
{
	const struct hs_tally *seen;

	meminfo(1000);
	target.nr = 1;
	info.scenario.cycles = 50;
	seen = RUN(STOP(5000));
	assert_int_equal(seen->cycles, 50);
	assert_int_equal(seen->interference, 0);
	assert_true(seen->restored);
}

/* One more than ours, on a block that is never still. */
static void one_among_many(void **state)
{
	const struct hs_tally *seen;

	meminfo(1000);
	target.nr = 1;
	pending[nr_pending++] = FIRST;
	info.scenario.cycles = 50;
	seen = RUN(STOP(5000));
	assert_int_equal(seen->interference, 1);
	assert_true(seen->restored);
}

/* Of ours none were told, and nobody said that they were lost: the next one of
 * someone else counts all the same. */
static void fewer_than_ours(void **state)
{
	const struct hs_tally *seen;

	meminfo(1000);
	target.nr = 1;
	tells_ours = false;
	seen = RUN(ACT(100, MEMORY_GOES, NULL, NULL, 0), ACT(300, FIRST, "online", "Movable", 2),
		   STOP(250));
	assert_true(seen->transitions > 2);
	assert_int_equal(seen->interference, 1);
	noted("memory32 was changed 2 times by someone else and is as we left it");
}

/* What was short comes back: the run goes on. */
static void waits_for_memory(void **state)
{
	const struct hs_tally *seen;

	info.scenario.duration_ns = 400 * 1000 * MS;
	seen = RUN(STOP(5000));
	assert_int_equal(seen->transitions, 0);
	noted("headroom: memory");
	noted("is not taken now, the run waits: 100 MiB of memory are available and 200 must stay");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(put_offline), TEST(moved_to_another_zone), TEST(away_and_back),
		TEST(theirs_until_it_is_as_found), TEST(another_block), TEST(lost_uevents),
		TEST(without_uevents), TEST(at_the_very_end), TEST(every_block_of_the_run),
		TEST(nobody_else), TEST(one_among_many), TEST(fewer_than_ours),
		TEST(waits_for_memory),
	};

	return cmocka_run_group_tests_name("interference", tests, NULL, NULL);
}
