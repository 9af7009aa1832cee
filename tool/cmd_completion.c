// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak completion: the tables as a function of bash, for tool/install/hotsoak.bash. */
#include "cmd_completion.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "invariant.h"
#include "scenario.h"
#include "verdict.h"

/*
 * What stands for an option, for its metavariable or for an operand: kinds of
 * words. Those that are not printed below, bash knows how to find.
 */
static const struct { const char *what, *kinds; } kinds[] = {
	{ "allow", "scenarios controls" },
	{ "blocks", "blocks" },
	{ "control", "controls" },
	{ "ended", "endings" },
	{ "invariants", "invariants" },
	{ "node", "nodes" },
	{ "policy", "policies" },
	{ "scenario", "scenarios" },
	{ "BLOCK", "blocks" },
	{ "COMMAND", "commands" },
	{ "DIR", "directories" },
	{ "RUNDIR", "directories" },
	{ "SCENARIO", "scenarios" },
};

static const char *find_kinds(const char *what, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].what) == len && !strncmp(kinds[i].what, what, len))
			return kinds[i].kinds;
	return "";
}

static const char *option_kinds(const struct hs_option *o)
{
	const char *found = find_kinds(o->name, strlen(o->name));

	return *found ? found : find_kinds(o->arg, strlen(o->arg));
}

/* "[SCENARIO]" and "DIR..." are a SCENARIO and a DIR. */
static const char *operand_kinds(const char *args)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (!args)
		return "";
	args += strcspn(args, upper);
	return find_kinds(args, strspn(args, upper));
}

static void print_command(const struct hs_command *cmd)
{
	printf("\t'operand %s')\techo '%s' ;;\n", cmd->name, operand_kinds(cmd->args));
	printf("\t'options %s')\techo '", cmd->name);
	for (const struct hs_option *o = cmd->options; o && o->name; o++)
		printf("--%s ", o->name);
	printf("--help' ;;\n");
	for (const struct hs_option *o = cmd->options; o && o->name; o++) {
		if (!o->arg)
			continue;
		if (o->letter)
			printf("\t'value %s -%c'|", cmd->name, o->letter);
		printf("%s'value %s --%s')\techo '%s' ;;\n", o->letter ? "" : "\t",
		       cmd->name, o->name, option_kinds(o));
	}
}

static void print_table(const struct hs_command *const *commands)
{
	printf("# KIND, or \"options COMMAND\", \"operand COMMAND\" and \"value COMMAND OPTION\";\n"
	       "# the last fails for an option that takes none.\n"
	       "_hotsoak_table()\n{\n\tcase $1 in\n\tcommands)\techo '");
	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			printf("%s%s", i ? " " : "", commands[i]->name);
	printf("' ;;\n\tcontrols)\techo '");
	for (const struct hs_control_desc *c = hs_controls; c->name; c++)
		printf("%s%s", c == hs_controls ? "" : " ", c->name);
	printf("' ;;\n\tinvariants)\techo '");
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		printf("%s%s", i ? " " : "", hs_invariants[i].id);
	printf("' ;;\n\tpolicies)\techo '");
	for (size_t i = 0; hs_policy_names[i]; i++)
		printf("%s%s", i ? " " : "", hs_policy_names[i]);
	printf("' ;;\n\tendings)\techo '");
	for (int i = 0; i < HS_NR_ENDINGS; i++)
		printf("%s%s", i ? " " : "", hs_ending_names[i]);
	printf("' ;;\n");
	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			print_command(commands[i]);
	printf("\t*)\treturn 1 ;;\n\tesac\n}\n");
}

static int print_scenario(const char *name, const char *path, void *ctx)
{
	printf("%s\n", name);
	return 0;
}

int hs_completion_main(const struct hs_command *const *commands, int argc, char **argv)
{
	int r;

	if (argc == 1) {
		print_table(commands);
		return HS_EXIT_PASS;
	}
	if (argc > 2 || strcmp(argv[1], "scenarios")) {
		hs_command_error(NULL, "completion: expected nothing or \"scenarios\"");
		return HS_EXIT_BROKEN;
	}
	r = hs_scenario_each(print_scenario, NULL);
	if (r < 0)
		hs_command_error(NULL, "completion: the scenarios cannot be listed: %s",
				 strerror(-r));
	return r < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}
