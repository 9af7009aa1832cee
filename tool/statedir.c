// SPDX-License-Identifier: GPL-2.0-only
/* The directories that hotsoak keeps its own files in, under any root. */
#include "statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "sysfile.h"

#define PATH_BYTES 512

int hs_statedir_sync(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 ? -errno : 0;
}

/* @path up to @end, and its entry in the directory above on disk. */
static int make_one(char *path, char *end, mode_t mode)
{
	char kept = *end, *slash;
	int r = 0;

	*end = '\0';
	if (mkdir(path, mode) < 0)
		r = errno == EEXIST ? 1 : -errno;
	if (!r) {
		slash = strrchr(path, '/');
		*slash = '\0';
		r = hs_statedir_sync(*path ? path : "/");
		*slash = '/';
	}
	*end = kept;
	return r;
}

int hs_statedir_make(const char *sysroot, const char *dir)
{
	char path[PATH_BYTES];
	int r = hs_sysfile_path(path, sizeof(path), sysroot, "%s", dir);
	size_t root = sysroot ? strlen(sysroot) : 0;

	for (char *p = path + root; r >= 0 && (p = strchr(p + 1, '/'));)
		r = make_one(path, p, 0755);
	if (r >= 0)
		r = make_one(path, path + strlen(path), 0700);
	return r < 0 ? r : 0;
}
