// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kills a process the moment that a file is there, for phases too short to be met by
 * chance. Spins: whoever sleeps comes late.
 *
 *	killat FILE PID
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t pid = argc == 3 ? (pid_t)atol(argv[2]) : 0;

	if (pid <= 0) {
		fprintf(stderr, "usage: killat FILE PID\n");
		return 2;
	}
	/* A process that is gone is still there as long as nobody waits for it. */
	alarm(20);
	while (access(argv[1], F_OK))
		;
	return kill(pid, SIGKILL) ? 1 : 0;
}
