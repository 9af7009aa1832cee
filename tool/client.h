/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of the control socket, for commands: it blocks, within limits. */
#ifndef HS_CLIENT_H
#define HS_CLIENT_H

#include <stddef.h>

struct json_object;

struct hs_client {
	int fd;			/* -1: not connected */
	size_t bytes;		/* in buf */
	char buf[65536];
};

/*
 * Connects to SYSROOT/run/hotsoak/control. -ENOENT and -ECONNREFUSED: nobody
 * serves there; -EACCES: only root may ask; -EAGAIN: it did not accept in time.
 */
int hs_client_init(struct hs_client *c, const char *sysroot);
void hs_client_deinit(struct hs_client *c);

/* Sends the one request of this connection; the version is added to it. */
int hs_client_ask(struct hs_client *c, struct json_object *request);

/*
 * The next line; the caller owns @answer. -EPIPE: the server hung up; -EAGAIN:
 * nothing within @timeout_s seconds (0: for ever); -EBADMSG: no line of ours.
 */
int hs_client_answer(struct hs_client *c, unsigned int timeout_s, struct json_object **answer);

#endif
