// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded: a disk whose fsync() takes 50 ms, so that a kill can meet a file that is
 * written and not yet in place. On the tmpfs of a guest it takes microseconds.
 */
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int fd)
{
	usleep(50000);
	return (int)syscall(SYS_fsync, fd);
}
