// SPDX-License-Identifier: GPL-2.0-only
/* Percentiles within 3 %, at the edges too, and the way through JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "latency.h"

static void test_empty(void **state)
{
	struct hs_latency l = { 0 };

	assert_true(hs_latency_percentile(&l, .5) == 0);
	assert_true(hs_latency_percentile(&l, 1) == 0);
}

static void test_one_value(void **state)
{
	static const uint64_t values[] = { 0, 1, 31, 32, 33, 1000, UINT32_MAX, UINT64_MAX };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct hs_latency l = { 0 };

		hs_latency_add(&l, values[i]);
		assert_true(l.min_ns == values[i] && l.max_ns == values[i] && l.n == 1);
		for (double p = 0; p <= 1; p += .25)
			assert_true(hs_latency_percentile(&l, p) == values[i]);
	}
}

static void test_percentiles(void **state)
{
	struct hs_latency l = { 0 };

	for (uint64_t v = 1; v <= 100000; v++)
		hs_latency_add(&l, v * 1000);
	for (double p = .01; p < 1; p += .01) {
		double want = ceil(p * 100000) * 1000, got = (double)hs_latency_percentile(&l, p);

		if (got < want || got > want * 1.032)
			fail_msg("p%g: %g, expected %g", 100 * p, got, want);
	}
	assert_true(hs_latency_percentile(&l, 0) == 1000);
	assert_true(hs_latency_percentile(&l, -1) == 1000);
	assert_true(hs_latency_percentile(&l, NAN) == 1000);
	assert_true(hs_latency_percentile(&l, 1) == 100000000);
	assert_true(hs_latency_percentile(&l, 2) == 100000000);
}

static void test_outlier(void **state)
{
	struct hs_latency l = { 0 };

	for (int i = 0; i < 99; i++)
		hs_latency_add(&l, 10);
	hs_latency_add(&l, 1000000);
	assert_true(hs_latency_percentile(&l, .99) == 10);
	assert_true(hs_latency_percentile(&l, .991) == 1000000);
}

static void test_json(void **state)
{
	struct hs_latency l = { 0 }, back = { .n = 99 };
	struct json_object *o;

	srandom(1);
	for (int i = 0; i < 10000; i++)
		hs_latency_add(&l, (uint64_t)random() >> (random() % 31));
	o = hs_latency_to_json(&l);
	json_object_object_add(o, "buckets", hs_latency_buckets_to_json(&l));
	assert_int_equal(hs_latency_from_json(&back, o), 0);
	assert_memory_equal(&l, &back, sizeof(l));
	json_object_put(o);
}

static void test_bad_json(void **state)
{
	static const char *const bad[] = {
		"[]", "{}", "{\"n\":1,\"min\":1}", "{\"n\":-1,\"min\":1,\"max\":1}",
		"{\"n\":\"1\",\"min\":1,\"max\":1}",
		"{\"n\":1,\"min\":1,\"max\":1,\"buckets\":{}}",
		"{\"n\":1,\"min\":1,\"max\":1,\"buckets\":[1]}",
		"{\"n\":1,\"min\":1,\"max\":1,\"buckets\":[[1]]}",
		"{\"n\":1,\"min\":1,\"max\":1,\"buckets\":[[2048,1]]}",
		"{\"n\":1,\"min\":1,\"max\":1,\"buckets\":[[-1,1]]}",
		"{\"n\":1,\"min\":1,\"max\":1,\"buckets\":[[1,4294967296]]}", NULL,
	};

	for (size_t i = 0; bad[i]; i++) {
		struct json_object *o = json_tokener_parse(bad[i]);
		struct hs_latency l = { .n = 99 };

		assert_non_null(o);
		if (hs_latency_from_json(&l, o) != -EBADMSG || l.n != 99)
			fail_msg("%s was taken for a latency", bad[i]);
		json_object_put(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty), cmocka_unit_test(test_one_value),
		cmocka_unit_test(test_percentiles), cmocka_unit_test(test_outlier),
		cmocka_unit_test(test_json), cmocka_unit_test(test_bad_json),
	};

	return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
