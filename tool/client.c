// SPDX-License-Identifier: GPL-2.0-only
/* A client of the control socket. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "jsonval.h"
#include "server.h"

#define CONNECT_S 10

static int timeout_set(int fd, int option, unsigned int s)
{
	const struct timeval tv = { .tv_sec = (time_t)s };

	return setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv)) < 0 ? -errno : 0;
}

int hs_client_init(struct hs_client *c, const char *sysroot)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_close_ int dir = -1, fd = -1;
	char path[512];
	int n = snprintf(path, sizeof(path), "%s" HS_SERVER_DIR, sysroot ? sysroot : "");

	c->fd = -1;
	c->bytes = 0;
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Also bounds connect(2), which waits while the backlog is full. */
	n = timeout_set(fd, SO_SNDTIMEO, CONNECT_S);
	if (n < 0)
		return n;
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/" HS_SERVER_SOCKET, dir);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	c->fd = fd;
	fd = -1;
	return 0;
}

void hs_client_deinit(struct hs_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int hs_client_ask(struct hs_client *c, struct json_object *request)
{
	const char *text;
	char line[HS_SERVER_REQUEST_BYTES];
	size_t bytes, sent = 0;
	int n;

	json_object_object_add(request, "hotsoak", json_object_new_int(HS_SERVER_VERSION));
	text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	n = snprintf(line, sizeof(line), "%s\n", text);
	if (n < 0 || (size_t)n >= sizeof(line))
		return -E2BIG;
	bytes = (size_t)n;
	while (sent < bytes) {
		ssize_t done = send(c->fd, line + sent, bytes - sent, MSG_NOSIGNAL);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0)
			sent += (size_t)done;
	}
	return 0;
}

static int line_take(struct hs_client *c, size_t bytes, struct json_object **answer)
{
	struct json_object *o;
	uint64_t version;

	c->buf[bytes - 1] = '\0';
	o = json_tokener_parse(c->buf);
	c->bytes -= bytes;
	memmove(c->buf, c->buf + bytes, c->bytes);
	if (!o || hs_json_get_u64(o, "hotsoak", &version) < 0 || version != HS_SERVER_VERSION) {
		json_object_put(o);
		return -EBADMSG;
	}
	*answer = o;
	return 0;
}

int hs_client_answer(struct hs_client *c, unsigned int timeout_s, struct json_object **answer)
{
	int r = timeout_set(c->fd, SO_RCVTIMEO, timeout_s);

	if (r < 0)
		return r;
	for (;;) {
		char *end = memchr(c->buf, '\n', c->bytes);
		ssize_t n;

		if (end)
			return line_take(c, (size_t)(end - c->buf) + 1, answer);
		if (c->bytes == sizeof(c->buf))
			return -EBADMSG;
		n = recv(c->fd, c->buf + c->bytes, sizeof(c->buf) - c->bytes, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ECONNRESET ? -EPIPE : -errno;
		if (!n)
			return -EPIPE;
		c->bytes += (size_t)n;
	}
}
