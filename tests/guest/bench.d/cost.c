// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command, and writes into a file how many seconds that took from its exec to its
 * exit, and the most KiB that it, or any process that it waited for, had resident (VmHWM of
 * /proc/PID/status, which nobody can read when a process has ended). Ends as the command did.
 *
 *	cost FILE COMMAND...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double start, seconds;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3) {
		fprintf(stderr, "usage: cost FILE COMMAND...\n");
		return 2;
	}
	start = now_s();
	/* A copy of this process would have its memory, which is not the command's. */
	pid = vfork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		fprintf(stderr, "cost: %s: %s\n", argv[2], strerror(errno));
		return 2;
	}
	seconds = now_s() - start;
	f = fopen(argv[1], "w");
	if (!f || fprintf(f, "%.6f %ld\n", seconds, usage.ru_maxrss) < 0 || fclose(f)) {
		fprintf(stderr, "cost: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
