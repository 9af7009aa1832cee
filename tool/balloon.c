// SPDX-License-Identifier: GPL-2.0-only
/* A virtio-balloon, as its driver and /proc/vmstat show it. */
#include "balloon.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "sysfile.h"
#include "virtio.h"

#define DRIVER		"virtio_balloon"
#define REPORTING	5	/* VIRTIO_BALLOON_F_REPORTING */

static bool device_reports(const char *root, const char *name)
{
	return hs_virtio_feature(root, name, REPORTING);
}

int hs_balloon_read(const char *root, struct hs_balloon_pages *pages)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], line[128];
	int r = hs_sysfile_path(path, sizeof(path), root, "/proc/vmstat"), seen = 0;

	*pages = (struct hs_balloon_pages){ 0 };
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		seen += sscanf(line, "balloon_inflate %" SCNu64, &pages->inflated) == 1 ||
			sscanf(line, "balloon_deflate %" SCNu64, &pages->deflated) == 1 ||
			sscanf(line, "balloon_migrate %" SCNu64, &pages->migrated) == 1;
	return seen ? 0 : -ENOSYS;
}

int hs_balloon_ask(const char *root)
{
	struct hs_balloon_pages pages;

	return hs_virtio_has(root, DRIVER, NULL) ? hs_balloon_read(root, &pages) : -ENODEV;
}

bool hs_balloon_reports(const char *root)
{
	return hs_virtio_has(root, DRIVER, device_reports);
}

const char *hs_balloon_words(int answer)
{
	switch (answer) {
	case 0:
		return "there is a virtio-balloon";
	case -ENODEV:
		return "there is no virtio-balloon, or its driver is not loaded: modprobe virtio_balloon";
	case -ENOSYS:
		return "this kernel does not count the pages of balloons (CONFIG_MEMORY_BALLOON)";
	default:
		return strerror(-answer);
	}
}
