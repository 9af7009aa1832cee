// SPDX-License-Identifier: GPL-2.0-only
/* Buffers of the kernel's that are written to and read again: of pipes and of sockets. */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES_MOST	(1 << 30)	/* of a pipe or a socket, as an int */
#define PAGE_MOST	65536	/* bytes: no kernel that we know has larger ones */

static int bytes_of(const struct hs_region *r)
{
	return r->bytes < BYTES_MOST ? (int)r->bytes : BYTES_MOST;
}

int hs_pages_open_pipe(struct hs_region *r)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	r->fd = fds[0];
	r->other_fd = fds[1];
	/* A page in each of its buffers. Fewer, when it is refused. */
	(void)fcntl(r->other_fd, F_SETPIPE_SZ, bytes_of(r));
	return 0;
}

static int pipe_take(struct hs_pages *w, struct hs_region *r)
{
	int err = hs_pages_open_pipe(r);

	(void)w;
	return err < 0 ? err : hs_pages_reserve(r);
}

static int socket_take(struct hs_pages *w, struct hs_region *r)
{
	int fds[2], bytes = bytes_of(r);

	(void)w;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	r->fd = fds[0];
	r->other_fd = fds[1];
	setsockopt(r->other_fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	return hs_pages_reserve(r);
}

static int buffer_filled(struct hs_pages *w, struct hs_region *r)
{
	static _Alignas(uint64_t) char page[PAGE_MOST];
	size_t bytes = hs_pages_page(w);

	r->key = hs_random_u64(hs_pages_random(w));
	for (r->stored = 0; r->stored + bytes <= r->bytes; r->stored += bytes) {
		hs_pages_content(w, r, r->stored / bytes, page);
		/* A whole page, or none: a pipe has a page for each, a socket may say EAGAIN. */
		if (write(r->other_fd, page, bytes) != (ssize_t)bytes)
			break;
	}
	return 0;
}

static bool page_read(int fd, char *page, size_t bytes)
{
	ssize_t n;

	for (; bytes; page += n, bytes -= (size_t)n) {
		n = read(fd, page, bytes);
		if (n <= 0)
			return false;
	}
	return true;
}

/* All of it: what was written first is read first. */
static void buffer_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	static _Alignas(uint64_t) char page[PAGE_MOST];
	size_t page_bytes = hs_pages_page(w);

	(void)at;
	(void)bytes;
	for (size_t i = 0; i < r->stored / page_bytes; i++) {
		if (!page_read(r->fd, page, page_bytes))
			break;
		hs_pages_compare(w, r, i, page);
	}
	r->stored = 0;
	/* Of a page that did not go in whole. */
	while (read(r->fd, page, sizeof(page)) > 0)
		;
}

const struct hs_pages_kind hs_pages_pipe = {
	.take = pipe_take,
	.filled = buffer_filled,
	.give = buffer_give,
	.blind = true,
	.unmapped = true,
};

const struct hs_pages_kind hs_pages_socket = {
	.take = socket_take,
	.filled = buffer_filled,
	.give = buffer_give,
	.blind = true,
	.unmapped = true,
};
