/* SPDX-License-Identifier: GPL-2.0-only */
/* The command table: each cmd_*.c ends in one of these. */
#ifndef HS_COMMAND_H
#define HS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#define HS_EXIT_PASS	0
#define HS_EXIT_FAIL	1
#define HS_EXIT_BROKEN	2	/* also: usage errors */
#define HS_EXIT_SKIP	77

/* One option; the array ends with name == NULL. Help, parsing, the completion
 * and the check of the man page all read it. */
struct hs_option {
	const char *name;	/* long name without the dashes */
	char letter;		/* short form, 0: none */
	const char *arg;	/* metavariable, NULL: a flag */
	const char *help;	/* one line */
};

struct hs_command {
	const char *name;
	const char *args;	/* "[SCENARIO]" for the usage line */
	const char *summary;	/* one line */
	const struct hs_option *options;
	bool hidden;		/* for our own children and completion only */
	int (*main)(int argc, char **argv);	/* argv[0] is the name; gives exit status */
};

extern const struct hs_command hs_cmd_list, hs_cmd_check, hs_cmd_run, hs_cmd_scenarios,
	hs_cmd_restore, hs_cmd_daemon, hs_cmd_start, hs_cmd_stop, hs_cmd_status, hs_cmd_judge,
	hs_cmd_help, hs_cmd_completion, hs_cmd_operator, hs_cmd_pages,
	hs_cmd_hog, hs_cmd_probe, hs_cmd_tune, hs_cmd_resize, hs_cmd_poison, hs_cmd_reader,
	hs_cmd_compact, hs_cmd_stressors;

extern const struct hs_command *const hs_commands[];	/* ends with NULL */

/*
 * getopt_long(3) over @cmd->options: calls @set for each option with its table
 * entry and argument. --help prints and exits 0; a bad option prints one line
 * and returns -EINVAL; else the index of the first operand. When @set returns
 * a negative errno it has said why with hs_command_error(), and that is returned.
 */
int hs_command_parse(const struct hs_command *cmd, int argc, char **argv,
		     int (*set)(const struct hs_option *o, const char *arg, void *ctx),
		     void *ctx);

/* What --help prints. */
void hs_command_help(const struct hs_command *cmd);

/* "hotsoak CMD: message" on stderr, one line. */
void hs_command_error(const struct hs_command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * From here on the message, without its beginning and its newline, goes to @text,
 * the last one stays: a daemon answers its client with what the command would have
 * said. NULL: to stderr again.
 */
void hs_command_error_to(char *text, size_t text_bytes);

#endif
