// SPDX-License-Identifier: GPL-2.0-only
/* Values in and out of JSON: types are checked, text is cleaned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include <json-c/json.h>

#include "jsonval.h"

static void test_numbers(void **state)
{
	static const struct { double v; const char *text; } rows[] = {
		{ .1, "0.1" }, { 0, "0.0" }, { 3, "3.0" }, { 1.0 / 3, "0.333333333" },
		{ 1e-12, "1e-12" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *o = hs_json_number(rows[i].v);

		assert_string_equal(json_object_to_json_string(o), rows[i].text);
		json_object_put(o);
	}
	assert_null(hs_json_number(NAN));
	assert_null(hs_json_number(INFINITY));
}

static void check_text(const char *text, const char *clean)
{
	struct json_object *o = hs_json_text(text);

	assert_string_equal(json_object_get_string(o), clean);
	json_object_put(o);
}

static void test_text(void **state)
{
	assert_null(hs_json_text(NULL));
	check_text("", "");
	check_text("plain \"quoted\"\n", "plain \"quoted\"\n");
	check_text("\xc3\xa4 \xe2\x80\xa6 \xf0\x9f\x90\xa7", "\xc3\xa4 \xe2\x80\xa6 \xf0\x9f\x90\xa7");
	check_text("a\xff" "b", "a?b");
	check_text("\xc3", "?");			/* cut short */
	check_text("\xe2\x80", "??");
	check_text("\xc0\x80", "??");			/* overlong */
	check_text("\xed\xa0\x80", "???");		/* a surrogate */
	check_text("\xf4\x90\x80\x80", "????");		/* beyond Unicode */
	check_text("\x80z", "?z");
}

static void test_members(void **state)
{
	struct json_object *o = json_tokener_parse(
		"{\"n\":7,\"big\":18446744073709551615,\"neg\":-1,\"f\":1.5,\"s\":\"abc\","
		"\"nul\":\"a\\u0000b\",\"b\":true,\"a\":[],\"o\":{},\"null\":null}");
	struct json_object *v = NULL;
	uint64_t n = 4711;
	bool b = false;
	char text[4] = "x";

	assert_non_null(o);
	assert_int_equal(hs_json_get_u64(o, "neg", &n), -EBADMSG);
	assert_int_equal(hs_json_get_u64(o, "f", &n), -EBADMSG);
	assert_int_equal(hs_json_get_u64(o, "s", &n), -EBADMSG);
	assert_int_equal(hs_json_get_u64(o, "null", &n), -EBADMSG);
	assert_int_equal(hs_json_get_u64(o, "none", &n), -ENOENT);
	assert_true(n == 4711);
	assert_int_equal(hs_json_get_u64(o, "n", &n), 0);
	assert_true(n == 7);
	assert_int_equal(hs_json_get_u64(o, "big", &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(hs_json_get_bool(o, "n", &b), -EBADMSG);
	assert_int_equal(hs_json_get_bool(o, "b", &b), 0);
	assert_true(b);
	assert_int_equal(hs_json_get_text(o, "s", text, 3), -EBADMSG);
	assert_int_equal(hs_json_get_text(o, "nul", text, sizeof(text)), -EBADMSG);
	assert_string_equal(text, "x");
	assert_int_equal(hs_json_get_text(o, "s", text, sizeof(text)), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(hs_json_get_array(o, "o", &v), -EBADMSG);
	assert_int_equal(hs_json_get_object(o, "a", &v), -EBADMSG);
	assert_null(v);
	assert_int_equal(hs_json_get_array(o, "a", &v), 0);
	assert_int_equal(hs_json_get_object(o, "o", &v), 0);
	assert_int_equal(hs_json_get_u64(NULL, "n", &n), -EBADMSG);
	json_object_put(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_text),
		cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests_name("jsonval", tests, NULL, NULL);
}
