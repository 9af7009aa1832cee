// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak start: asks the daemon for a soak. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd_ask.h"
#include "run.h"

struct start {
	const char *sysroot;
	struct json_object *options;
};

/* What the daemon would take for a path of its own. */
static int absolute(const char *path, char *full, size_t full_bytes)
{
	char cwd[4096];
	int n;

	if (path[0] == '/')
		n = snprintf(full, full_bytes, "%s", path);
	else if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	else
		n = snprintf(full, full_bytes, "%s/%s", cwd, path);
	return n < 0 || (size_t)n >= full_bytes ? -ENAMETOOLONG : 0;
}

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct start *s = ctx;
	struct json_object *list;
	char path[4096];
	int r;

	if (o == &hs_run_options[O_SYSROOT]) {
		s->sysroot = arg;
		return 0;
	}
	if (o == &hs_run_options[O_RECORD] || o == &hs_run_options[O_REPLAY]) {
		r = absolute(arg, path, sizeof(path));
		if (r < 0) {
			hs_command_error(&hs_cmd_start, "--%s %s: %s", o->name, arg, strerror(-r));
			return r;
		}
		arg = path;
	}
	if (o == &hs_run_options[O_ALLOW]) {
		if (!json_object_object_get_ex(s->options, o->name, &list)) {
			list = json_object_new_array();
			json_object_object_add(s->options, o->name, list);
		}
		return json_object_array_add(list, json_object_new_string(arg));
	}
	return json_object_object_add(s->options, o->name, arg ? json_object_new_string(arg) :
				      json_object_new_boolean(true));
}

static void started(struct json_object *answer)
{
	struct json_object *run = NULL, *seed = NULL;

	json_object_object_get_ex(answer, "run", &run);
	json_object_object_get_ex(run, "seed", &seed);
	printf("hotsoak: started %s, seed %s, blocks %s; record in %s, watch it with hotsoak status --follow\n",
	       hs_ask_text(run, "scenario"), seed ? json_object_get_string(seed) : "?",
	       hs_ask_text(run, "blocks"), hs_ask_text(run, "record"));
}

static int ask(struct start *s, const char *scenario)
{
	struct json_object *request = json_object_new_object(), *answer = NULL;
	static struct hs_client client;
	int status;

	json_object_object_add(request, "do", json_object_new_string("start"));
	json_object_object_add(request, "scenario", json_object_new_string(scenario));
	json_object_object_add(request, "options", json_object_get(s->options));
	status = hs_ask(&hs_cmd_start, &client, s->sysroot, request);
	json_object_put(request);
	if (status)
		return status;
	status = hs_ask_answer(&hs_cmd_start, &client, HS_ASK_TIMEOUT_S, &answer);
	if (!status && hs_ask_is(answer, "end"))
		status = hs_ask_verdict(answer);
	else if (!status)
		started(answer);
	json_object_put(answer);
	hs_client_deinit(&client);
	return status;
}

static int start_main(int argc, char **argv)
{
	struct start s = { .options = json_object_new_object() };
	int operand = hs_command_parse(&hs_cmd_start, argc, argv, set, &s);
	int status = HS_EXIT_BROKEN;
	const char *scenario;
	char path[4096];

	if (operand < 0)
		goto out;
	scenario = operand < argc ? argv[operand] : s.options &&
		   json_object_object_get_ex(s.options, "replay", NULL) ? "" : NULL;
	if (!scenario || argc - operand > 1 || (operand < argc &&
	    json_object_object_get_ex(s.options, "replay", NULL))) {
		hs_command_error(&hs_cmd_start, "expected one scenario, or --replay alone: hotsoak scenarios lists them");
		goto out;
	}
	if (strchr(scenario, '/')) {
		if (absolute(scenario, path, sizeof(path)) < 0) {
			hs_command_error(&hs_cmd_start, "%s: the path is too long", scenario);
			goto out;
		}
		scenario = path;
	}
	status = ask(&s, scenario);
out:
	json_object_put(s.options);
	return status;
}

const struct hs_command hs_cmd_start = {
	.name = "start",
	.args = "SCENARIO",
	.summary = "Asks the daemon for a soak",
	.options = hs_run_options + O_START_FIRST,
	.main = start_main,
};
