// SPDX-License-Identifier: GPL-2.0-only
/* The tables of invariants and controls agree with each other and the design. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "antagonist.h"
#include "control.h"
#include "freer.h"
#include "invariant.h"
#include "tally.h"
#include "verdict.h"

static void test_invariant_ids(void **state)
{
	static const char *const ids[] = {
		"pcp-limits", "pcp-empty", "no-stray", "no-realloc", "isolation-lifted",
		"pairing", "accounting", "contents", "clean-log", "progress",
	};

	assert_int_equal(sizeof(ids) / sizeof(ids[0]), HS_NR_INVARIANTS);
	for (int i = 0; i < HS_NR_INVARIANTS; i++) {
		assert_string_equal(hs_invariants[i].id, ids[i]);
		assert_non_null(hs_invariants[i].summary);
		assert_int_equal(hs_invariant_find(ids[i]), i);
	}
	assert_int_equal(hs_invariant_find("pcp"), -ENOENT);
	assert_int_equal(hs_invariant_find("pcp-limitss"), -ENOENT);
	assert_int_equal(hs_invariant_find(""), -ENOENT);
}

static void test_invariant_lists(void **state)
{
	static const char *const bad[] = { "", ",", "no-stray,", ",no-stray", "all,no-stray", "nope" };
	uint64_t mask = 0;

	assert_int_equal(hs_invariant_parse("all", &mask), 0);
	assert_true(mask == 0x3ff);
	assert_true(hs_invariant_module_mask(mask) == 0x3f);
	assert_int_equal(hs_invariant_parse("no-stray,clean-log", &mask), 0);
	assert_true(mask == (1 << HOTSOAK_INV_NO_STRAY | 1 << HS_INV_CLEAN_LOG));
	assert_int_equal(hs_invariant_parse("no-stray , pairing", &mask), 0);
	assert_true(mask == (1 << HOTSOAK_INV_NO_STRAY | 1 << HOTSOAK_INV_PAIRING));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hs_invariant_parse(bad[i], &mask) != -ENOENT)
			fail_msg("\"%s\" was taken for a list of invariants", bad[i]);
	assert_true(mask == (1 << HOTSOAK_INV_NO_STRAY | 1 << HOTSOAK_INV_PAIRING));
}

/* A check without a control has never been seen to fail. */
static void test_each_invariant_has_a_control(void **state)
{
	uint64_t broken = 0, module = 0;

	for (const struct hs_control_desc *c = hs_controls; c->name; c++) {
		assert_ptr_equal(hs_control_find(c->name), c);
		assert_true(c->breaks && c->breaks >> HS_NR_INVARIANTS == 0);
		assert_true(c->module < HOTSOAK_NR_CONTROLS);
		assert_non_null(c->summary);
		assert_true(strlen(c->name) < sizeof(((struct hs_tally *)0)->control));
		broken |= c->breaks;
		module |= UINT64_C(1) << c->module;
	}
	assert_true(broken == (UINT64_C(1) << HS_NR_INVARIANTS) - 1);
	assert_true(module == (UINT64_C(1) << HOTSOAK_NR_CONTROLS) - 1);
	assert_null(hs_control_find(""));
	assert_null(hs_control_find("late"));
}

/* What the scenario file calls them, the option and the danger come from one row. */
static void test_antagonists(void **state)
{
	unsigned int nr = 0, sections = 0;

	for (const struct hs_antagonist_desc *a = hs_antagonists; a->name; a++, nr++) {
		char section[64];

		snprintf(section, sizeof(section), "antagonist %s", a->name);
		for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++)
			if (!strcmp(k->section, section) && k->min == a->kind)
				sections++;
		assert_ptr_equal(hs_antagonist_find(a->name), a);
		assert_ptr_equal(hs_antagonist_of(a->kind), a);
		assert_non_null(a->summary);
		assert_true(a->danger < HS_NR_DANGERS);
	}
	assert_true(nr > 0);
	assert_int_equal(sections, nr);
	assert_null(hs_antagonist_of(HS_ANTAGONIST_NONE));
	assert_null(hs_antagonist_find("hold"));
	/* Nobody can end that offline. */
	assert_int_equal(hs_antagonist_find("lock-page")->danger, HS_DANGER_DISTURBS);
}

/* Only what the module checks the guest's mark for may be less than that. */
static void test_dangers_of_controls(void **state)
{
	for (const struct hs_control_desc *c = hs_controls; c->name; c++) {
		bool harmless = c->module == HOTSOAK_CONTROL_NONE ||
				c->module == HOTSOAK_CONTROL_UNPAIRED;

		assert_int_equal(c->danger, harmless ? HS_DANGER_NONE : HS_DANGER_CORRUPTS);
	}
}

static void test_names(void **state)
{
	for (int i = 0; i < HS_NR_OPS; i++)
		assert_non_null(hs_op_names[i]);
	for (int i = 0; i < HS_NR_OUTCOMES; i++)
		assert_non_null(hs_outcome_names[i]);
	for (int i = 0; i < HS_NR_DANGERS; i++)
		assert_non_null(hs_danger_names[i]);
	for (int i = 0; i < HS_NR_ENDINGS; i++)
		assert_non_null(hs_ending_names[i]);
	assert_int_equal(hs_verdict_status[HS_PASS], 0);
	assert_int_equal(hs_verdict_status[HS_FAIL], 1);
	assert_int_equal(hs_verdict_status[HS_SKIP], 77);
	assert_int_equal(hs_verdict_status[HS_BROKEN], 2);
}

/* A section with no key starts it, and what it needs can be asked for and said. */
static void test_freers(void **state)
{
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++) {
		unsigned int sections = 0;
		struct hs_scenario s;
		char section[64];

		snprintf(section, sizeof(section), "freer %s", (*f)->name);
		hs_scenario_init(&s);
		assert_false((*f)->is_wanted(&s));
		for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
			if (strcmp(k->section, section) || k->key)
				continue;
			*(bool *)((char *)&s + k->offset) = true;
			sections++;
		}
		assert_int_equal(sections, 1);
		assert_true((*f)->is_wanted(&s));
		assert_true(!(*f)->ask == !(*f)->needs && !(*f)->ask == !(*f)->ask_words);
		assert_true((*f)->summary && (*f)->start && (*f)->stop);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invariant_ids), cmocka_unit_test(test_invariant_lists),
		cmocka_unit_test(test_each_invariant_has_a_control), cmocka_unit_test(test_names),
		cmocka_unit_test(test_antagonists), cmocka_unit_test(test_freers),
		cmocka_unit_test(test_dangers_of_controls),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
