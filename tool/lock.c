// SPDX-License-Identifier: GPL-2.0-only
/* Locks by flock(2), under any root. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "cleanup.h"
#include "parse.h"
#include "statedir.h"
#include "sysfile.h"

#define LOCK_FILE	HS_STATEDIR_RUN "/lock"
#define OPERATOR_FILE	HS_STATEDIR_RUN "/operator"
#define PATH_BYTES	512

static int lock_open(const char *sysroot, const char *name)
{
	char path[PATH_BYTES];
	int r = hs_sysfile_path(path, sizeof(path), sysroot, "%s", name);

	if (r < 0)
		return r;
	r = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return r < 0 ? -errno : r;
}

static int lock_try(int fd, int how)
{
	int r;

	do
		r = flock(fd, how | LOCK_NB);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static pid_t holder_read(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t pid;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return hs_parse_u64(text, 1, INT32_MAX, &pid) < 0 ? 0 : (pid_t)pid;
}

int hs_lock_take(struct hs_lock *l, const char *sysroot, pid_t *holder)
{
	_cleanup_close_ int fd = -1;
	char text[32];
	int r, n;

	l->fd = -1;
	*holder = 0;
	r = hs_statedir_make(sysroot, HS_STATEDIR_RUN);
	if (r < 0)
		return r;
	fd = lock_open(sysroot, LOCK_FILE);
	if (fd < 0)
		return fd;
	r = lock_try(fd, LOCK_EX);
	if (r < 0) {
		*holder = holder_read(fd);
		return r;
	}
	n = snprintf(text, sizeof(text), "%d\n", getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return errno ? -errno : -EIO;
	l->fd = fd;
	fd = -1;
	return 0;
}

void hs_lock_release(struct hs_lock *l)
{
	if (l->fd < 0)
		return;
	/* Nobody shall be told of us any more. */
	if (ftruncate(l->fd, 0) < 0)
		errno = 0;
	close(l->fd);
	l->fd = -1;
}

int hs_lock_operator_hold(const char *sysroot)
{
	int fd = lock_open(sysroot, OPERATOR_FILE), r;

	if (fd < 0)
		return fd;
	r = lock_try(fd, LOCK_SH);
	if (r < 0)
		close(fd);
	return r;
}

int hs_lock_operator_look(const char *sysroot)
{
	_cleanup_close_ int fd = lock_open(sysroot, OPERATOR_FILE);

	/* Closing it gives it back at once. */
	return fd < 0 ? fd : lock_try(fd, LOCK_EX);
}
