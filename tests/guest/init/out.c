// SPDX-License-Identifier: GPL-2.0-only
/* The record as it grows, and all of /out at the end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "out.h"
#include "port.h"

#define RECORD_FILE	"/out/run.jsonl"

int record_watch(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0)
		inotify_add_watch(fd, "/out", IN_CREATE | IN_MOVED_TO | IN_MODIFY);
	return fd;
}

bool record_pump(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(RECORD_FILE, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && pump(fd, port_fds[PORT_RECORD]);
}

int out_send(void)
{
	const struct timespec pause_10ms = { .tv_nsec = 10 * 1000 * 1000 };
	pid_t child = fork();
	int status, waited_ms = 0;

	if (child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(port_fds[PORT_OUT], STDOUT_FILENO);
		execl("/bin/busybox", "tar", "-C", "/out", "-cf", "-", ".", NULL);
		_exit(127);
	}
	if (child < 0)
		return 127;
	while (waitpid(child, &status, WNOHANG) != child) {
		nanosleep(&pause_10ms, NULL);
		waited_ms += 10;
		if (waited_ms % BEAT_MS == 0)
			tell("beat");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
