// SPDX-License-Identifier: GPL-2.0-only
/* A virtio-balloon, as its driver and /proc/vmstat show it. */
#include "balloon.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "sysfile.h"

#define DRIVER		"/sys/bus/virtio/drivers/virtio_balloon"
#define REPORTING	5	/* VIRTIO_BALLOON_F_REPORTING: of the 64 bits of features, 128 since v6.17 */

/* Calls @each, if there is one, for each device until it returns true. */
static bool device_find(const char *root, bool (*each)(const char *root, const char *name))
{
	char path[PATH_MAX];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	if (hs_sysfile_path(path, sizeof(path), root, "%s", DRIVER) < 0)
		return false;
	dir = opendir(path);
	/* Beside "bind" and its like, a link for each device: "virtio0". */
	while (dir && !found && (e = readdir(dir)))
		found = !strncmp(e->d_name, "virtio", 6) && (!each || each(root, e->d_name));
	if (dir)
		closedir(dir);
	return found;
}

static bool device_reports(const char *root, const char *name)
{
	char file[PATH_MAX], bits[256];

	snprintf(file, sizeof(file), DRIVER "/%s/features", name);
	return hs_sysfile_read_below(root, file, bits, sizeof(bits)) >= 0 &&
		strlen(bits) > REPORTING && bits[REPORTING] == '1';
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

	return device_find(root, NULL) ? hs_balloon_read(root, &pages) : -ENODEV;
}

bool hs_balloon_reports(const char *root)
{
	return device_find(root, device_reports);
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
