// SPDX-License-Identifier: GPL-2.0-only
/* What is served on the control socket: a soak's status, its stop, its start. */
#include "service.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jsonval.h"
#include "report_text.h"
#include "server.h"

#define NS_PER_S	1e9

struct hs_service {
	struct hs_service_config c;
	struct hs_server *server;
	bool running;
	struct hs_service_run run;	/* while running */
	/* The last one that ended. */
	bool has_last;
	struct hs_judgement judgement;
	char line[512];
};

static void put_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, text ? hs_json_text(text) : NULL);
}

static struct json_object *new_answer(const char *name)
{
	struct json_object *o = json_object_new_object();

	put_text(o, "answer", name);
	return o;
}

/* "32-35,40" */
static void blocks_text(const struct hs_target *t, char *text, size_t text_bytes)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0, next; i < t->nr && at < text_bytes; i = next) {
		unsigned long first = t->blk[i]->index;

		for (next = i + 1; next < t->nr; next++)
			if (t->blk[next]->index != first + (next - i))
				break;
		if (next - i > 1)
			at += (size_t)snprintf(text + at, text_bytes - at, "%s%lu-%lu",
					       at ? "," : "", first, t->blk[next - 1]->index);
		else
			at += (size_t)snprintf(text + at, text_bytes - at, "%s%lu",
					       at ? "," : "", first);
	}
}

static struct json_object *flight_to_json(const struct hs_progress *p)
{
	struct json_object *o;

	if (!p->in_flight)
		return NULL;
	o = json_object_new_object();
	put_text(o, "operation", hs_op_names[p->op]);
	json_object_object_add(o, "block", json_object_new_uint64(p->block));
	json_object_object_add(o, "for_s", hs_json_number((double)p->flight_ns / NS_PER_S));
	json_object_object_add(o, "signalled", json_object_new_boolean(p->signalled));
	return o;
}

static void put_progress(struct json_object *o, const struct hs_progress *p)
{
	const struct { const char *name; double value; } rate[] = {
		{ "elapsed_s", (double)p->elapsed_ns / NS_PER_S },
		{ "left_s", (double)p->left_ns / NS_PER_S },
		{ "transitions_per_s", p->transitions_per_s },
		{ "e1_per_s", p->e1_per_s },
		{ "e2_per_s", p->e2_per_s },
		{ "e3_per_s", p->e3_per_s },
	};
	char text[320];

	put_text(o, "state", p->phase == HS_PHASE_RESTORING ? "restoring" : "running");
	for (size_t i = 0; i < sizeof(rate) / sizeof(rate[0]); i++)
		json_object_object_add(o, rate[i].name, hs_json_number(rate[i].value));
	json_object_object_add(o, "violations",
			       json_object_new_uint64(hs_tally_violations(p->tally)));
	json_object_object_add(o, "in_flight", flight_to_json(p));
	hs_report_progress(p, text, sizeof(text));
	put_text(o, "text", text);
}

static struct json_object *run_to_json(const struct hs_service_run *run)
{
	struct json_object *o = json_object_new_object();
	char blocks[1024];

	blocks_text(run->target, blocks, sizeof(blocks));
	put_text(o, "scenario", run->info->scenario.name);
	json_object_object_add(o, "seed", json_object_new_uint64(run->info->seed));
	put_text(o, "kernel", run->info->kernel);
	put_text(o, "blocks", blocks);
	put_text(o, "control", run->control ? run->control->name : NULL);
	put_text(o, "record", run->record);
	return o;
}

static void put_end(struct json_object *o, const struct hs_judgement *j, const char *line)
{
	struct json_object *reasons = json_object_new_array();

	for (unsigned int i = 0; i < j->nr_reasons; i++)
		json_object_array_add(reasons, hs_json_text(j->reasons[i]));
	put_text(o, "verdict", hs_verdict_names[j->verdict]);
	json_object_object_add(o, "status", json_object_new_int(hs_verdict_status[j->verdict]));
	json_object_object_add(o, "reasons", reasons);
	put_text(o, "line", line);
}

static struct json_object *status_to_json(struct hs_service *s)
{
	struct json_object *o = new_answer("status"), *last = NULL;

	put_text(o, "mode", s->c.mode);
	json_object_object_add(o, "pid", json_object_new_int(getpid()));
	if (s->running) {
		const struct hs_progress *p = hs_soak_progress(s->run.soak);

		put_progress(o, p);
		json_object_object_add(o, "run", run_to_json(&s->run));
		json_object_object_add(o, "tally", hs_tally_to_json(p->tally, false));
	} else {
		put_text(o, "state", "idle");
	}
	if (s->has_last) {
		last = json_object_new_object();
		put_end(last, &s->judgement, s->line);
	}
	json_object_object_add(o, "last", last);
	return o;
}

/* ---- Requests -------------------------------------------------------------------- */

static void answer_put(struct hs_server_client *client, struct json_object *o)
{
	hs_server_answer(client, o);
	json_object_put(o);
}

/* @status: what the asking command exits with, as documented. */
static void refuse(struct hs_server_client *client, int status, const char *why)
{
	struct json_object *o = new_answer("error");

	json_object_object_add(o, "status", json_object_new_int(status));
	put_text(o, "error", why);
	answer_put(client, o);
}

/* A member that is missing is false. */
static bool flag(struct json_object *request, const char *key)
{
	bool value = false;

	hs_json_get_bool(request, key, &value);
	return value;
}

static void do_status(struct hs_service *s, struct hs_server_client *client,
		      struct json_object *request)
{
	answer_put(client, status_to_json(s));
	if (s->running && flag(request, "follow"))
		hs_server_keep(client, HS_SERVER_PROGRESS | HS_SERVER_END);
}

static void do_stop(struct hs_service *s, struct hs_server_client *client,
		    struct json_object *request)
{
	if (!s->running) {
		refuse(client, hs_verdict_status[HS_SKIP], "no soak is running");
		return;
	}
	answer_put(client, new_answer("stopping"));
	hs_server_keep(client, HS_SERVER_END);
	hs_soak_stop(s->run.soak, flag(request, "now"));
}

static void do_start(struct hs_service *s, struct hs_server_client *client,
		     struct json_object *request)
{
	char error[1024] = "";
	struct json_object *o;

	if (!s->c.start) {
		snprintf(error, sizeof(error),
			 "a run in the foreground (pid %d) is under way: one soak at a time",
			 getpid());
		refuse(client, 2, error);
		return;
	}
	if (s->running) {
		snprintf(error, sizeof(error),
			 "a soak of %s is under way: end it with hotsoak stop, or watch it with hotsoak status --follow",
			 s->run.info->scenario.name);
		refuse(client, 2, error);
		return;
	}
	if (s->c.start(request, error, sizeof(error), s->c.ctx) < 0) {
		refuse(client, 2, error);
		return;
	}
	if (s->running) {
		o = new_answer("started");
		json_object_object_add(o, "run", run_to_json(&s->run));
	} else {
		o = new_answer("end");
		put_end(o, &s->judgement, s->line);
	}
	answer_put(client, o);
}

static void on_request(struct hs_server_client *client, struct json_object *request, void *ctx)
{
	static const struct {
		const char *name;
		void (*act)(struct hs_service *s, struct hs_server_client *client,
			    struct json_object *request);
	} verbs[] = {
		{ "status", do_status }, { "stop", do_stop }, { "start", do_start },
	};
	char name[16];

	if (hs_json_get_text(request, "do", name, sizeof(name)) < 0)
		name[0] = '\0';
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name))
			continue;
		verbs[i].act(ctx, client, request);
		return;
	}
	refuse(client, 2, "the request's \"do\" is none of status, stop, start");
}

/* ---- The service ------------------------------------------------------------------ */

int hs_service_new(struct hs_service **out, sd_event *event, const struct hs_service_config *c)
{
	struct hs_service *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->c = *c;
	r = hs_server_new(&s->server, event, c->sysroot, on_request, s);
	if (r < 0) {
		free(s);
		return r;
	}
	*out = s;
	return 0;
}

void hs_service_free(struct hs_service *s)
{
	if (!s)
		return;
	hs_server_free(s->server);
	free(s);
}

void hs_service_began(struct hs_service *s, const struct hs_service_run *run)
{
	s->run = *run;
	s->running = true;
}

void hs_service_progress(struct hs_service *s, const struct hs_progress *p)
{
	struct json_object *o;

	if (!hs_server_is_awaited(s->server, HS_SERVER_PROGRESS))
		return;
	o = new_answer("progress");
	put_progress(o, p);
	hs_server_tell(s->server, HS_SERVER_PROGRESS, o);
	json_object_put(o);
}

void hs_service_ended(struct hs_service *s, const struct hs_judgement *j, const char *line)
{
	struct json_object *o = new_answer("end");

	s->running = false;
	s->has_last = true;
	s->judgement = *j;
	snprintf(s->line, sizeof(s->line), "%s", line);
	put_end(o, j, line);
	hs_server_tell(s->server, HS_SERVER_END, o);
	json_object_put(o);
}
