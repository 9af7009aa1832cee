// SPDX-License-Identifier: GPL-2.0-only
/* Starts the command, passes on what it says, obeys the launcher, reaps. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "out.h"
#include "port.h"

#define ARGV_FILE	"/etc/hotsoak-guest/argv"

/* What attend() waits for. The first two are in the order of the ports. */
enum source { FROM_STDOUT, FROM_STDERR, FROM_CONTROL, FROM_CHILDREN, FROM_RECORD, SOURCES };

/* Arguments end in NUL each, so that any byte can be in them. */
static char **read_argv(void)
{
	int fd = open(ARGV_FILE, O_RDONLY | O_CLOEXEC);
	char **argv, *text;
	struct stat info;
	size_t count = 0;

	if (fd < 0 || fstat(fd, &info) < 0)
		give_up(ARGV_FILE);
	text = malloc((size_t)info.st_size + 1);
	argv = calloc((size_t)info.st_size + 1, sizeof(*argv));
	if (!text || !argv || read(fd, text, (size_t)info.st_size) != info.st_size)
		give_up(ARGV_FILE);
	close(fd);
	for (char *at = text; at < text + info.st_size; at += strlen(at) + 1)
		argv[count++] = at;
	return argv;
}

static pid_t start(char **argv, int out_fd, int err_fd)
{
	pid_t child = fork();
	sigset_t none;
	int null_fd, score_fd;

	if (child != 0)
		return child;

	/* A group of its own, so that a signal reaches all of it. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpriority(PRIO_PROCESS, 0, 0);
	/* Under systemd this process is spared like PID 1; the command is not. */
	score_fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (score_fd >= 0)
		write_all(score_fd, "0", 1);
	null_fd = open("/dev/null", O_RDONLY);
	dup2(null_fd, STDIN_FILENO);
	if (null_fd > STDERR_FILENO)
		close(null_fd);
	dup2(out_fd, STDOUT_FILENO);
	dup2(err_fd, STDERR_FILENO);
	if (chdir("/") < 0)
		_exit(126);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "guest: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void blocked_tasks_to_console(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, "w", 1);
	close(fd);
}

static void obey(pid_t command)
{
	char order;

	while (read(control_fd, &order, 1) == 1) {
		switch (order) {
		case 'I':
			kill(-command, SIGINT);
			break;
		case 'T':
			kill(-command, SIGTERM);
			break;
		case 'W':
			blocked_tasks_to_console();
			break;
		}
	}
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

/* Reaps everybody. Returns true with the command's status when it ended. */
static bool reap(pid_t command, int *status)
{
	bool ended = false;
	pid_t child;
	int how;

	while ((child = waitpid(-1, &how, WNOHANG)) > 0) {
		if (child != command)
			continue;
		*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
		ended = true;
	}
	return ended;
}

/* Waits for the command's end and returns its status. */
static int attend(pid_t command, struct pollfd fds[SOURCES])
{
	long next_beat_ms = now_ms() + BEAT_MS;
	bool more_record = false;
	int status = 0;

	for (;;) {
		bool ended = false;
		long left_ms = next_beat_ms - now_ms();

		if (left_ms <= 0) {
			tell("beat");
			next_beat_ms = now_ms() + BEAT_MS;
			continue;
		}
		if (poll(fds, SOURCES, more_record ? 0 : (int)left_ms) < 0)
			continue;
		if (fds[FROM_CHILDREN].revents) {
			swallow(fds[FROM_CHILDREN].fd);
			ended = reap(command, &status);
		}
		if (fds[FROM_CONTROL].revents & POLLIN)
			obey(command);
		if (fds[FROM_RECORD].revents & POLLIN) {
			swallow(fds[FROM_RECORD].fd);
			more_record = true;
		}
		if (more_record)
			more_record = record_pump();
		/* Also after its end: what is in the pipes was written before. */
		for (int i = FROM_STDOUT; i <= FROM_STDERR; i++)
			if ((ended || fds[i].revents) && fds[i].fd >= 0 &&
			    !pump(fds[i].fd, port_fds[PORT_STDOUT + i]))
				fds[i].fd = -1;
		if (ended)
			return status;
	}
}

int command_run(void)
{
	struct pollfd fds[SOURCES];
	int out_pipe[2], err_pipe[2], status;
	char **argv = read_argv();
	sigset_t child_only;
	pid_t command;

	sigemptyset(&child_only);
	sigaddset(&child_only, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_only, NULL);
	if (pipe2(out_pipe, O_CLOEXEC) < 0 || pipe2(err_pipe, O_CLOEXEC) < 0)
		give_up("cannot make pipes");
	fds[FROM_STDOUT].fd = out_pipe[0];
	fds[FROM_STDERR].fd = err_pipe[0];
	fds[FROM_CONTROL].fd = control_fd;
	fds[FROM_CHILDREN].fd = signalfd(-1, &child_only, SFD_CLOEXEC);
	fds[FROM_RECORD].fd = record_watch();
	for (int i = 0; i < SOURCES; i++) {
		fds[i].events = POLLIN;
		if (fcntl(fds[i].fd, F_SETFL, O_NONBLOCK) < 0 && i != FROM_CONTROL)
			give_up("cannot make descriptors");
	}

	/*
	 * Before the fork, and out of the UART: the launcher boots a guest that
	 * died without this word once more, and the command may be deadly.
	 */
	tell("run");
	tcdrain(control_fd);
	command = start(argv, out_pipe[1], err_pipe[1]);
	if (command < 0)
		give_up("cannot fork");
	close(out_pipe[1]);
	close(err_pipe[1]);
	/* After the fork, though the command would not inherit it. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	setpriority(PRIO_PROCESS, 0, -10);

	status = attend(command, fds);
	while (record_pump())
		;
	return status;
}
