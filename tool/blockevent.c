// SPDX-License-Identifier: GPL-2.0-only
/* Uevents of memory blocks, from a netlink socket of our own. */
#include "blockevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parse.h"

#define GROUP_KERNEL	1	/* udevd's is 2 */
#define MESSAGE_BYTES	8192	/* the kernel's own buffer has 2048, and a header before it */
#define RECEIVE_BYTES	(16 << 20)
#define PATH		"/devices/system/memory/memory"

/* ---- One message --------------------------------------------------------- */

static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(line, key, len) && line[len] == '=' ? line + len + 1 : NULL;
}

static int kind_of(const char *action)
{
	static const struct { const char *action; enum hs_blockevent_kind kind; } kinds[] = {
		{ "offline", HS_BLOCKEVENT_OFFLINE }, { "online", HS_BLOCKEVENT_ONLINE },
		{ "add", HS_BLOCKEVENT_PLUG }, { "remove", HS_BLOCKEVENT_PLUG },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(action, kinds[i].action))
			return (int)kinds[i].kind;
	return -1;
}

/* Exactly memory<N>: the subsystem has others. */
static bool is_block(const char *path, unsigned long *block)
{
	uint64_t index;

	if (strncmp(path, PATH, sizeof(PATH) - 1) ||
	    hs_parse_u64(path + sizeof(PATH) - 1, 0, UINT32_MAX, &index) < 0)
		return false;
	*block = (unsigned long)index;
	return true;
}

/* "ACTION@DEVPATH", then KEY=VALUE, and a NUL behind each. */
int hs_blockevent_parse(const char *message, size_t bytes, struct hs_blockevent *e)
{
	const char *action = NULL, *path = NULL, *subsystem = NULL, *synthetic = NULL;
	int kind;

	if (!bytes || message[bytes - 1] || !strchr(message, '@'))
		return -EBADMSG;
	for (const char *line = message + strlen(message) + 1; line < message + bytes;
	     line += strlen(line) + 1) {
		action = action ? action : value_of(line, "ACTION");
		path = path ? path : value_of(line, "DEVPATH");
		subsystem = subsystem ? subsystem : value_of(line, "SUBSYSTEM");
		synthetic = synthetic ? synthetic : value_of(line, "SYNTH_UUID");
	}
	if (!action || !path || !subsystem)
		return -EBADMSG;
	kind = kind_of(action);
	if (synthetic || kind < 0 || strcmp(subsystem, "memory") || !is_block(path, &e->block))
		return 0;
	e->kind = (enum hs_blockevent_kind)kind;
	return 1;
}

/* ---- The socket ---------------------------------------------------------- */

int hs_blockevent_open(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = GROUP_KERNEL,
	};
	const int bytes = RECEIVE_BYTES;
	int fd, r;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	/* More than net.core.rmem_max needs CAP_NET_ADMIN; the default then does. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (!bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* The kernel says so before it gives what it kept. */
int hs_blockevent_drain(int fd, void (*seen)(const struct hs_blockevent *e, void *ctx), void *ctx)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_bytes = sizeof(from);
		char message[MESSAGE_BYTES];
		struct hs_blockevent e;
		ssize_t n;
		int r;

		n = recvfrom(fd, message, sizeof(message), MSG_TRUNC, (struct sockaddr *)&from,
			     &from_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -ENOBUFS;
		/* Whoever may can send to the group. */
		if (from.nl_pid)
			continue;
		r = (size_t)n > sizeof(message) ? -EBADMSG :
			hs_blockevent_parse(message, (size_t)n, &e);
		/* Of what, nobody knows. */
		if (r < 0)
			return -ENOBUFS;
		if (r > 0)
			seen(&e, ctx);
	}
}
