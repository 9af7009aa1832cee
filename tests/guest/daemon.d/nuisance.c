// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients of the control socket that are a nuisance, and somebody unprivileged:
 *
 *	nuisance flood N	connects N times, each time with other garbage
 *	nuisance mute N S	N clients that follow the soak and read nothing, for S s
 *	nuisance half N S	N clients that send half a request, for S s
 *	nuisance as UID PROGRAM [ARG]...
 *	nuisance open PATH	0 if it can be opened for reading
 *	nuisance connect	0 if the socket can be connected to
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "/run/hotsoak/control"

static int control_connect(int flags)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | flags, 0);

	if (fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return fd;
	close(fd);
	return -1;
}

static int flood(int times)
{
	static const char *const texts[] = {
		"", "\n", "garbage\n", "{\"hotsoak\":1", "{\"hotsoak\":1,\"do\":\"nothing\"}\n",
		"{\"hotsoak\":1,\"do\":\"status\",\"follow\":true}\n", "[[[[[[[[[[[[[[[[[[[[[[",
		"{\"hotsoak\":1,\"do\":\"start\",\"scenario\":\"/dev/zero\"}\n",
		"{\"hotsoak\":1,\"do\":\"start\",\"options\":[1]}\n",
	};
	char noise[1000];
	int made = 0;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(rand() % 255 + 1);
	while (made < times) {
		int fd = control_connect(SOCK_NONBLOCK), what = made % 10;

		if (fd < 0 && errno == EAGAIN) {
			usleep(2000);
			continue;
		}
		if (fd < 0)
			return 1;
		if (what < 9)
			send(fd, texts[what], strlen(texts[what]), MSG_NOSIGNAL);
		else
			while (send(fd, noise, sizeof(noise), MSG_NOSIGNAL) > 0)
				;
		close(fd);
		made++;
	}
	return 0;
}

static int stay(int times, const char *text, unsigned int seconds)
{
	for (int i = 0; i < times; i++) {
		int fd = control_connect(0);

		if (fd < 0 || send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
			return 1;
	}
	sleep(seconds);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "flood") && argc == 3)
		return flood(atoi(argv[2]));
	if (!strcmp(what, "mute") && argc == 4)
		return stay(atoi(argv[2]), "{\"hotsoak\":1,\"do\":\"status\",\"follow\":true}\n",
			    (unsigned int)atoi(argv[3]));
	if (!strcmp(what, "half") && argc == 4)
		return stay(atoi(argv[2]), "{\"hotsoak\":1,\"do\":", (unsigned int)atoi(argv[3]));
	if (!strcmp(what, "open") && argc == 3)
		return open(argv[2], O_RDONLY | O_NONBLOCK) < 0;
	if (!strcmp(what, "connect"))
		return control_connect(0) < 0;
	if (!strcmp(what, "as") && argc > 3) {
		uid_t uid = (uid_t)atoi(argv[2]);

		if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
		    setresuid(uid, uid, uid) < 0)
			return 111;
		execvp(argv[3], argv + 3);
		return 112;
	}
	return 2;
}
