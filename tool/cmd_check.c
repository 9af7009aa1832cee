// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak check: what this machine can run and why not; touches nothing. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "jsonval.h"
#include "machine.h"

struct check {
	const char *scenario, *sysroot;
	bool json;
};

static const struct hs_option options[] = {
	{ "json", 'J', NULL, "as JSON" },
	{ "scenario", 0, "NAME", "what to check for; default: offline-soak" },
	{ "sysroot", 's', "DIR", "look at the /sys and /proc below DIR" },
	{ NULL, 0, NULL, NULL },
};

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct check *c = ctx;

	if (o->letter == 'J')
		c->json = true;
	else if (o->letter == 's')
		c->sysroot = arg;
	else
		c->scenario = arg;
	return 0;
}

static int load_scenario(const char *name, struct hs_scenario *s)
{
	char path[PATH_MAX], err[PATH_MAX + 512];
	int r = hs_scenario_find(name, path, sizeof(path));

	if (r == -ENOENT) {
		hs_command_error(&hs_cmd_check, "there is no scenario \"%s\"; hotsoak scenarios shows those that are there",
				 name);
		return r;
	}
	if (r < 0) {
		hs_command_error(&hs_cmd_check, "scenario \"%s\" cannot be read: %s", name,
				 strerror(-r));
		return r;
	}
	r = hs_scenario_load(s, path, err, sizeof(err));
	if (r < 0)
		hs_command_error(&hs_cmd_check, "%s", err);
	return r;
}

static void print_lines(const struct hs_machine *m, const struct hs_scenario *s)
{
	char words[512];

	for (const struct hs_machine_item *i = hs_machine_items; i->name; i++) {
		enum hs_item_status status = i->look(m, s, words, sizeof(words));

		printf("%-4s  %s: %s\n", hs_item_status_names[status], i->name, words);
	}
}

static void print_json(const struct hs_machine *m, const struct hs_scenario *s, bool ready)
{
	struct json_object *o = json_object_new_object(), *items = json_object_new_array();
	char words[512];

	for (const struct hs_machine_item *i = hs_machine_items; i->name; i++) {
		enum hs_item_status status = i->look(m, s, words, sizeof(words));
		struct json_object *item = json_object_new_object();

		json_object_object_add(item, "item", json_object_new_string(i->name));
		json_object_object_add(item, "status",
				       json_object_new_string(hs_item_status_names[status]));
		json_object_object_add(item, "words", hs_json_text(words));
		json_object_array_add(items, item);
	}
	json_object_object_add(o, "scenario", hs_json_text(s->name));
	json_object_object_add(o, "ready", json_object_new_boolean(ready));
	json_object_object_add(o, "items", items);
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
				JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static int check(const struct check *c, const struct hs_scenario *s)
{
	struct hs_machine m;
	unsigned int lacks;
	char names[256];
	int r = hs_machine_init(&m, c->sysroot);

	if (r < 0) {
		hs_command_error(&hs_cmd_check, "%s/sys/devices/system/memory cannot be read: %s",
				 c->sysroot ? c->sysroot : "", strerror(-r));
		return HS_EXIT_BROKEN;
	}
	lacks = hs_machine_lacks(&m, s, names, sizeof(names));
	if (c->json)
		print_json(&m, s, !lacks);
	else
		print_lines(&m, s);
	hs_machine_deinit(&m);
	if (!lacks)
		return HS_EXIT_PASS;
	/* The message comes last, also where both go to one file. */
	fflush(stdout);
	hs_command_error(&hs_cmd_check, "%s cannot run here, missing: %s", s->name, names);
	return HS_EXIT_SKIP;
}

static int check_main(int argc, char **argv)
{
	struct check c = { .scenario = "offline-soak" };
	struct hs_scenario s;
	int first = hs_command_parse(&hs_cmd_check, argc, argv, set, &c);

	if (first < 0)
		return HS_EXIT_BROKEN;
	if (first < argc) {
		hs_command_error(&hs_cmd_check, "unexpected argument \"%s\"; a scenario is named with --scenario",
				 argv[first]);
		return HS_EXIT_BROKEN;
	}
	return load_scenario(c.scenario, &s) < 0 ? HS_EXIT_BROKEN : check(&c, &s);
}

const struct hs_command hs_cmd_check = {
	.name = "check",
	.args = "",
	.summary = "Tells what this machine can run and why not; touches nothing",
	.options = options,
	.main = check_main,
};
