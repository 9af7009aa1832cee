// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak list on a made-up tree: rows, columns, formats and refusals. */
#include "capture.h"

#include <json-c/json.h>

#include "command.h"

static int setup(void **state)
{
	static struct tree t;

	tree_init(&t);
	tree_guest(&t);
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(*state);
	return 0;
}

#define LIST(c, t, ...) \
	capture(c, hs_cmd_list.main, "list", "--sysroot", (t)->dir, __VA_ARGS__, NULL)

static void expect_out(const struct capture *c, const char *out)
{
	if (c->status || *c->err || strcmp(c->out, out))
		fail_msg("status %d\nstderr: %s\nstdout:\n%sexpected:\n%s", c->status, c->err,
			 c->out, out);
}

static void test_ranges(void **state)
{
	struct capture c;

	LIST(&c, (const struct tree *)*state, "-rn", "-o", "BLOCK,SIZE,STATE,NODE,ZONES,TAKE");
	expect_out(&c,
		   "0 128M online 0 none multiple\\x20zones\n"
		   "1-15 1.8G online 0 DMA32 zone\\x20DMA32\n"
		   "32-39 1G online 0 Movable yes\n"
		   "40 128M offline 1 Movable\\x20Normal offline\n"
		   "41-47 896M online 1 Movable yes\n");
}

static void test_table(void **state)
{
	struct capture c;

	LIST(&c, (const struct tree *)*state, "--zone", "Movable");
	assert_int_equal(c.status, 0);
	assert_int_equal(strncmp(c.out, "BLOCK", 5), 0);
	assert_non_null(strstr(c.out, "32-39 0x0000000100000000-0x000000013fffffff"));
	assert_non_null(strstr(c.out, "Block size: 128M, online: 1.8G, offline: 128M, may be taken: 1.8G (15 blocks)\n"));
}

static void test_choice(void **state)
{
	const struct tree *t = *state;
	struct capture c;

	LIST(&c, t, "-rn", "-o", "block", "--blocks", "14-15,32");
	expect_out(&c, "14-15\n32\n");
	LIST(&c, t, "-rn", "-o", "block", "-a", "--blocks", "14-15,32");
	expect_out(&c, "14\n15\n32\n");
	LIST(&c, t, "-rn", "-o", "block", "--node", "1");
	expect_out(&c, "40\n41-47\n");
	LIST(&c, t, "-rn", "-o", "block", "--node", "1", "--zone", "DMA32");
	expect_out(&c, "");
	LIST(&c, t, "-rn", "-o", "take,block", "--blocks", "40", "--blocks", "47");
	expect_out(&c, "yes 47\n");			/* the last one counts */
}

static void test_json(void **state)
{
	struct json_object *o, *rows, *row;
	struct capture c;

	LIST(&c, (const struct tree *)*state, "-J", "-b", "--blocks", "40-47");
	assert_int_equal(c.status, 0);
	o = json_tokener_parse(c.out);
	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, "blocks", &rows));
	assert_int_equal(json_object_array_length(rows), 2);
	row = json_object_array_get_idx(rows, 1);
	assert_int_equal(json_object_object_length(row), 7);
	assert_int_equal(json_object_get_int64(json_object_object_get(row, "size")),
			 7 * (128 << 20));
	assert_int_equal(json_object_get_int(json_object_object_get(row, "node")), 1);
	assert_string_equal(json_object_get_string(json_object_object_get(row, "block")), "41-47");
	json_object_put(o);
}

static void test_pairs(void **state)
{
	struct capture c;

	LIST(&c, (const struct tree *)*state, "-P", "-o", "BLOCK,TAKE", "--blocks", "40");
	expect_out(&c, "BLOCK=\"40\" TAKE=\"offline\"\n");
}

static void test_odd_blocks(void **state)
{
	const struct tree *t = *state;
	struct capture c;

	tree_block(t, 60, "going-offline", "none", -1);
	tree_block(t, 61, "online", NULL, -1);
	tree_block(t, 62, "online", "Movable none", -1);
	LIST(&c, t, "-P", "-o", "BLOCK,NODE,TAKE", "--blocks", "60-62");
	expect_out(&c, "BLOCK=\"60\" NODE=\"\" TAKE=\"going-offline\"\n"
		   "BLOCK=\"61\" NODE=\"\" TAKE=\"unknown zone\"\n"
		   "BLOCK=\"62\" NODE=\"\" TAKE=\"yes\"\n");
}

static void test_refusals(void **state)
{
	static const struct { const char *a, *b, *words; } rows[] = {
		{ "-o", "FOO", "unknown column \"FOO\"; expected some of BLOCK," },
		{ "-o", "BLOCK,", "unknown column \"\"" },
		{ "-o", "BLOCK,BLOCK,BLOCK,BLOCK,BLOCK,BLOCK,BLOCK,BLOCK", "more columns" },
		{ "--blocks", "47-32", "--blocks 47-32: the range runs backwards" },
		{ "--blocks", "39-50", "there is no memory block 48" },
		{ "--blocks", "16", "there is no memory block 16" },
		{ "--blocks", "0-18446744073709551615", "there is no memory block 16" },
		{ "--node", "7", "there is no node 7" },
		{ "--node", "-1", "--node -1: not the number of a node" },
		{ "--zone", "Moveable", "unknown zone \"Moveable\"; did you mean \"Movable\"?" },
		{ "--zone", "x", "expected DMA, DMA32" },
		{ "-JP", NULL, "--json and --pairs exclude each other" },
		{ "what", NULL, "unexpected argument \"what\"" },
	};
	struct capture c;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		LIST(&c, (const struct tree *)*state, rows[i].a, rows[i].b);
		assert_refused(&c, HS_EXIT_BROKEN, rows[i].words);
	}
}

static void test_no_blocks(void **state)
{
	const struct tree *t = *state;
	struct capture c;

	tree_mkdir(t, "empty");
	capture(&c, hs_cmd_list.main, "list", "-s", tree_path(t, "empty"), NULL);
	assert_refused(&c, HS_EXIT_SKIP, "the kernel has no memory hotplug");
	capture(&c, hs_cmd_list.main, "list", "-s", "/nonexistent", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "/nonexistent/sys/devices/system/memory cannot be read: No such file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ranges), TEST(table), TEST(choice), TEST(json), TEST(pairs),
		TEST(odd_blocks), TEST(refusals), TEST(no_blocks),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
