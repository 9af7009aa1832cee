// SPDX-License-Identifier: GPL-2.0-only
/* Devices of the virtio bus, as sysfs shows them. */
#include "virtio.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sysfile.h"

#define BUS	"/sys/bus/virtio"

/* A character for each, 64 of them, 128 since v6.17. */
#define FEATURES_BYTES	256

bool hs_virtio_has(const char *root, const char *driver,
		   bool (*is_wanted)(const char *root, const char *name))
{
	char path[PATH_MAX];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	if (hs_sysfile_path(path, sizeof(path), root, BUS "/drivers/%s", driver) < 0)
		return false;
	dir = opendir(path);
	/* Beside "bind" and its like, a link for each device: "virtio0". */
	while (dir && !found && (e = readdir(dir)))
		found = !strncmp(e->d_name, "virtio", 6) &&
			(!is_wanted || is_wanted(root, e->d_name));
	if (dir)
		closedir(dir);
	return found;
}

bool hs_virtio_feature(const char *root, const char *name, unsigned int bit)
{
	char file[PATH_MAX], bits[FEATURES_BYTES];

	snprintf(file, sizeof(file), BUS "/devices/%s/features", name);
	return hs_sysfile_read_below(root, file, bits, sizeof(bits)) >= 0 &&
		strlen(bits) > bit && bits[bit] == '1';
}
