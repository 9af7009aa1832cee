// SPDX-License-Identifier: GPL-2.0-only
/*
 * The yardstick of the bench: takes blocks offline and brings them back with
 * nothing but open, write, close, and prints transitions per second.
 *
 *	bare CYCLES BLOCK...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void put(const char *block, const char *word)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%s/state", block);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, word, strlen(word)) < 0) {
		fprintf(stderr, "bare: %s to %s: %s\n", word, path, strerror(errno));
		exit(1);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned long cycles = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	double start;

	if (!cycles) {
		fprintf(stderr, "usage: bare CYCLES BLOCK...\n");
		return 2;
	}
	start = now_s();
	for (unsigned long i = 0; i < cycles; i++) {
		const char *block = argv[2 + i % (unsigned long)(argc - 2)];

		put(block, "offline");
		put(block, "online_movable");
	}
	printf("%.3f\n", 2.0 * (double)cycles / (now_s() - start));
	return 0;
}
