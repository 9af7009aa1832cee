/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that fail when a test says so. The definitions here come before
 * libc's in the whole program, so the code under test calls these.
 */
#ifndef HS_TEST_FAULTS_H
#define HS_TEST_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault_call {
	FAULT_OPEN, FAULT_READ, FAULT_WRITE, FAULT_PWRITE, FAULT_FSYNC, FAULT_RENAME,
	FAULT_UNLINK, FAULT_MKDIR, FAULT_FTRUNCATE, FAULT_FLOCK, NR_FAULT_CALLS,
	FAULT_ANY,
};

#define FAULT_DIE	(-1)	/* instead of an errno: the process ends there, as by kill -9 */
#define FAULT_SHORT	(-2)	/* a write takes one byte, every time */

static struct fault {
	bool armed;
	enum fault_call call;
	unsigned int nth;		/* from 1 */
	int err;
	unsigned int seen;
} fault;

static inline void fault_arm(enum fault_call call, unsigned int nth, int err)
{
	fault = (struct fault){ .armed = true, .call = call, .nth = nth, .err = err };
}

/* Was the call made often enough to fail? */
static inline bool fault_disarm(void)
{
	fault.armed = false;
	return fault.seen >= fault.nth;
}

static inline bool fault_hits(enum fault_call call)
{
	if (!fault.armed || (fault.call != call && fault.call != FAULT_ANY))
		return false;
	if (fault.err == FAULT_SHORT)
		return true;
	if (++fault.seen != fault.nth)
		return false;
	if (fault.err == FAULT_DIE)
		_exit(0);
	errno = fault.err;
	return true;
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return fault_hits(FAULT_OPEN) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *buf, size_t len)
{
	return fault_hits(FAULT_READ) ? -1 : syscall(SYS_read, fd, buf, len);
}

#ifndef FAULT_OWN_WRITE
ssize_t write(int fd, const void *buf, size_t len)
{
	if (fault_hits(FAULT_WRITE)) {
		if (fault.err != FAULT_SHORT)
			return -1;
		len = len > 0;
	}
	return syscall(SYS_write, fd, buf, len);
}
#endif

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return fault_hits(FAULT_PWRITE) ? -1 : syscall(SYS_pwrite64, fd, buf, len, at);
}

int fsync(int fd)
{
	return fault_hits(FAULT_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
	return fault_hits(FAULT_RENAME) ? -1 : (int)syscall(SYS_rename, from, to);
}

int unlink(const char *path)
{
	return fault_hits(FAULT_UNLINK) ? -1 : (int)syscall(SYS_unlink, path);
}

int mkdir(const char *path, mode_t mode)
{
	return fault_hits(FAULT_MKDIR) ? -1 : (int)syscall(SYS_mkdir, path, mode);
}

int ftruncate(int fd, off_t len)
{
	return fault_hits(FAULT_FTRUNCATE) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int flock(int fd, int how)
{
	return fault_hits(FAULT_FLOCK) ? -1 : (int)syscall(SYS_flock, fd, how);
}

#endif
