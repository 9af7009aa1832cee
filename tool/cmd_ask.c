// SPDX-License-Identifier: GPL-2.0-only
/* What start, stop and status share. */
#include "cmd_ask.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "jsonval.h"
#include "server.h"

const char *hs_ask_text(struct json_object *o, const char *key)
{
	struct json_object *text;

	if (!json_object_object_get_ex(o, key, &text) ||
	    !json_object_is_type(text, json_type_string))
		return "";
	return json_object_get_string(text);
}

bool hs_ask_is(struct json_object *answer, const char *name)
{
	return !strcmp(hs_ask_text(answer, "answer"), name);
}

static int status_of(struct json_object *o)
{
	uint64_t status;

	return hs_json_get_u64(o, "status", &status) < 0 || status > 255 ? HS_EXIT_BROKEN :
									   (int)status;
}

int hs_ask_verdict(struct json_object *end)
{
	printf("%s\n", hs_ask_text(end, "line"));
	return status_of(end);
}

/* Why there is no connection, and what to do. */
static int not_there(const struct hs_command *cmd, const char *sysroot, int r)
{
	const char *root = sysroot ? sysroot : "";

	switch (-r) {
	case ENOENT:
	case ECONNREFUSED:
		hs_command_error(cmd, "nothing is soaking and no daemon waits at %s" HS_SERVER_DIR "/" HS_SERVER_SOCKET ": systemctl start hotsoak, or hotsoak run",
				 root);
		return HS_EXIT_SKIP;
	case EACCES:
	case EPERM:
		hs_command_error(cmd, "connecting to %s" HS_SERVER_DIR "/" HS_SERVER_SOCKET ": %s: only root may ask, use sudo",
				 root, strerror(-r));
		return HS_EXIT_BROKEN;
	default:
		hs_command_error(cmd, "connecting to %s" HS_SERVER_DIR "/" HS_SERVER_SOCKET ": %s",
				 root, strerror(-r));
		return HS_EXIT_BROKEN;
	}
}

int hs_ask(const struct hs_command *cmd, struct hs_client *c, const char *sysroot,
	   struct json_object *request)
{
	int r = hs_client_init(c, sysroot);

	if (r < 0)
		return not_there(cmd, sysroot, r);
	r = hs_client_ask(c, request);
	/* Refused before it was read, as when there are too many: the answer says so. */
	if (!r || r == -EPIPE)
		return 0;
	hs_command_error(cmd, "sending the request: %s", strerror(-r));
	hs_client_deinit(c);
	return HS_EXIT_BROKEN;
}

int hs_ask_answer(const struct hs_command *cmd, struct hs_client *c, unsigned int timeout_s,
		  struct json_object **answer)
{
	int r = hs_client_answer(c, timeout_s, answer), status;

	if (r == -EPIPE)
		hs_command_error(cmd, "the other side hung up before it answered: see hotsoak list for blocks that are away, and journalctl -u hotsoak");
	else if (r == -EAGAIN)
		hs_command_error(cmd, "no answer for %u seconds: see journalctl -u hotsoak",
				 timeout_s);
	else if (r == -EBADMSG)
		hs_command_error(cmd, "the answer is none that this hotsoak knows: use one version of it on both sides");
	else if (r < 0)
		hs_command_error(cmd, "reading the answer: %s", strerror(-r));
	if (r < 0)
		return HS_EXIT_BROKEN;
	if (!hs_ask_is(*answer, "error"))
		return 0;
	status = status_of(*answer);
	hs_command_error(cmd, "%s", hs_ask_text(*answer, "error"));
	json_object_put(*answer);
	*answer = NULL;
	return status ? status : HS_EXIT_BROKEN;
}
