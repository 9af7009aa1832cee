// SPDX-License-Identifier: GPL-2.0-only
/* The cgroup of a run, below the root of cgroup2. */
#include "memcg.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "parse.h"
#include "sysfile.h"

#define CGROUPS		"/sys/fs/cgroup"
#define REMOVE_TRIES	40
#define REMOVE_PAUSE_NS	50000000L

/* Is @word one of those in a file of the root? */
static int names(const char *root, const char *file, const char *word)
{
	char text[512], *rest = text, *w;
	int r = hs_sysfile_read_below(root, file, text, sizeof(text));

	if (r < 0)
		return r;
	while ((w = strsep(&rest, " \n")))
		if (!strcmp(w, word))
			return 1;
	return 0;
}

int hs_memcg_ask(const char *root)
{
	char path[PATH_MAX];
	int r = names(root, CGROUPS "/cgroup.controllers", "memory");

	/* Where the controllers are those of cgroup v1 there is no such file. */
	if (r <= 0)
		return r == -ENOENT ? -ENXIO : r < 0 ? r : -ENOSYS;
	r = names(root, CGROUPS "/cgroup.subtree_control", "memory");
	if (r <= 0)
		return r < 0 ? r : -EPERM;
	r = hs_sysfile_path(path, sizeof(path), root, "%s", HS_MEMCG_DIR);
	if (r < 0)
		return r;
	if (!access(path, F_OK))
		return -EEXIST;
	*strrchr(path, '/') = '\0';
	return access(path, W_OK) < 0 ? -errno : 0;
}

static int write_number(const char *root, const char *file, uint64_t number)
{
	char path[PATH_MAX], text[24];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", file);

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return r < 0 ? r : hs_sysfile_write(path, text);
}

int hs_memcg_make(const char *root, uint64_t limit_bytes)
{
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", HS_MEMCG_DIR);

	if (r < 0)
		return r;
	if (mkdir(path, 0755) < 0)
		return -errno;
	r = write_number(root, HS_MEMCG_DIR "/memory.max", limit_bytes);
	if (r < 0)
		rmdir(path);
	return r;
}

int hs_memcg_remove(const char *root)
{
	const struct timespec pause = { .tv_nsec = REMOVE_PAUSE_NS };
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", HS_MEMCG_DIR);

	/* Whoever was killed is in it until the kernel has taken him apart. */
	for (int i = 0; !r && i < REMOVE_TRIES; i++) {
		if (!rmdir(path))
			return 1;
		if (errno != EBUSY)
			return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
		nanosleep(&pause, NULL);
	}
	return r < 0 ? r : -EBUSY;
}

int hs_memcg_enter(void)
{
	return hs_sysfile_write(HS_MEMCG_DIR "/cgroup.procs", "0");
}

int hs_memcg_reclaim(uint64_t bytes)
{
	char text[24];
	uint64_t now;
	int r = write_number(NULL, HS_MEMCG_DIR "/memory.reclaim", bytes);

	/* -EAGAIN: not as much as that. */
	if (r != -ENOENT)
		return r == -EAGAIN ? 0 : r;
	/*
	 * Before Linux commit 94968384dde1 ("memcg: introduce per-memcg reclaim interface", v5.19)
	 * what is over memory.high when that is written is reclaimed by the writer. Unlike
	 * with memory.max nobody is killed when that does not succeed.
	 */
	r = hs_sysfile_read(HS_MEMCG_DIR "/memory.current", text, sizeof(text));
	if (!r)
		r = hs_parse_u64(text, 0, UINT64_MAX, &now);
	if (r < 0)
		return r;
	r = write_number(NULL, HS_MEMCG_DIR "/memory.high", now > bytes ? now - bytes : 0);
	/* Others who take memory are made to wait until then. */
	hs_sysfile_write(HS_MEMCG_DIR "/memory.high", "max");
	return r;
}
