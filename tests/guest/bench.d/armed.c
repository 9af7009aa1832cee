// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arms the witness with all that its hooks allow and nothing else: no freer, no delay, no
 * control. Says "armed", and with each line that it reads what the witness has counted;
 * disarms at the end of its input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "uapi/hotsoak.h"

static int ask(int fd, unsigned long what, void *argument, const char *name)
{
	if (!ioctl(fd, what, argument))
		return 0;
	fprintf(stderr, "armed: %s: %s\n", name, strerror(errno));
	return 1;
}

int main(void)
{
	struct hotsoak_info info = { .size = sizeof(info) };
	struct hotsoak_stats stats = { .size = sizeof(stats) };
	struct hotsoak_arm arm = { .size = sizeof(arm), .seed = 1 };
	int fd = open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC);
	char line[16];

	if (fd < 0) {
		fprintf(stderr, "armed: opening " HOTSOAK_DEVICE ": %s\n", strerror(errno));
		return 1;
	}
	/* What the hooks allow is known once they have been attached. */
	if (ask(fd, HOTSOAK_IOC_ARM, &arm, "arming") ||
	    ask(fd, HOTSOAK_IOC_INFO, &info, "asking what is there") ||
	    ask(fd, HOTSOAK_IOC_DISARM, NULL, "disarming"))
		return 1;
	arm.invariants = info.invariants_usable;
	if (ask(fd, HOTSOAK_IOC_ARM, &arm, "arming"))
		return 1;
	printf("armed");
	for (uint32_t i = 0; i < info.nr_hooks; i++)
		if (!info.hooks[i].error)
			printf(" %s", info.hooks[i].name);
	printf("\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (ask(fd, HOTSOAK_IOC_STATS, &stats, "asking what was seen"))
			return 1;
		printf("windows %llu offlines %llu samples %llu isolated %llu e1 %llu e2 %llu e3 %llu\n",
		       (unsigned long long)stats.windows, (unsigned long long)stats.offlines,
		       (unsigned long long)stats.samples,
		       (unsigned long long)stats.windows_isolated, (unsigned long long)stats.e1,
		       (unsigned long long)stats.e2, (unsigned long long)stats.e3);
		fflush(stdout);
	}
	return 0;
}
