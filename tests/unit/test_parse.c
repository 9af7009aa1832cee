// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, durations, sizes, fractions and truth values, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "parse.h"

#define S UINT64_C(1000000000)

struct row { const char *text; int error; uint64_t value; };

static void run(const struct row *rows, int (*parse)(const char *text, uint64_t *v))
{
	for (; rows->text; rows++) {
		uint64_t v = 4711;
		int r = parse(rows->text, &v);

		if (r != rows->error || v != (r ? 4711 : rows->value))
			fail_msg("\"%s\": returned %d, value %llu", rows->text, r,
				 (unsigned long long)v);
	}
}

static int any_u64(const char *text, uint64_t *v)
{
	return hs_parse_u64(text, 0, UINT64_MAX, v);
}

static int u64_10_20(const char *text, uint64_t *v)
{
	return hs_parse_u64(text, 10, 20, v);
}

static void test_u64(void **state)
{
	static const struct row any[] = {
		{ "0", 0, 0 }, { "32", 0, 32 }, { "0x20", 0, 32 }, { "0XfF", 0, 255 },
		{ "007", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "0x10000000000000000", -ERANGE, 0 },
		{ "", -EINVAL, 0 }, { "-1", -EINVAL, 0 }, { "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 }, { "1 ", -EINVAL, 0 }, { "1x", -EINVAL, 0 },
		{ "0x", -EINVAL, 0 }, { "x1", -EINVAL, 0 }, { "ff", -EINVAL, 0 },
		{ "0x-1", -EINVAL, 0 }, { "1.0", -EINVAL, 0 }, { "\n", -EINVAL, 0 },
		{ NULL, 0, 0 },
	};
	static const struct row narrow[] = {
		{ "10", 0, 10 }, { "20", 0, 20 }, { "9", -ERANGE, 0 }, { "21", -ERANGE, 0 },
		{ NULL, 0, 0 },
	};

	run(any, any_u64);
	run(narrow, u64_10_20);
}

static void test_duration(void **state)
{
	static const struct row rows[] = {
		{ "90", 0, 90 * S }, { "90s", 0, 90 * S }, { "2h", 0, 7200 * S },
		{ "1m30s", 0, 90 * S }, { "1d", 0, 86400 * S }, { "500ms", 0, S / 2 },
		{ "200us", 0, 200000 }, { "50ns", 0, 50 }, { "0", 0, 0 }, { "0s", 0, 0 },
		{ "1h1ns", 0, 3600 * S + 1 },
		{ "", -EINVAL, 0 }, { "s", -EINVAL, 0 }, { "-1s", -EINVAL, 0 },
		{ "1.5s", -EINVAL, 0 }, { "1m30", -EINVAL, 0 }, { "30s1m", -EINVAL, 0 },
		{ "1s1s", -EINVAL, 0 }, { "1 s", -EINVAL, 0 }, { "5sec", -EINVAL, 0 },
		{ "5S", -EINVAL, 0 }, { "90 ", -EINVAL, 0 }, { "1s ", -EINVAL, 0 },
		{ "18446744074", -ERANGE, 0 }, { "18446744073709551615ns", 0, UINT64_MAX },
		{ "213503d23h34m34s", -ERANGE, 0 }, { "99999999999999999999s", -ERANGE, 0 },
		{ NULL, 0, 0 },
	};

	run(rows, hs_parse_duration_ns);
}

static void test_bytes(void **state)
{
	static const struct row rows[] = {
		{ "4096", 0, 4096 }, { "64M", 0, 64 << 20 }, { "2G", 0, UINT64_C(2) << 30 },
		{ "1k", 0, 1024 }, { "64MiB", 0, 64 << 20 }, { "0", 0, 0 },
		{ "15E", 0, UINT64_C(15) << 60 }, { "16E", -ERANGE, 0 },
		{ "", -EINVAL, 0 }, { "M", -EINVAL, 0 }, { "64MB", -EINVAL, 0 },
		{ "64Mi", -EINVAL, 0 }, { "64X", -EINVAL, 0 }, { "-1", -EINVAL, 0 },
		{ "1.5G", -EINVAL, 0 }, { "64 M", -EINVAL, 0 }, { "64MM", -EINVAL, 0 },
		{ NULL, 0, 0 },
	};

	run(rows, hs_parse_bytes);
}

static void test_format(void **state)
{
	char text[16];
	uint64_t ns;
	static const uint64_t durations[] = {
		0, 1, 999, 1000, 50000, S, 60 * S, 90 * S, 7200 * S, S + 1, UINT64_MAX,
	};

	assert_int_equal(hs_bytes_format(128 << 20, text, sizeof(text)), 0);
	assert_string_equal(text, "128M");
	assert_int_equal(hs_bytes_format(1536, text, sizeof(text)), 0);
	assert_string_equal(text, "1.5K");
	assert_int_equal(hs_bytes_format(512, text, sizeof(text)), 0);
	assert_string_equal(text, "512B");
	assert_int_equal(hs_bytes_format(UINT64_MAX, text, sizeof(text)), 0);
	assert_int_equal(hs_bytes_format(128 << 20, text, 4), -ENOBUFS);
	assert_int_equal(hs_duration_format(90 * S, text, sizeof(text)), 0);
	assert_string_equal(text, "90s");
	assert_int_equal(hs_duration_format(90 * S, text, 3), -ENOBUFS);
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		char whole[32];

		assert_int_equal(hs_duration_format(durations[i], whole, sizeof(whole)), 0);
		assert_int_equal(hs_parse_duration_ns(whole, &ns), 0);
		assert_true(ns == durations[i]);
	}
}

static void test_ratio(void **state)
{
	static const char *const bad[] = {
		"", "-1", "+1", "nan", "inf", "0x1p3", " 1", "1 ", "1,5", "1.5.2", "1e", ".5", NULL,
	};
	double v = -1;

	assert_int_equal(hs_parse_ratio("0.25", 0, 1, &v), 0);
	assert_true(v == 0.25);
	assert_int_equal(hs_parse_ratio("1e-05", 0, 1, &v), 0);
	assert_true(v == 1e-05);
	assert_int_equal(hs_parse_ratio("1.01", 0, 1, &v), -ERANGE);
	assert_int_equal(hs_parse_ratio("1e999", 0, 1, &v), -ERANGE);
	for (size_t i = 0; bad[i]; i++)
		if (hs_parse_ratio(bad[i], 0, 1, &v) != -EINVAL)
			fail_msg("\"%s\" was taken for a ratio", bad[i]);
	assert_true(v == 1e-05);
}

static void test_bool(void **state)
{
	static const char *const bad[] = { "", "y", "YES", "2", "on", "yes ", NULL };
	int v = -1;

	assert_int_equal(hs_parse_bool("yes", &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(hs_parse_bool("false", &v), 0);
	assert_int_equal(v, 0);
	for (size_t i = 0; bad[i]; i++)
		assert_int_equal(hs_parse_bool(bad[i], &v), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64), cmocka_unit_test(test_duration),
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_format),
		cmocka_unit_test(test_ratio), cmocka_unit_test(test_bool),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
