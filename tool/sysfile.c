// SPDX-License-Identifier: GPL-2.0-only
/* Short files of /sys and /proc, under any root. */
#include "sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

int hs_sysfile_path(char *path, size_t path_bytes, const char *root, const char *fmt, ...)
{
	va_list ap;
	int n, m;

	n = snprintf(path, path_bytes, "%s", root ? root : "");
	if (n < 0 || (size_t)n >= path_bytes)
		return -ENAMETOOLONG;
	va_start(ap, fmt);
	m = vsnprintf(path + n, path_bytes - (size_t)n, fmt, ap);
	va_end(ap);
	if (m < 0 || (size_t)m >= path_bytes - (size_t)n)
		return -ENAMETOOLONG;
	return 0;
}

/* Takes over a descriptor, or what kept it from being opened. */
static int read_text(int fd_or_error, bool is_line, char *text, size_t text_bytes)
{
	_cleanup_close_ int fd = fd_or_error;
	size_t len = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n = read(fd, text + len, text_bytes - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
		if (len == text_bytes)
			return -EMSGSIZE;
		if (is_line && text[len - 1] == '\n')
			break;
	}
	while (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

int hs_sysfile_read(const char *path, char *text, size_t text_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return read_text(fd < 0 ? -errno : fd, false, text, text_bytes);
}

int hs_sysfile_read_line(int dir_fd, const char *name, char *text, size_t text_bytes)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return read_text(fd < 0 ? -errno : fd, true, text, text_bytes);
}

int hs_sysfile_read_below(const char *root, const char *file, char *text, size_t text_bytes)
{
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", file);

	return r < 0 ? r : hs_sysfile_read(path, text, text_bytes);
}

int hs_sysfile_write(const char *path, const char *text)
{
	/* Of those under another root what was longer would stay behind. */
	_cleanup_close_ int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}
