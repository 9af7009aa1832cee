/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control socket's server: SYSROOT/run/hotsoak/control on an sd-event loop.
 *
 * It serves a soak that must not notice: nothing here blocks or allocates for a
 * peer without a limit, its event sources come after all others, and a client
 * that is too much in any way is dropped. Each connection carries one request,
 * so that the rate of connections bounds everything else.
 */
#ifndef HS_SERVER_H
#define HS_SERVER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#define HS_SERVER_VERSION	1	/* of the protocol, member "hotsoak" of each line */
#define HS_SERVER_DIR		"/run/hotsoak"
#define HS_SERVER_SOCKET	"control"

#define HS_SERVER_CLIENTS	16
#define HS_SERVER_REQUEST_BYTES	8192	/* with its newline */
#define HS_SERVER_PENDING_BYTES	32768	/* answered and not yet read */
#define HS_SERVER_CONNECTS_PER_S 100
#define HS_SERVER_CONNECTS_BURST 32	/* at once, after a quiet second */
#define HS_SERVER_PATIENCE_S	3	/* for a whole request; for a reader to move */

struct json_object;
struct hs_server;
struct hs_server_client;

/* What a client that stays gets; a mask. */
enum hs_server_wish {
	HS_SERVER_PROGRESS = 1,		/* a line a second */
	HS_SERVER_END = 2,		/* the line that tells the end, the last one */
};

/*
 * One request of @client, an object of the right version. Answer it with
 * hs_server_answer(); without hs_server_keep() that is all that the client gets.
 * @client is valid until the callback returns. It may not free the server.
 */
typedef void (*hs_server_request_fn)(struct hs_server_client *client,
				     struct json_object *request, void *ctx);

/*
 * Opens the socket, 0600 in a directory 0700, both made when they are missing. It
 * belongs to the one who holds a flock on the directory: -EADDRINUSE while that
 * is somebody else; what a killed server left behind is taken over. -EPERM: the
 * directory belongs to another user. @sysroot "" or NULL: this system.
 */
int hs_server_new(struct hs_server **s, sd_event *event, const char *sysroot,
		  hs_server_request_fn request, void *ctx);

/* What clients have not read by now is lost to them. Accepts NULL. */
void hs_server_free(struct hs_server *s);

/* One line to the client. @line stays the caller's and needs no version. */
void hs_server_answer(struct hs_server_client *client, struct json_object *line);

/* The client stays for hs_server_tell(). */
void hs_server_keep(struct hs_server_client *client, unsigned int wishes);

/* One line to all clients that stay for it; after HS_SERVER_END they are done. */
void hs_server_tell(struct hs_server *s, enum hs_server_wish wish, struct json_object *line);

/* Does anybody wait for it? Saves making the line. */
bool hs_server_is_awaited(const struct hs_server *s, enum hs_server_wish wish);

/* Now connected. */
unsigned int hs_server_clients(const struct hs_server *s);

#endif
