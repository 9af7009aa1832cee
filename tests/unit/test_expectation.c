// SPDX-License-Identifier: GPL-2.0-only
/* What is expected on which kernel: the right row, and no text that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "expectation.h"

static const char text[] = "5.10 PASS, 6.1 FAIL, 6.12-debug PASS, 6.12 SKIP,7.2  BROKEN, 7.3-contig-fix PASS";

static int get(const char *release)
{
	enum hs_verdict verdict;
	int r = hs_expectation_get(text, release, &verdict);

	return r < 0 ? r : (int)verdict;
}

static void test_release(void **state)
{
	assert_int_equal(get("5.10.0-46-cloud-amd64"), HS_PASS);
	assert_int_equal(get("6.1.0-56-cloud-amd64"), HS_FAIL);
	assert_int_equal(get("6.1-rc3"), HS_FAIL);
	assert_int_equal(get("6.12.117+deb12-cloud-amd64"), HS_SKIP);
	assert_int_equal(get("7.2.13"), HS_BROKEN);
	/* 6.1 is not the beginning of 6.10, nor 5.1 of 5.10. */
	assert_int_equal(get("6.10.3"), -ENOENT);
	assert_int_equal(get("5.1.2"), -ENOENT);
	assert_int_equal(get("(unknown)"), -ENOENT);
	assert_int_equal(get(""), -ENOENT);
	assert_int_equal(get(NULL), -ENOENT);
}

static void test_flavour(void **state)
{
	/* In whichever order the two stand. */
	assert_int_equal(get("6.12.117-debug-9f5b63c1"), HS_PASS);
	assert_int_equal(get("6.12.117-debug"), HS_PASS);
	assert_int_equal(get("6.12-rc1-debug-x"), HS_PASS);
	/* A whole word, and of that series alone. */
	assert_int_equal(get("6.12.117-debugger-1"), HS_SKIP);
	assert_int_equal(get("6.12.117-nodebug"), HS_SKIP);
	assert_int_equal(get("6.1.5-debug"), HS_FAIL);
	assert_int_equal(get("7.3.0-contig-fix-1234"), HS_PASS);
	assert_int_equal(get("7.3.0-contig"), -ENOENT);
}

static void test_text(void **state)
{
	static const char *const bad[] = {
		"6.1", "6.1 ", "PASS", "6 PASS", "6. PASS", ".1 PASS", "6.1 pass", "6.1PASS",
		"6.1 PASS,", "6.1 PASS, ", "6.1 PASS 6.2 PASS", "6.1 PASSED", "6.1 FAIL, x",
		"6.1.2 PASS", ",6.1 PASS", "6.1- PASS", "6.1-debug", "6.1-debug ", "6.1-debug,PASS",
		"-debug PASS", "6.1debug PASS",
	};
	enum hs_verdict verdict;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hs_expectation_get(bad[i], NULL, &verdict) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
	assert_int_equal(hs_expectation_get("", NULL, &verdict), -ENOENT);
	assert_int_equal(hs_expectation_get("6.1 PASS", NULL, &verdict), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release), cmocka_unit_test(test_flavour),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("expectation", tests, NULL, NULL);
}
