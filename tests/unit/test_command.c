// SPDX-License-Identifier: GPL-2.0-only
/* Options from a command's table: both forms, and one line for each mistake. */
#include "capture.h"

#include <errno.h>

#include "command.h"

static struct {
	char seen[256];
	int refuse;		/* the callback's return value */
	int result;		/* of hs_command_parse() */
	char operand[64];
} parsed;

static const struct hs_option options[] = {
	{ "json", 'J', NULL, "as JSON" },
	{ "node", 0, "N", "this node" },
	{ "output", 'o', "COLS", "these columns" },
	{ NULL, 0, NULL, NULL },
};

static int run(int argc, char **argv);

static const struct hs_command cmd = {
	.name = "test", .args = "[WHAT]", .summary = "Tests", .options = options, .main = run,
};

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	size_t len = strlen(parsed.seen);

	assert_ptr_equal(ctx, &parsed);
	snprintf(parsed.seen + len, sizeof(parsed.seen) - len, "%s=%s;", o->name, arg ? arg : "");
	return parsed.refuse;
}

static int run(int argc, char **argv)
{
	memset(parsed.seen, 0, sizeof(parsed.seen));
	memset(parsed.operand, 0, sizeof(parsed.operand));
	parsed.result = hs_command_parse(&cmd, argc, argv, set, &parsed);
	if (parsed.result >= 0 && parsed.result < argc)
		snprintf(parsed.operand, sizeof(parsed.operand), "%s", argv[parsed.result]);
	return parsed.result < 0 ? HS_EXIT_BROKEN : 0;
}

static void test_good(void **state)
{
	struct capture c;

	capture(&c, run, "test", "--json", "--node", "3", "-oA,B", "what", NULL);
	assert_int_equal(c.status, 0);
	assert_string_equal(parsed.seen, "json=;node=3;output=A,B;");
	assert_string_equal(parsed.operand, "what");
	capture(&c, run, "test", "what", "--node=3", "-J", "-o", "A", NULL);	/* operand first */
	assert_string_equal(parsed.seen, "node=3;json=;output=A;");
	assert_string_equal(parsed.operand, "what");
	capture(&c, run, "test", "--", "--json", NULL);
	assert_string_equal(parsed.seen, "");
	assert_string_equal(parsed.operand, "--json");
	capture(&c, run, "test", NULL);
	assert_int_equal(parsed.result, 1);
	capture(&c, run, "test", "--out", "A", NULL);		/* getopt's abbreviation */
	assert_string_equal(parsed.seen, "output=A;");
}

static void test_bad(void **state)
{
	static const struct { const char *a, *b, *words; } rows[] = {
		{ "--jsno", NULL, "hotsoak test: unknown option --jsno; did you mean --json?" },
		{ "--nodes=3", NULL, "unknown option --nodes; did you mean --node?" },
		{ "--frobnicate", NULL, "unknown option --frobnicate; see hotsoak test --help" },
		{ "-x", NULL, "unknown option -x; see hotsoak test --help" },
		{ "-xJ", NULL, "unknown option -x" },
		{ "--node", NULL, "option --node needs a value: --node N" },
		{ "-o", NULL, "option --output needs a value: --output COLS" },
		{ "--json=3", NULL, "option --json takes no value" },
		{ "--help=3", NULL, "option --help takes no value" },
		{ "--new\nline", NULL, "unknown option --new?line" },
	};
	struct capture c;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		capture(&c, run, "test", rows[i].a, rows[i].b, NULL);
		assert_refused(&c, HS_EXIT_BROKEN, rows[i].words);
		assert_int_equal(parsed.result, -EINVAL);
		assert_string_equal(parsed.seen, "");
	}
}

static void test_refused_by_the_command(void **state)
{
	struct capture c;

	parsed.refuse = -ERANGE;
	capture(&c, run, "test", "-J", "--node", "3", NULL);
	parsed.refuse = 0;
	assert_int_equal(parsed.result, -ERANGE);
	assert_string_equal(parsed.seen, "json=;");	/* and stops there */
	assert_string_equal(c.err, "");			/* the command has said it */
}

static int help(int argc, char **argv)
{
	(void)argc, (void)argv;
	hs_command_help(&cmd);
	return 0;
}

static void test_help_is_the_table(void **state)
{
	struct capture c;

	capture(&c, help, NULL);
	assert_non_null(strstr(c.out, "Usage: hotsoak test [OPTION]... [WHAT]\nTests.\n"));
	assert_non_null(strstr(c.out, "  -J, --json "));
	assert_non_null(strstr(c.out, "      --node N "));
	assert_non_null(strstr(c.out, "  -o, --output COLS "));
	assert_non_null(strstr(c.out, "  -h, --help "));
	for (const struct hs_option *o = options; o->name; o++)
		assert_non_null(strstr(c.out, o->help));
}

static int say(int argc, char **argv)
{
	hs_command_error(argc > 1 ? &cmd : NULL, "%s", argv[0]);
	return 0;
}

static void test_error_is_one_line(void **state)
{
	char longer[5000];
	struct capture c;

	capture(&c, say, "a\nb\tc\x1b[31m", NULL);
	assert_string_equal(c.err, "hotsoak: a?b?c?[31m\n");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	capture(&c, say, longer, "", NULL);
	assert_true(strlen(c.err) < 1100);
	assert_int_equal(c.err[strlen(c.err) - 1], '\n');
	assert_int_equal(strncmp(c.err, "hotsoak test: xxx", 17), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_refused_by_the_command),
		cmocka_unit_test(test_help_is_the_table), cmocka_unit_test(test_error_is_one_line),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
