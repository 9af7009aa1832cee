// SPDX-License-Identifier: GPL-2.0-only
/* A run that did without a hook: no PASS that keeps silent of it, and no blame either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "hook.h"
#include "run.h"
#include "verdict.h"

static struct hs_scenario s;
static struct hs_tally t;
static struct hs_judgement j;

static int setup(void **state)
{
	run_scenario(&s);
	run_tally(&t);
	s.burst = true;
	t.nr_hooks = 1;
	return 0;
}

static void miss(const char *name, int error)
{
	snprintf(t.hooks[0].name, sizeof(t.hooks[0].name), "%s", name);
	t.hooks[0].error = error;
}

static void expect(enum hs_verdict verdict, const char *words)
{
	hs_verdict_judge(&j, &s, &t);
	if (j.verdict != verdict || !j.nr_reasons || strcmp(j.reasons[0], words))
		fail_msg("%s (%s), expected %s (%s)", hs_verdict_names[j.verdict],
			 j.nr_reasons ? j.reasons[0] : "", hs_verdict_names[verdict], words);
}

static void test_invariant(void **state)
{
	miss("mm_page_alloc_extfrag", -ECANCELED);
	t.inv[HOTSOAK_INV_NO_REALLOC].armed = false;
	expect(HS_SKIP, "the hook mm_page_alloc_extfrag is missing (left out by the module's parameter without): nothing is claimed of no-realloc");
	/* Nobody asked for it. */
	s.invariants &= ~(UINT64_C(1) << HOTSOAK_INV_NO_REALLOC);
	expect(HS_PASS, "the hook mm_page_alloc_extfrag is missing (left out by the module's parameter without)");
}

static void test_demand(void **state)
{
	miss("free_unref_page_commit", -ENOENT);
	t.stats.e1 = t.stats.e2 = 0;
	expect(HS_SKIP, "the hook free_unref_page_commit is missing (this kernel has none of that name): E1 cannot be told");
	s.expect.min_e1_per_window = 0;
	expect(HS_SKIP, "the hook free_unref_page_commit is missing (this kernel has none of that name): E2 cannot be told");
	s.expect.min_e2_per_window = 0;
	expect(HS_PASS, "the hook free_unref_page_commit is missing (this kernel has none of that name)");
	/* What it does count is still demanded. */
	t.stats.samples = 0;
	expect(HS_BROKEN, "0 samples per window (0 in 101 windows), the scenario demands 10");
}

static void test_violation_counts(void **state)
{
	miss("free_unref_page_commit", -ENOENT);
	t.inv[HOTSOAK_INV_PCP_EMPTY].violations = 1;
	expect(HS_FAIL, "pcp-empty violated 1 times in 1000 checks");
}

static void test_note(void **state)
{
	miss("memory_notifier", -ECANCELED);
	expect(HS_PASS, "the hook memory_notifier is missing (left out by the module's parameter without): no look at the lists of every CPU follows the isolation");
	s.antagonists = 1u << HS_ANTAGONIST_CONTIG;
	t.stats.contig_tried = 1;
	expect(HS_SKIP, "the hook memory_notifier is missing (left out by the module's parameter without): what is planted in windows never acts");
}

/* A rate that cannot be told is none of 0. */
static void test_rate(void **state)
{
	s.contig_race = s.contig_race_pcplists = true;
	s.widen_max_ns = 1;
	t.stats.acr_tried = 9;
	miss("test_pages_isolated", -ENOENT);
	expect(HS_SKIP, "the hook test_pages_isolated is missing (this kernel has none of that name): why contig-race is refused cannot be told");
	s.contig_race_parallel = true;
	t.stats.acr_overlapped = 1;
	expect(HS_PASS, "the hook test_pages_isolated is missing (this kernel has none of that name): final tests that fail for a page that nobody held are not counted");
	s.contig_race_parallel = false;
	s.contig_race_straddle = true;
	t.stats.acr_straddled = 1;
	expect(HS_PASS, "the hook test_pages_isolated is missing (this kernel has none of that name): final tests that fail for a page that nobody held are not counted");
}

/* Of whoever asks for it; what is seen of others is a figure. */
static void test_compaction(void **state)
{
	static const char taken[] = "the hook mm_compaction_isolate_freepages is missing (this kernel has none of that name): ";
	char words[160];

	miss("mm_compaction_isolate_freepages", -ENOENT);
	snprintf(words, sizeof(words), "%swhat compaction takes is not counted", taken);
	expect(HS_PASS, words);
	s.antagonists = 1u << HS_ANTAGONIST_COMPACT;
	s.needs_module = true;
	snprintf(words, sizeof(words), "%swhether compaction met an offline cannot be told", taken);
	expect(HS_SKIP, words);
	t.stats.compact_scans = 1;
	miss("isolate_freepages_block", -ENOENT);
	expect(HS_PASS, "the hook isolate_freepages_block is missing (this kernel has none of that name): what compaction takes of pageblocks that were isolated before is not told from the rest");
}

/* Nobody demands delays, but E2 come of them. */
static void test_aim(void **state)
{
	static const char words[] = "the hook _raw_spin_trylock is missing (left out by the module's parameter without): no free is delayed, and none that lost the trylock is counted";

	miss("_raw_spin_trylock", -ECANCELED);
	expect(HS_PASS, words);
	t.stats.e2 = 0;
	expect(HS_SKIP, words);
}

/* Of a kernel that does not disable pcplists nobody expects to see it. */
static void test_unpromised(void **state)
{
	miss("zone_pcp_disable", -ENOENT);
	expect(HS_SKIP, "the hook zone_pcp_disable is missing (this kernel has none of that name): E1 cannot be told");
	t.inv[HOTSOAK_INV_PAIRING] = (struct hs_inv_tally){ .unpromised = true };
	expect(HS_PASS, "nothing is claimed of pairing: this kernel does not disable pcplists");
	assert_int_equal(hs_hook_needs_lost(&t), 0);
}

/* Before the first block: one reason, not two that say the same. */
static void test_beforehand(void **state)
{
	memset(&t, 0, sizeof(t));
	t.witness = true;
	t.nr_hooks = 1;
	miss("offline_pages", -ESHUTDOWN);
	snprintf(t.skip, sizeof(t.skip), "the hook offline_pages is missing (kprobes or ftrace are switched off): no window can be seen");
	expect(HS_SKIP, "the hook offline_pages is missing (kprobes or ftrace are switched off): no window can be seen");
	assert_int_equal(j.nr_reasons, 1);
}

static void test_attached(void **state)
{
	miss("offline_pages", 0);
	hs_verdict_judge(&j, &s, &t);
	assert_int_equal(j.verdict, HS_PASS);
	assert_int_equal(j.nr_reasons, 0);
	miss("offline_pages", 1);	/* never tried */
	assert_false(hs_hook_is_missing(&t, &t.hooks[0]));
}

#define TEST(name) cmocka_unit_test_setup(test_##name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(invariant), TEST(demand), TEST(violation_counts), TEST(note), TEST(rate),
		TEST(compaction), TEST(aim), TEST(unpromised), TEST(beforehand), TEST(attached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
