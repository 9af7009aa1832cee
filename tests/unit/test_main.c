// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands and the dispatch; main.c is compiled in, renamed. */
#include "capture.h"

#include <sys/wait.h>

#define main hotsoak_main
int hotsoak_main(int argc, char **argv);
#include "../../tool/main.c"
#undef main

static void test_refusals(void **state)
{
	static const struct { const char *a, *b, *words; } rows[] = {
		{ NULL, NULL, "hotsoak: no command; see hotsoak help" },
		{ "lsit", NULL, "hotsoak: unknown command \"lsit\"; did you mean \"list\"?" },
		{ "frobnicate", NULL, "hotsoak: unknown command \"frobnicate\"; see hotsoak help" },
		{ "", NULL, "unknown command \"\"" },
		{ "--jsno", NULL, "unknown option --jsno before a command" },
		{ "help", "frobnicate", "unknown command \"frobnicate\"" },
		{ "list", "--frobnicate", "hotsoak list: unknown option --frobnicate" },
	};
	struct capture c;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		capture(&c, hotsoak_main, "hotsoak", rows[i].a, rows[i].b, NULL);
		assert_refused(&c, HS_EXIT_BROKEN, rows[i].words);
	}
	capture(&c, hotsoak_main, "hotsoak", "help", "list", "run", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "one command at a time");
}

static void test_version(void **state)
{
	struct capture c;

	capture(&c, hotsoak_main, "hotsoak", "--version", NULL);
	assert_int_equal(c.status, 0);
	assert_string_equal(c.out, "hotsoak " HOTSOAK_VERSION "\n");
	assert_string_equal(c.err, "");
}

static void test_help(void **state)
{
	struct capture overview, c;

	capture(&overview, hotsoak_main, "hotsoak", "help", NULL);
	assert_int_equal(overview.status, 0);
	capture(&c, hotsoak_main, "hotsoak", "--help", NULL);
	assert_string_equal(c.out, overview.out);
	for (size_t i = 0; hs_commands[i]; i++) {
		const struct hs_command *cmd = hs_commands[i];

		assert_non_null(cmd->hotsoak_main);	/* .main, renamed with the rest */
		assert_non_null(cmd->summary);
		if (cmd->hidden)
			continue;
		if (!strstr(overview.out, cmd->summary))
			fail_msg("hotsoak help does not tell of %s", cmd->name);
		capture(&c, hotsoak_main, "hotsoak", "help", cmd->name, NULL);
		assert_int_equal(c.status, 0);
		assert_non_null(strstr(c.out, cmd->summary));
		for (const struct hs_option *o = cmd->options; o && o->name; o++) {
			assert_non_null(o->help);
			assert_non_null(strstr(c.out, o->name));
		}
	}
}

/* Two options of a command with one letter: getopt would take the first. */
static void test_tables_are_sound(void **state)
{
	for (size_t i = 0; hs_commands[i]; i++) {
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hs_commands[i]->name, hs_commands[k]->name);
		for (const struct hs_option *o = hs_commands[i]->options; o && o->name; o++) {
			assert_string_not_equal(o->name, "help");
			for (const struct hs_option *p = hs_commands[i]->options; p < o; p++)
				assert_true(strcmp(p->name, o->name) &&
					    (!p->letter || p->letter != o->letter));
		}
	}
}

static void test_full_disk(void **state)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		char *argv[] = { (char *)"hotsoak", (char *)"help", NULL };

		if (!freopen("/dev/full", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(99);
		_exit(hotsoak_main(2, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), HS_EXIT_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_version),
		cmocka_unit_test(test_help), cmocka_unit_test(test_tables_are_sound),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests_name("main", tests, NULL, NULL);
}
