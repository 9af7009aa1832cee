/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel behind a made tree: this program stands in for hotsoak's operator, and
 * its writes to `state` end as the test says. A program that includes this begins
 * main() with fake_kernel_operator().
 */
#ifndef HS_TEST_FAKE_KERNEL_H
#define HS_TEST_FAKE_KERNEL_H

#include "tree.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include "operator.h"

/*
 * HOTSOAK_TEST_FAULTS: "BLOCK:WORD:ERRNO:TIMES", several with blanks between; WORD
 * is offline or online, ERRNO a number. The write does nothing then.
 * HOTSOAK_TEST_ZONES: "BLOCK:ZONE:TIMES": where an online puts it instead of Movable.
 */
static unsigned int fake_used[16];

static inline bool fake_rule(const char *env, unsigned long block, const char *word, char *value,
			     size_t value_bytes)
{
	const char *rules = getenv(env);
	char copy[512], *rest = copy, *rule;

	snprintf(copy, sizeof(copy), "%s", rules ? rules : "");
	for (unsigned int i = 0; (rule = strsep(&rest, " ")) && i < 16; i++) {
		char *field[4] = { 0 };
		unsigned int nr = 0, times;

		while (nr < 4 && (field[nr] = strsep(&rule, ":")))
			nr++;
		if (nr != (word ? 4 : 3) || strtoul(field[0], NULL, 10) != block ||
		    (word && strcmp(field[1], word)))
			continue;
		times = (unsigned int)strtoul(field[nr - 1], NULL, 10);
		if (fake_used[i] >= times)
			continue;
		fake_used[i]++;
		snprintf(value, value_bytes, "%s", field[nr - 2]);
		return true;
	}
	return false;
}

static inline void fake_zone(const char *state_path, const char *zone)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%.*s/valid_zones",
		 (int)(strrchr(state_path, '/') - state_path), state_path);
	f = fopen(path, "w");
	if (!f)
		_exit(99);
	fprintf(f, "%s\n", zone);
	fclose(f);
}

ssize_t write(int fd, const void *buf, size_t len)
{
	char link[64], path[512], value[64];
	unsigned long block;
	const char *at;
	bool online;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	at = strstr(path, "/memory/memory");
	if (!at || strcmp(path + strlen(path) - 6, "/state"))
		return syscall(SYS_write, fd, buf, len);
	block = strtoul(at + strlen("/memory/memory"), NULL, 10);
	online = len >= 6 && !memcmp(buf, "online", 6);
	if (fake_rule("HOTSOAK_TEST_FAULTS", block, online ? "online" : "offline", value,
		      sizeof(value))) {
		/* The operator has emptied the file: leave what was there before. */
		n = syscall(SYS_write, fd, online ? "offline" : "online", online ? 7 : 6);
		errno = n < 0 ? errno : atoi(value);
		return -1;
	}
	if (online) {
		if (!fake_rule("HOTSOAK_TEST_ZONES", block, NULL, value, sizeof(value)))
			memcpy(value, "Movable", 8);
		fake_zone(path, value);
	}
	return syscall(SYS_write, fd, buf, len);
}

/* Serves, and ends, when this process is an operator. */
static inline void fake_kernel_operator(int argc, char **argv)
{
	sigset_t child;

	if (argc > 1 && !strcmp(argv[1], "operator"))
		_exit(hs_operator_serve(3, argc > 3 ? argv[3] : "") < 0);
	setenv("HOTSOAK_EXE", "/proc/self/exe", 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
}

static inline void fake_kernel_rules(const char *faults, const char *zones)
{
	setenv("HOTSOAK_TEST_FAULTS", faults ? faults : "", 1);
	setenv("HOTSOAK_TEST_ZONES", zones ? zones : "", 1);
}

#endif
