// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and the way from the command line to one of them. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cmd_completion.h"
#include "command.h"
#include "nearest.h"
#include "version.h"

const struct hs_command *const hs_commands[] = {
	&hs_cmd_run,
	&hs_cmd_restore,
	&hs_cmd_list,
	&hs_cmd_check,
	&hs_cmd_scenarios,
	&hs_cmd_daemon,
	&hs_cmd_start,
	&hs_cmd_stop,
	&hs_cmd_status,
	&hs_cmd_judge,
	&hs_cmd_help,
	&hs_cmd_completion,
	&hs_cmd_operator,
	&hs_cmd_pages,
	&hs_cmd_hog,
	&hs_cmd_tune,
	&hs_cmd_probe,
	&hs_cmd_resize,
	&hs_cmd_poison,
	&hs_cmd_reader,
	&hs_cmd_compact,
	&hs_cmd_stressors,
	NULL,
};

static const struct hs_command *find_command(const char *name)
{
	for (size_t i = 0; hs_commands[i]; i++)
		if (!strcmp(hs_commands[i]->name, name))
			return hs_commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	struct hs_nearest near;
	const char *best;

	hs_nearest_init(&near, name);
	for (size_t i = 0; hs_commands[i]; i++)
		if (!hs_commands[i]->hidden)
			hs_nearest_offer(&near, hs_commands[i]->name);
	best = hs_nearest_get(&near);
	if (best)
		hs_command_error(NULL, "unknown command \"%s\"; did you mean \"%s\"?", name, best);
	else
		hs_command_error(NULL, "unknown command \"%s\"; see hotsoak help", name);
	return HS_EXIT_BROKEN;
}

static void print_overview(void)
{
	printf("Usage: hotsoak COMMAND [OPTION]... [ARGUMENT]...\n"
	       "Soaks memory offlining and proves that no freed page leaks back.\n\n"
	       "Commands:\n");
	for (size_t i = 0; hs_commands[i]; i++)
		if (!hs_commands[i]->hidden)
			printf("  %-12s %s\n", hs_commands[i]->name, hs_commands[i]->summary);
	printf("\nOptions:\n"
	       "  -h, --help     show this and exit\n"
	       "  -V, --version  show the version and exit\n\n"
	       "hotsoak help COMMAND tells more of one.\n"
	       "Exit status: 0 PASS, 1 FAIL, 77 SKIP, 2 BROKEN and bad usage.\n");
}

static int set_nothing(const struct hs_option *o, const char *arg, void *ctx)
{
	return -EINVAL;	/* there are no options but --help */
}

static int help_main(int argc, char **argv)
{
	int first = hs_command_parse(&hs_cmd_help, argc, argv, set_nothing, NULL);
	const struct hs_command *cmd;

	if (first < 0)
		return HS_EXIT_BROKEN;
	if (argc - first > 1) {
		hs_command_error(&hs_cmd_help, "one command at a time, not also \"%s\"",
				 argv[first + 1]);
		return HS_EXIT_BROKEN;
	}
	if (first == argc) {
		print_overview();
		return HS_EXIT_PASS;
	}
	cmd = find_command(argv[first]);
	if (!cmd)
		return unknown_command(argv[first]);
	hs_command_help(cmd);
	return HS_EXIT_PASS;
}

const struct hs_command hs_cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "Tells what there is, or more of one command",
	.main = help_main,
};

static int completion_main(int argc, char **argv)
{
	return hs_completion_main(hs_commands, argc, argv);
}

const struct hs_command hs_cmd_completion = {
	.name = "completion",
	.args = "[scenarios]",
	.summary = "Prints the tables for the completion of bash",
	.hidden = true,
	.main = completion_main,
};

/* A full disk or a closed pipe must not look like a table that was printed. */
static int close_stdout(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		hs_command_error(NULL, "standard output cannot be written: %s", strerror(errno));
	return status == HS_EXIT_PASS ? HS_EXIT_BROKEN : status;
}

int main(int argc, char **argv)
{
	const struct hs_command *cmd;

	/* For the width of characters in tables; numbers stay C's. */
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		hs_command_error(NULL, "no command; see hotsoak help");
		return HS_EXIT_BROKEN;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("hotsoak %s\n", HOTSOAK_VERSION);
		return close_stdout(HS_EXIT_PASS);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_overview();
		return close_stdout(HS_EXIT_PASS);
	}
	if (argv[1][0] == '-') {
		hs_command_error(NULL, "unknown option %s before a command; see hotsoak help",
				 argv[1]);
		return HS_EXIT_BROKEN;
	}
	cmd = find_command(argv[1]);
	if (!cmd)
		return unknown_command(argv[1]);
	return close_stdout(cmd->main(argc - 1, argv + 1));
}
