// SPDX-License-Identifier: GPL-2.0-only
/*
 * Child processes.
 *
 * /dev/hotsoak is undone when its last descriptor is closed. A child that was
 * merely forked would keep a copy of the supervisor's and with it the window,
 * the burst's pages and the probes past a kill -9; hence exec, always.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"

static void write_text(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Without the right to it the child is just an ordinary victim. */
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}

static void child_exec(const char *file, char *const argv[], int fd, const char *oom,
		       pid_t parent, bool group, int report)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int err;

	/* The parent may have died before the request was in place. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(127);
	if (group && setpgid(0, 0) < 0)
		_exit(127);
	sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	write_text("/proc/self/oom_score_adj", oom);

	if (report == HS_CHILD_FD) {
		report = fcntl(report, F_DUPFD_CLOEXEC, HS_CHILD_FD + 1);
		if (report < 0)
			_exit(127);
	}
	if (fd == HS_CHILD_FD)
		fcntl(fd, F_SETFD, 0);
	else if (fd >= 0 && dup2(fd, HS_CHILD_FD) < 0)
		_exit(127);

	execvp(file, argv);
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(127);
}

static int spawn(const char *file, char *const argv[], int fd, int oom_score_adj, bool group,
		 pid_t *pid)
{
	_cleanup_close_ int rd = -1, wr = -1;
	pid_t parent = getpid();
	int pipefd[2], err = 0;
	char oom[16];
	ssize_t n;
	pid_t p;

	snprintf(oom, sizeof(oom), "%d", oom_score_adj);
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return -errno;
	rd = pipefd[0];
	wr = pipefd[1];
	p = fork();
	if (p < 0)
		return -errno;
	if (!p)
		child_exec(file, argv, fd, oom, parent, group, wr);

	close(wr);
	wr = -1;
	/* EOF says that the exec closed the pipe: from here on it is a stranger. */
	do
		n = read(rd, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	if (n != 0) {
		waitpid(p, NULL, 0);
		return n == sizeof(err) ? -err : -ECHILD;
	}
	*pid = p;
	return 0;
}

int hs_child_spawn(const char *file, char *const argv[], int fd, int oom_score_adj, pid_t *pid)
{
	return spawn(file, argv, fd, oom_score_adj, false, pid);
}

int hs_child_spawn_group(const char *file, char *const argv[], int oom_score_adj, pid_t *pid)
{
	return spawn(file, argv, -1, oom_score_adj, true, pid);
}

int hs_child_spawn_self(char *const argv[], int fd, int oom_score_adj, pid_t *pid)
{
	/* A unit test is not hotsoak; it says where hotsoak is. */
	const char *exe = secure_getenv("HOTSOAK_EXE");

	return hs_child_spawn(exe && *exe ? exe : "/proc/self/exe", argv, fd, oom_score_adj, pid);
}

int hs_child_told(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int32_t err = 0;
	ssize_t n;
	int r;

	do
		r = poll(&p, 1, wait_ms);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return r < 0 ? -errno : -ETIMEDOUT;
	n = read(fd, &err, sizeof(err));
	return n == sizeof(err) ? err : -EPIPE;
}

int hs_child_run(const char *file, char *const argv[])
{
	int status, r;
	pid_t pid;

	r = hs_child_spawn(file, argv, -1, 0, &pid);
	if (r < 0)
		return r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int reap(pid_t pid, int wait_ms)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	for (int waited = 0;; waited += 2) {
		pid_t r = waitpid(pid, NULL, WNOHANG);

		if (r == pid || (r < 0 && errno == ECHILD))
			return 0;
		if (waited >= wait_ms)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
}

int hs_child_kill(pid_t pid, int wait_ms)
{
	/* One that is in the kernel, deaf, nobody can take away. */
	return kill(pid, SIGKILL) < 0 ? -errno : reap(pid, wait_ms);
}

int hs_child_end(pid_t pid, int wait_ms)
{
	if (kill(pid, SIGTERM) < 0)
		return -errno;
	return reap(pid, wait_ms) ? hs_child_kill(pid, wait_ms) : 0;
}
