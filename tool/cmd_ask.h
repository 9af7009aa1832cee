/* SPDX-License-Identifier: GPL-2.0-only */
/* What start, stop and status share: asking whoever soaks, and telling the answer. */
#ifndef HS_CMD_ASK_H
#define HS_CMD_ASK_H

#include "client.h"
#include "command.h"

struct json_object;

/*
 * Connects and sends @request, which stays the caller's. 0, or the status to exit
 * with, told why: HS_EXIT_SKIP when nobody serves there.
 */
int hs_ask(const struct hs_command *cmd, struct hs_client *c, const char *sysroot,
	   struct json_object *request);

/* The next answer; waits @timeout_s seconds for it (0: for ever). As hs_ask(). */
int hs_ask_answer(const struct hs_command *cmd, struct hs_client *c, unsigned int timeout_s,
		  struct json_object **answer);

/* Is @answer the one of this name? */
bool hs_ask_is(struct json_object *answer, const char *name);

/* A member of @o that is a string; "" when there is none. */
const char *hs_ask_text(struct json_object *o, const char *key);

/* The verdict's line to stdout; gives its status. For "end" and for "last". */
int hs_ask_verdict(struct json_object *end);

#define HS_ASK_TIMEOUT_S 30	/* for an answer that comes at once, on a busy machine */

#endif
