// SPDX-License-Identifier: GPL-2.0-only
/* The nearest known name: slips are recognised, other words are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "nearest.h"

static const char *nearest(const char *word)
{
	static const char *const names[] = { "list", "check", "run", "scenarios", "duration" };
	struct hs_nearest n;

	hs_nearest_init(&n, word);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		hs_nearest_offer(&n, names[i]);
	return hs_nearest_get(&n);
}

static void test_distance(void **state)
{
	char longer[100];

	assert_int_equal(hs_nearest_distance("", ""), 0);
	assert_int_equal(hs_nearest_distance("abc", ""), 3);
	assert_int_equal(hs_nearest_distance("kitten", "sitting"), 3);
	assert_int_equal(hs_nearest_distance("lsit", "list"), 1);	/* swapped */
	assert_int_equal(hs_nearest_distance("list", "list"), 0);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_true(hs_nearest_distance(longer, "x") == UINT_MAX);
}

static void test_nearest(void **state)
{
	char longer[100];

	assert_string_equal(nearest("lsit"), "list");
	assert_string_equal(nearest("chekc"), "check");
	assert_string_equal(nearest("durration"), "duration");
	assert_string_equal(nearest("scenario"), "scenarios");
	assert_null(nearest("frobnicate"));
	assert_null(nearest("zzz"));
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_null(nearest(longer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance), cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
