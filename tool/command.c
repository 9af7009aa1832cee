// SPDX-License-Identifier: GPL-2.0-only
/* Options and help of every command, both from its table. */
#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "nearest.h"

/* getopt_long's value for the option with index 0; letters stay below. */
#define FIRST_VALUE 256

static const struct hs_option help_option = { "help", 'h', NULL, "show this and exit" };

static char *error_text;	/* NULL: stderr */
static size_t error_text_bytes;

void hs_command_error_to(char *text, size_t text_bytes)
{
	error_text = text;
	error_text_bytes = text_bytes;
}

void hs_command_error(const struct hs_command *cmd, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* What a user or a file wrote may hold anything; it stays one line. */
	for (char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	if (error_text) {
		snprintf(error_text, error_text_bytes, "%s", text);
		return;
	}
	fprintf(stderr, "hotsoak%s%s: %s\n", cmd ? " " : "", cmd ? cmd->name : "", text);
}

static void print_option(const struct hs_option *o)
{
	char left[64], letter[8] = "    ";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
		 o->arg ? o->arg : "");
	printf("  %-28s %s\n", left, o->help);
}

void hs_command_help(const struct hs_command *cmd)
{
	printf("Usage: hotsoak %s%s%s%s\n%s.\n\nOptions:\n", cmd->name,
	       cmd->options && cmd->options->name ? " [OPTION]..." : "",
	       cmd->args && *cmd->args ? " " : "", cmd->args ? cmd->args : "", cmd->summary);
	for (const struct hs_option *o = cmd->options; o && o->name; o++)
		print_option(o);
	print_option(&help_option);
}

static size_t count_options(const struct hs_command *cmd)
{
	size_t nr = 0;

	while (cmd->options && cmd->options[nr].name)
		nr++;
	return nr;
}

/* Which option a refused one was meant to be. */
static void unknown_option(const struct hs_command *cmd, const char *word)
{
	_cleanup_free_ char *name = NULL;
	struct hs_nearest near;
	const char *best;

	if (strncmp(word, "--", 2)) {
		hs_command_error(cmd, "unknown option -%c; see hotsoak %s --help", optopt,
				 cmd->name);
		return;
	}
	name = strndup(word + 2, strcspn(word + 2, "="));
	if (!name)
		return;
	hs_nearest_init(&near, name);
	hs_nearest_offer(&near, help_option.name);
	for (const struct hs_option *o = cmd->options; o && o->name; o++)
		hs_nearest_offer(&near, o->name);
	best = hs_nearest_get(&near);
	if (best)
		hs_command_error(cmd, "unknown option --%s; did you mean --%s?", name, best);
	else
		hs_command_error(cmd, "unknown option --%s; see hotsoak %s --help", name,
				 cmd->name);
}

/* @value is a letter of the table or FIRST_VALUE and an index. */
static const struct hs_option *find_option(const struct hs_command *cmd, int value)
{
	if (value >= FIRST_VALUE)
		return (size_t)(value - FIRST_VALUE) < count_options(cmd) ?
		       &cmd->options[value - FIRST_VALUE] : &help_option;
	for (const struct hs_option *o = cmd->options; o && o->name; o++)
		if (value && o->letter == value)
			return o;
	return value == help_option.letter ? &help_option : NULL;
}

/* getopt's way of saying '?' and ':' needs words for each case. */
static int refused(const struct hs_command *cmd, int c, char **argv)
{
	const struct hs_option *o = find_option(cmd, optopt);

	if (o && c == ':')
		hs_command_error(cmd, "option --%s needs a value: --%s %s", o->name, o->name,
				 o->arg);
	else if (o)
		hs_command_error(cmd, "option --%s takes no value", o->name);
	else
		unknown_option(cmd, argv[optind - 1]);
	return -EINVAL;
}

static int parse(const struct hs_command *cmd, int argc, char **argv,
		 const struct option *longs, const char *shorts,
		 int (*set)(const struct hs_option *o, const char *arg, void *ctx), void *ctx)
{
	const struct hs_option *o;
	int c, r;

	opterr = 0;
	optind = 0;	/* 0, not 1: glibc then forgets an earlier command line */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			return refused(cmd, c, argv);
		o = find_option(cmd, c);
		if (o == &help_option) {
			hs_command_help(cmd);
			exit(HS_EXIT_PASS);
		}
		r = set(o, optarg, ctx);
		if (r < 0)
			return r;
	}
	return optind;
}

int hs_command_parse(const struct hs_command *cmd, int argc, char **argv,
		     int (*set)(const struct hs_option *o, const char *arg, void *ctx),
		     void *ctx)
{
	size_t nr = count_options(cmd), at = 0;
	_cleanup_free_ struct option *longs = calloc(nr + 2, sizeof(*longs));
	/* ':' first, two for each letter and its ':', "h" and the end. */
	_cleanup_free_ char *shorts = calloc(1, 2 * nr + 3);

	if (!longs || !shorts)
		return -ENOMEM;
	shorts[at++] = ':';
	for (size_t i = 0; i <= nr; i++) {
		const struct hs_option *o = i < nr ? &cmd->options[i] : &help_option;

		longs[i].name = o->name;
		longs[i].has_arg = o->arg ? required_argument : no_argument;
		longs[i].val = FIRST_VALUE + (int)i;
		if (!o->letter || memchr(shorts, o->letter, at))
			continue;
		shorts[at++] = o->letter;
		if (o->arg)
			shorts[at++] = ':';
	}
	return parse(cmd, argc, argv, longs, shorts, set, ctx);
}
