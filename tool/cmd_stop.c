// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak stop: ends the soak in order and gives its verdict. */
#include <json-c/json.h>

#include "cmd_ask.h"

struct stop {
	const char *sysroot;
	bool now;
};

static const struct hs_option options[] = {
	{ "now", 0, NULL, "do not wait for the operation that is under way" },
	{ "sysroot", 0, "DIR", "ask at the socket below this tree" },
	{ NULL, 0, NULL, NULL },
};

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct stop *s = ctx;

	if (o == &options[0])
		s->now = true;
	else
		s->sysroot = arg;
	return 0;
}

/* "stopping", then nothing until every block is back, then "end". */
static int await_end(struct hs_client *c)
{
	struct json_object *answer;
	int status;

	for (;;) {
		status = hs_ask_answer(&hs_cmd_stop, c, 0, &answer);
		if (status)
			return status;
		if (hs_ask_is(answer, "end")) {
			status = hs_ask_verdict(answer);
			json_object_put(answer);
			return status;
		}
		json_object_put(answer);
	}
}

static int stop_main(int argc, char **argv)
{
	static struct hs_client client;
	struct stop s = { 0 };
	int operand = hs_command_parse(&hs_cmd_stop, argc, argv, set, &s), status;
	struct json_object *request;

	if (operand < 0)
		return HS_EXIT_BROKEN;
	if (operand < argc) {
		hs_command_error(&hs_cmd_stop, "takes no argument, not %s", argv[operand]);
		return HS_EXIT_BROKEN;
	}
	request = json_object_new_object();
	json_object_object_add(request, "do", json_object_new_string("stop"));
	json_object_object_add(request, "now", json_object_new_boolean(s.now));
	status = hs_ask(&hs_cmd_stop, &client, s.sysroot, request);
	json_object_put(request);
	if (status)
		return status;
	status = await_end(&client);
	hs_client_deinit(&client);
	return status;
}

const struct hs_command hs_cmd_stop = {
	.name = "stop",
	.summary = "Ends the soak, puts every block back and gives the verdict",
	.options = options,
	.main = stop_main,
};
