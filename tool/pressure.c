// SPDX-License-Identifier: GPL-2.0-only
/* Memory pressure: a trigger of the kernel's pressure stall information. */
#include "pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "sysfile.h"

/* Stalled for so much of so long, in microseconds. One stray stall of a reclaim is
 * a few milliseconds; a machine that needs its memory back stalls all the time. */
static const char trigger[] = "some 150000 1000000";

int hs_pressure_open(void)
{
	int fd = open(HS_PRESSURE_FILE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	/* With its NUL, as the kernel takes the last byte for one. */
	if (write(fd, trigger, sizeof(trigger)) == sizeof(trigger))
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int hs_pressure_read(const char *sysroot, char *text, size_t text_bytes)
{
	char path[512], both[256];
	int r = hs_sysfile_path(path, sizeof(path), sysroot, "%s", HS_PRESSURE_FILE);

	if (!r)
		r = hs_sysfile_read(path, both, sizeof(both));
	if (r < 0)
		return r;
	both[strcspn(both, "\n")] = '\0';
	if (strncmp(both, "some ", 5))
		return -EBADMSG;
	if (strlen(both) >= text_bytes)
		return -EMSGSIZE;
	memcpy(text, both, strlen(both) + 1);
	return 0;
}
