// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket's server.
 *
 * Of the peers only root and this process's own user get so far as to be read
 * from; the limits are there for their mistakes: a script that connects in a
 * loop, a status --follow whose terminal was stopped, a port scanner run as root.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "jsonval.h"

#define SECOND_NS	UINT64_C(1000000000)
#define CONNECT_NS	(SECOND_NS / HS_SERVER_CONNECTS_PER_S)
#define BACKLOG		HS_SERVER_CLIENTS
#define SEND_BYTES	16384	/* the kernel's share of what is pending */
#define JSON_DEPTH	8
/* Behind everything that the soak itself waits for. */
#define PRIORITY	SD_EVENT_PRIORITY_IDLE

struct hs_server_client {
	struct hs_server *server;
	int fd;				/* -1: the slot is free */
	sd_event_source *io;
	uint64_t since_ns;		/* connected, or the reader last moved */
	bool asked;			/* the request was read: nothing more is */
	bool doomed;			/* dropped at the next opportunity */
	unsigned int wishes;		/* enum hs_server_wish; 0: closed when all is sent */
	size_t in_bytes, out_bytes;
	char in[HS_SERVER_REQUEST_BYTES], out[HS_SERVER_PENDING_BYTES];
};

struct hs_server {
	sd_event *event;		/* a reference */
	int dir_fd;			/* flocked: the socket is ours */
	int fd;
	sd_event_source *io, *clock;	/* clock: patience, and accepting again */
	uint64_t connects_ns;		/* the time up to which connections are paid for */
	hs_server_request_fn request;
	void *ctx;
	/* Here, not allocated for each: memory may be what is short. */
	struct hs_server_client client[HS_SERVER_CLIENTS];
};

/* ---- The socket ----------------------------------------------------------------- */

static int dir_open(const char *sysroot)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	char path[512];
	int n;

	/* /run of a tree may be missing, too. */
	n = snprintf(path, sizeof(path), "%s/run", sysroot);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	n = snprintf(path, sizeof(path), "%s" HS_SERVER_DIR, sysroot);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid())
		return -EPERM;
	if (st.st_mode & 077 && fchmod(fd, 0700) < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	n = fd;
	fd = -1;
	return n;
}

static int socket_open(int dir_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int own;

	if (fd < 0)
		return -errno;
	if (unlinkat(dir_fd, HS_SERVER_SOCKET, 0) < 0 && errno != ENOENT)
		return -errno;
	/* The mode that bind(2) gives to the name. */
	if (fchmod(fd, 0600) < 0)
		return -errno;
	/* By the descriptor: a sysroot's path may be longer than sun_path. */
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/" HS_SERVER_SOCKET, dir_fd);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	own = fd;
	fd = -1;
	return own;
}

/* ---- Clients ---------------------------------------------------------------------- */

static void client_drop(struct hs_server_client *c)
{
	c->io = sd_event_source_disable_unref(c->io);
	close(c->fd);
	c->fd = -1;
	c->wishes = 0;
}

/* Appends one line; a client that has too much unread is not worth waiting for. */
static void client_put(struct hs_server_client *c, struct json_object *line)
{
	const char *text;
	size_t bytes;

	json_object_object_add(line, "hotsoak", json_object_new_int(HS_SERVER_VERSION));
	text = json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	bytes = text ? strlen(text) : sizeof(c->out);
	if (c->doomed || bytes >= sizeof(c->out) - c->out_bytes) {
		c->doomed = true;
		return;
	}
	if (!c->out_bytes)
		c->since_ns = hs_clock_ns();
	memcpy(c->out + c->out_bytes, text, bytes);
	c->out_bytes += bytes;
	c->out[c->out_bytes++] = '\n';
}

static void client_send(struct hs_server_client *c)
{
	while (c->out_bytes && !c->doomed) {
		ssize_t n = send(c->fd, c->out, c->out_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			c->doomed = true;
			return;
		}
		c->since_ns = hs_clock_ns();
		c->out_bytes -= (size_t)n;
		memmove(c->out, c->out + n, c->out_bytes);
	}
}

/* Sends what can be sent and closes a client that is done. */
static void client_settle(struct hs_server_client *c)
{
	uint32_t events = 0;

	client_send(c);
	if (c->doomed || (c->asked && !c->wishes && !c->out_bytes)) {
		client_drop(c);
		return;
	}
	if (!c->asked)
		events |= EPOLLIN;
	if (c->out_bytes)
		events |= EPOLLOUT;
	/* Hanging up is told whatever is asked for. */
	if (sd_event_source_set_io_events(c->io, events) < 0)
		client_drop(c);
}

static void client_refuse(struct hs_server_client *c, const char *why)
{
	struct json_object *o = json_object_new_object();

	c->asked = true;
	json_object_object_add(o, "answer", json_object_new_string("error"));
	json_object_object_add(o, "status", json_object_new_int(2));
	json_object_object_add(o, "error", json_object_new_string(why));
	client_put(c, o);
	json_object_put(o);
}

static void client_request(struct hs_server_client *c, size_t bytes)
{
	struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *o = NULL;
	uint64_t version;

	c->asked = true;
	if (!t) {
		client_refuse(c, "no memory for the request");
		return;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, c->in, (int)bytes);
	if (!o || json_tokener_get_error(t) != json_tokener_success ||
	    !json_object_is_type(o, json_type_object))
		client_refuse(c, "the request is no line with one JSON object");
	else if (hs_json_get_u64(o, "hotsoak", &version) < 0 || version != HS_SERVER_VERSION)
		client_refuse(c, "the request is of another version: it must hold \"hotsoak\": 1");
	else
		c->server->request(c, o, c->server->ctx);
	json_object_put(o);
	json_tokener_free(t);
}

static void client_read(struct hs_server_client *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_bytes, sizeof(c->in) - c->in_bytes, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Half a message, and nobody left to finish it. */
	if (n <= 0) {
		c->doomed = true;
		return;
	}
	end = memchr(c->in + c->in_bytes, '\n', (size_t)n);
	c->in_bytes += (size_t)n;
	if (end)
		client_request(c, (size_t)(end - c->in));
	else if (c->in_bytes == sizeof(c->in))
		client_refuse(c, "the request is too long");
}

static int client_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_server_client *c = userdata;

	(void)source;
	(void)fd;
	if (!c->asked && revents & EPOLLIN)
		client_read(c);
	else if (revents & (EPOLLHUP | EPOLLERR))
		c->doomed = true;
	/* Its own request may have brought the end of it. */
	if (c->fd >= 0)
		client_settle(c);
	return 0;
}

/* ---- Accepting --------------------------------------------------------------------- */

static bool peer_is_allowed(int fd)
{
	struct ucred peer;
	socklen_t bytes = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) &&
		(peer.uid == 0 || peer.uid == geteuid());
}

static void client_new(struct hs_server *s, int fd)
{
	static const char busy[] =
		"{\"hotsoak\":1,\"answer\":\"error\",\"status\":2,\"error\":\"too many clients are connected: try again\"}\n";
	struct hs_server_client *c = NULL;
	const int bytes = SEND_BYTES;

	for (size_t i = 0; i < HS_SERVER_CLIENTS && !c; i++)
		if (s->client[i].fd < 0)
			c = &s->client[i];
	if (!c) {
		/* Whether it gets there does not matter. */
		(void)!send(fd, busy, sizeof(busy) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		close(fd);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	*c = (struct hs_server_client){ .server = s, .fd = fd, .since_ns = hs_clock_ns() };
	if (sd_event_add_io(s->event, &c->io, fd, EPOLLIN, client_io, c) < 0 ||
	    sd_event_source_set_priority(c->io, PRIORITY) < 0)
		client_drop(c);
}

static void clock_in(struct hs_server *s, uint64_t ns)
{
	if (sd_event_source_set_time_relative(s->clock, ns / 1000) >= 0)
		sd_event_source_set_enabled(s->clock, SD_EVENT_ONESHOT);
}

/* Not now; the clock asks again. */
static void accept_pause(struct hs_server *s)
{
	sd_event_source_set_enabled(s->io, SD_EVENT_OFF);
	clock_in(s, SECOND_NS / 10);
}

static bool connect_is_due(struct hs_server *s, uint64_t now)
{
	if (s->connects_ns < now)
		s->connects_ns = now;
	if (s->connects_ns - now >= HS_SERVER_CONNECTS_BURST * CONNECT_NS)
		return false;
	s->connects_ns += CONNECT_NS;
	return true;
}

/* One at a time: the loop comes by again, after whatever is more urgent. */
static int server_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_server *s = userdata;
	int peer;

	(void)source;
	(void)revents;
	if (!connect_is_due(s, hs_clock_ns())) {
		accept_pause(s);
		return 0;
	}
	peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (peer < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			accept_pause(s);
		return 0;
	}
	if (!peer_is_allowed(peer)) {
		close(peer);
		return 0;
	}
	client_new(s, peer);
	if (sd_event_source_get_enabled(s->clock, NULL) == 0)
		clock_in(s, SECOND_NS);
	return 0;
}

static int server_clock(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hs_server *s = userdata;
	uint64_t now = hs_clock_ns();
	bool any = false;

	(void)source;
	(void)usec;
	sd_event_source_set_enabled(s->io, SD_EVENT_ON);
	for (size_t i = 0; i < HS_SERVER_CLIENTS; i++) {
		struct hs_server_client *c = &s->client[i];
		bool waits = c->fd >= 0 && (!c->asked || c->out_bytes);

		if (waits && now - c->since_ns >= HS_SERVER_PATIENCE_S * SECOND_NS)
			client_drop(c);
		any |= c->fd >= 0;
	}
	if (any)
		clock_in(s, SECOND_NS);
	return 0;
}

/* ---- The server ---------------------------------------------------------------------- */

int hs_server_new(struct hs_server **out, sd_event *event, const char *sysroot,
		  hs_server_request_fn request, void *ctx)
{
	struct hs_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->event = sd_event_ref(event);
	s->dir_fd = s->fd = -1;
	s->request = request;
	s->ctx = ctx;
	for (size_t i = 0; i < HS_SERVER_CLIENTS; i++)
		s->client[i].fd = -1;
	r = s->dir_fd = dir_open(sysroot ? sysroot : "");
	if (r >= 0)
		r = s->fd = socket_open(s->dir_fd);
	if (r >= 0)
		r = sd_event_add_time_relative(event, &s->clock, CLOCK_MONOTONIC, 0, 100000,
					       server_clock, s);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->clock, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_source_set_priority(s->clock, PRIORITY);
	if (r >= 0)
		r = sd_event_add_io(event, &s->io, s->fd, EPOLLIN, server_io, s);
	if (r >= 0)
		r = sd_event_source_set_priority(s->io, PRIORITY);
	if (r < 0) {
		hs_server_free(s);
		return r;
	}
	*out = s;
	return 0;
}

void hs_server_free(struct hs_server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < HS_SERVER_CLIENTS; i++)
		if (s->client[i].fd >= 0)
			client_drop(&s->client[i]);
	sd_event_source_disable_unref(s->io);
	sd_event_source_disable_unref(s->clock);
	if (s->fd >= 0) {
		unlinkat(s->dir_fd, HS_SERVER_SOCKET, 0);
		close(s->fd);
	}
	/* Last: with the lock goes the name. */
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	sd_event_unref(s->event);
	free(s);
}

void hs_server_answer(struct hs_server_client *client, struct json_object *line)
{
	client_put(client, line);
}

void hs_server_keep(struct hs_server_client *client, unsigned int wishes)
{
	client->wishes |= wishes;
}

void hs_server_tell(struct hs_server *s, enum hs_server_wish wish, struct json_object *line)
{
	for (size_t i = 0; i < HS_SERVER_CLIENTS; i++) {
		struct hs_server_client *c = &s->client[i];

		if (c->fd < 0 || !(c->wishes & wish))
			continue;
		client_put(c, line);
		if (wish == HS_SERVER_END)
			c->wishes = 0;
		client_settle(c);
	}
}

bool hs_server_is_awaited(const struct hs_server *s, enum hs_server_wish wish)
{
	for (size_t i = 0; i < HS_SERVER_CLIENTS; i++)
		if (s->client[i].fd >= 0 && s->client[i].wishes & wish)
			return true;
	return false;
}

unsigned int hs_server_clients(const struct hs_server *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < HS_SERVER_CLIENTS; i++)
		n += s->client[i].fd >= 0;
	return n;
}
