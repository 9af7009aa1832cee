// SPDX-License-Identifier: GPL-2.0-only
/* Probes: what a machine does all the time, done over and over by a child each, and timed. */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "sysfile.h"

#define PAUSE_NS	30000000
#define MMAP_BYTES	(UINT64_C(64) << 12)
#define MEMORY		"/sys/devices/system/memory"
#define CPUS		"/sys/devices/system/cpu"
#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		CGROUPS "/hotsoak-probe"
#define MOUNT_POINT	"/dev"

/*
 * Since Linux commit ec6e8c7e0314 ("mm, page_alloc: disable pcplists during memory
 * offline", v5.11) an offline holds pcp_batch_high_lock from zone_pcp_disable() to
 * zone_pcp_enable(), which writers to the fraction take, and, since they set the pcplists'
 * limits anew, those to the watermarks (b92ca18e8ca5, v5.14). Who writes to `state' or to a
 * CPU's `online' takes device_hotplug_lock, on all kernels, whatever it would then do.
 */
const struct hs_probe_desc hs_probes[HS_NR_PROBES] = {
	[HS_PROBE_PCP_WRITE] = { "pcp-write", "5.11" },
	[HS_PROBE_PCP_READ] = { "pcp-read", NULL },
	[HS_PROBE_WATERMARK_WRITE] = { "watermark-write", "5.14" },
	[HS_PROBE_MEMORY_ONLINE] = { "memory-online", "" },
	[HS_PROBE_CPU_ONLINE] = { "cpu-online", "" },
	[HS_PROBE_STATE_READ] = { "state-read", NULL },
	[HS_PROBE_CGROUP] = { "cgroup", NULL },
	[HS_PROBE_MOUNT] = { "mount", NULL },
	[HS_PROBE_FORK] = { "fork", NULL },
	[HS_PROBE_MMAP] = { "mmap", NULL },
};

int hs_probe_find(const char *name)
{
	for (int i = 0; i < HS_NR_PROBES; i++)
		if (!strcmp(hs_probes[i].name, name))
			return i;
	return -1;
}

static unsigned long version_of(const char *text)
{
	char *end;
	unsigned long major = strtoul(text, &end, 10);

	return *end == '.' ? major << 16 | strtoul(end + 1, NULL, 10) : (unsigned long)-1;
}

bool hs_probe_is_expected(enum hs_probe_kind kind, const char *release)
{
	const char *since = hs_probes[kind].stalls_since;

	return since && (!*since || version_of(release) >= version_of(since));
}

struct probe {
	char path[128];
	char value[32];		/* that is there, and is written back */
};

/* ---- What each does ------------------------------------------------------ */

static int pcp_prepare(struct probe *p, unsigned long block)
{
	static const char *const names[] = {
		"/proc/sys/vm/percpu_pagelist_high_fraction",	/* since v5.14 */
		"/proc/sys/vm/percpu_pagelist_fraction",
	};
	int r = -ENOENT;

	(void)block;
	for (size_t i = 0; r == -ENOENT && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(p->path, sizeof(p->path), "%s", names[i]);
		r = hs_sysfile_read(p->path, p->value, sizeof(p->value));
	}
	return r;
}

static int watermark_prepare(struct probe *p, unsigned long block)
{
	(void)block;
	snprintf(p->path, sizeof(p->path), "/proc/sys/vm/watermark_scale_factor");
	return hs_sysfile_read(p->path, p->value, sizeof(p->value));
}

static int value_write(struct probe *p)
{
	return hs_sysfile_write(p->path, p->value);
}

static int value_read(struct probe *p)
{
	return hs_sysfile_read(p->path, p->value, sizeof(p->value));
}

static int memory_prepare(struct probe *p, unsigned long block)
{
	int r;

	snprintf(p->path, sizeof(p->path), MEMORY "/memory%lu/state", block);
	r = hs_sysfile_read(p->path, p->value, sizeof(p->value));
	return r < 0 ? r : strcmp(p->value, "online") ? -EBUSY : 0;
}

/* The kernel refuses what is so already, with EINVAL, once it has the lock. */
static int memory_write(struct probe *p)
{
	int r = hs_sysfile_write(p->path, p->value);

	return r == -EINVAL ? 0 : r;
}

/* The last that can be taken, which the first often cannot. */
static int cpu_prepare(struct probe *p, unsigned long block)
{
	int r = -ENOENT;

	(void)block;
	for (long i = sysconf(_SC_NPROCESSORS_CONF) - 1; r < 0 && i >= 0; i--) {
		snprintf(p->path, sizeof(p->path), CPUS "/cpu%ld/online", i);
		r = hs_sysfile_read(p->path, p->value, sizeof(p->value));
		if (!r && strcmp(p->value, "1"))
			r = -ENOENT;
	}
	return r;
}

static int states_read(struct probe *p)
{
	DIR *dir = opendir(MEMORY);
	struct dirent *e;
	int r = dir ? 0 : -errno;

	while (!r && (e = readdir(dir))) {
		if (strncmp(e->d_name, "memory", 6))
			continue;
		snprintf(p->path, sizeof(p->path), MEMORY "/%.32s/state", e->d_name);
		r = hs_sysfile_read(p->path, p->value, sizeof(p->value));
	}
	if (dir)
		closedir(dir);
	return r;
}

static int mounts_prepare(struct probe *p, unsigned long block)
{
	(void)p;
	(void)block;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	return 0;
}

static int cgroup_prepare(struct probe *p, unsigned long block)
{
	int r = 0;

	if (access(CGROUPS "/cgroup.procs", F_OK) < 0) {
		r = mounts_prepare(p, block);
		if (!r && mount("cgroup2", CGROUPS, "cgroup2", 0, NULL) < 0)
			r = -errno;
	}
	/* Of one that was killed. */
	if (!r && rmdir(CGROUP) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

static int cgroup_make(struct probe *p)
{
	(void)p;
	return mkdir(CGROUP, 0755) < 0 || rmdir(CGROUP) < 0 ? -errno : 0;
}

static int mount_and_back(struct probe *p)
{
	(void)p;
	return mount("tmpfs", MOUNT_POINT, "tmpfs", 0, NULL) < 0 || umount(MOUNT_POINT) < 0 ?
		-errno : 0;
}

static int fork_and_exit(struct probe *p)
{
	pid_t pid = fork();

	(void)p;
	if (!pid)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

static int map_and_touch(struct probe *p)
{
	char *m = mmap(NULL, MMAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	(void)p;
	if (m == MAP_FAILED)
		return -errno;
	memset(m, 1, MMAP_BYTES);
	return munmap(m, MMAP_BYTES) < 0 ? -errno : 0;
}

static const struct {
	int (*prepare)(struct probe *p, unsigned long block);	/* optional, once */
	int (*act)(struct probe *p);
} deeds[HS_NR_PROBES] = {
	[HS_PROBE_PCP_WRITE] = { pcp_prepare, value_write },
	[HS_PROBE_PCP_READ] = { pcp_prepare, value_read },
	[HS_PROBE_WATERMARK_WRITE] = { watermark_prepare, value_write },
	[HS_PROBE_MEMORY_ONLINE] = { memory_prepare, memory_write },
	[HS_PROBE_CPU_ONLINE] = { cpu_prepare, value_write },
	[HS_PROBE_STATE_READ] = { NULL, states_read },
	[HS_PROBE_CGROUP] = { cgroup_prepare, cgroup_make },
	[HS_PROBE_MOUNT] = { mounts_prepare, mount_and_back },
	[HS_PROBE_FORK] = { NULL, fork_and_exit },
	[HS_PROBE_MMAP] = { NULL, map_and_touch },
};

/* ---- The child ----------------------------------------------------------- */

int hs_probe_work(int fd, enum hs_probe_kind kind, unsigned long block)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct hs_probe_report r = { 0 };
	struct probe p = { "", "" };
	sigset_t term, none;

	/* Also of a parent that was killed: what it has made it takes away before it goes. */
	sigemptyset(&none);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		r.err = -errno;
	else if (deeds[kind].prepare)
		r.err = deeds[kind].prepare(&p, block);
	while (!r.err) {
		r.start_ns = hs_clock_ns();
		r.err = deeds[kind].act(&p);
		r.end_ns = hs_clock_ns();
		if (!r.err && write(fd, &r, sizeof(r)) != sizeof(r))
			return -EPIPE;
		pselect(0, NULL, NULL, NULL, &pause, &none);
	}
	return write(fd, &r, sizeof(r)) == sizeof(r) ? r.err : -EPIPE;
}
