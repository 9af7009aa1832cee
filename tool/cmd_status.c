// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak status: what is soaking here, in a daemon or in the foreground. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd_ask.h"

struct status {
	const char *sysroot;
	bool follow, json;
};

enum { O_FOLLOW, O_JSON, O_SYSROOT };

static const struct hs_option options[] = {
	[O_FOLLOW] = { "follow", 'f', NULL, "a line a second until the end, then the verdict's" },
	[O_JSON] = { "json", 'J', NULL, "the lines of the control socket as they are" },
	[O_SYSROOT] = { "sysroot", 0, "DIR", "ask at the socket below this tree" },
	{ NULL, 0, NULL, NULL },
};

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct status *s = ctx;

	switch (o - options) {
	case O_FOLLOW:	s->follow = true; break;
	case O_JSON:	s->json = true; break;
	default:	s->sysroot = arg; break;
	}
	return 0;
}

static void print_flight(struct json_object *answer)
{
	struct json_object *flight = NULL, *block = NULL, *for_s = NULL;

	if (!json_object_object_get_ex(answer, "in_flight", &flight) || !flight) {
		printf("nothing in the kernel\n");
		return;
	}
	json_object_object_get_ex(flight, "block", &block);
	json_object_object_get_ex(flight, "for_s", &for_s);
	printf("in the kernel for %.3f s: %s of memory%d\n", json_object_get_double(for_s),
	       hs_ask_text(flight, "operation"), json_object_get_int(block));
}

static void print_status(struct json_object *answer)
{
	struct json_object *run = NULL, *pid = NULL, *seed = NULL, *last = NULL;
	const char *record;

	json_object_object_get_ex(answer, "pid", &pid);
	printf("%s (pid %d): %s", hs_ask_text(answer, "mode"), json_object_get_int(pid),
	       hs_ask_text(answer, "state"));
	if (json_object_object_get_ex(answer, "run", &run)) {
		json_object_object_get_ex(run, "seed", &seed);
		record = hs_ask_text(run, "record");
		printf(" %s, seed %s, blocks %s, %s%s\n%s\n", hs_ask_text(run, "scenario"),
		       json_object_get_string(seed), hs_ask_text(run, "blocks"),
		       *record ? "record in " : "no record", record, hs_ask_text(answer, "text"));
		print_flight(answer);
	} else {
		printf("\n");
	}
	if (json_object_object_get_ex(answer, "last", &last) && last)
		printf("last run: %s\n", hs_ask_text(last, "line"));
}

/* One answer in the form that was asked for; the status to end with, or -1. */
static int show(const struct status *s, struct json_object *answer)
{
	bool idle = !strcmp(hs_ask_text(answer, "state"), "idle");
	int status = -1;

	if (s->json)
		printf("%s\n", json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	if (hs_ask_is(answer, "end")) {
		struct json_object *verdict = NULL;

		json_object_object_get_ex(answer, "status", &verdict);
		status = s->json ? json_object_get_int(verdict) : hs_ask_verdict(answer);
	} else if (hs_ask_is(answer, "progress")) {
		if (!s->json)
			printf("%s\n", hs_ask_text(answer, "text"));
	} else {
		if (!s->json)
			print_status(answer);
		if (!s->follow || idle)
			status = HS_EXIT_PASS;
	}
	return status;
}

static int await(const struct status *s, struct hs_client *c)
{
	unsigned int timeout_s = HS_ASK_TIMEOUT_S;
	struct json_object *answer;
	int status;

	for (;;) {
		status = hs_ask_answer(&hs_cmd_status, c, timeout_s, &answer);
		if (status)
			return status;
		status = show(s, answer);
		json_object_put(answer);
		if (status >= 0)
			return status;
		/* Whoever reads a pipe wants the line now. A reader that went away
		 * is told by main(). */
		if (fflush(stdout) < 0)
			return HS_EXIT_BROKEN;
		timeout_s = 0;
	}
}

static int status_main(int argc, char **argv)
{
	static struct hs_client client;
	struct status s = { 0 };
	int operand = hs_command_parse(&hs_cmd_status, argc, argv, set, &s), status;
	struct json_object *request;

	if (operand < 0)
		return HS_EXIT_BROKEN;
	if (operand < argc) {
		hs_command_error(&hs_cmd_status, "takes no argument, not %s", argv[operand]);
		return HS_EXIT_BROKEN;
	}
	request = json_object_new_object();
	json_object_object_add(request, "do", json_object_new_string("status"));
	json_object_object_add(request, "follow", json_object_new_boolean(s.follow));
	status = hs_ask(&hs_cmd_status, &client, s.sysroot, request);
	json_object_put(request);
	if (status)
		return status;
	status = await(&s, &client);
	hs_client_deinit(&client);
	return status;
}

const struct hs_command hs_cmd_status = {
	.name = "status",
	.summary = "Shows what is soaking here, in a daemon or in the foreground",
	.options = options,
	.main = status_main,
};
