// SPDX-License-Identifier: GPL-2.0-only
/* Sets of memory blocks: merged, sorted, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "blockset.h"

static void check(const char *text, size_t nr, unsigned long first, unsigned long last)
{
	struct hs_blockset s;
	char err[128] = "";

	assert_int_equal(hs_blockset_parse(&s, text, err, sizeof(err)), 0);
	assert_int_equal(s.nr, nr);
	assert_true(s.range[0].first == first);
	assert_true(s.range[s.nr - 1].last == last);
	hs_blockset_deinit(&s);
	assert_null(s.range);
}

static void test_good(void **state)
{
	check("32-47,50", 2, 32, 50);
	check("7", 1, 7, 7);
	check("0x20", 1, 32, 32);
	check("50,32-47", 2, 32, 50);		/* sorted */
	check("1-2,3", 1, 1, 3);		/* neighbours */
	check("1-9,3-4", 1, 1, 9);		/* inside */
	check("5,5,5", 1, 5, 5);
	check("0-18446744073709551615,3", 1, 0, ULONG_MAX);
}

static void test_bad(void **state)
{
	static const struct { const char *text, *words; } rows[] = {
		{ "47-32", "47-32: the range runs backwards" },
		{ "", "missing" }, { "1,,2", "missing" }, { "1,", "missing" }, { ",1", "missing" },
		{ "a", "a: not a block number" }, { "1-", "not a block" }, { "-1", "not a block" },
		{ "1-2-3", "1-2-3: not a block" }, { "1 ", "not a block" },
		{ "memory32", "memory32: not a block" },
		{ "32-47,9-8", "9-8: the range runs backwards" },
		{ "18446744073709551616", "too large" },
	};
	struct hs_blockset s;
	char err[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = hs_blockset_parse(&s, rows[i].text, err, sizeof(err));

		if (r != -EINVAL || !strstr(err, rows[i].words))
			fail_msg("\"%s\": returned %d, said \"%s\"", rows[i].text, r, err);
	}
}

static void test_short_error_buffer(void **state)
{
	struct hs_blockset s;
	char err[8];

	assert_int_equal(hs_blockset_parse(&s, "47-32", err, sizeof(err)), -EINVAL);
	assert_int_equal(strlen(err), 7);
}

static void test_has(void **state)
{
	struct hs_blockset s;
	char err[128];

	assert_int_equal(hs_blockset_parse(&s, "3-5,9", err, sizeof(err)), 0);
	assert_false(hs_blockset_has(&s, 2));
	assert_true(hs_blockset_has(&s, 3));
	assert_true(hs_blockset_has(&s, 5));
	assert_false(hs_blockset_has(&s, 6));
	assert_true(hs_blockset_has(&s, 9));
	assert_false(hs_blockset_has(&s, 10));
	hs_blockset_deinit(&s);
	assert_false(hs_blockset_has(&s, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_short_error_buffer), cmocka_unit_test(test_has),
	};

	return cmocka_run_group_tests_name("blockset", tests, NULL, NULL);
}
