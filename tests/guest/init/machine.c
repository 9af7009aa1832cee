// SPDX-License-Identifier: GPL-2.0-only
/* Mounts, drivers, DIMMs, the disk: what is done once, by PID 1. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "port.h"

#define SYSTEMD		"/usr/lib/systemd/systemd"

/* Not /tmp, /run, /out: the root is a tmpfs, and --file may have put files there. */
static const struct {
	const char *type, *target;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
	{ "devpts", "/dev/pts" },
	{ "tmpfs", "/dev/shm" },
	{ "debugfs", "/sys/kernel/debug" },
	{ "tracefs", "/sys/kernel/tracing" },
	{ "cgroup2", "/sys/fs/cgroup" },
};

void machine_mount(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].target, 0755);
		/* A kernel without tracefs or debugfs is still a guest. */
		mount(mounts[i].type, mounts[i].target, mounts[i].type, 0, NULL);
	}
	chmod("/dev/shm", 01777);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

static int run_wait(const char *const argv[])
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, word, strlen(word));
	close(fd);
}

/*
 * The DIMMs come up offline, so that what the boot leaves in memory for good, the
 * unpacked initramfs first of all, is not in ZONE_MOVABLE: a soak would migrate
 * it from block to block and measure little else.
 */
static void online_dimms(void)
{
	static const char memory[] = "/sys/devices/system/memory";
	char path[PATH_MAX], state[16] = "";
	struct dirent *entry;
	DIR *dir = opendir(memory);

	while (dir && (entry = readdir(dir))) {
		int fd;

		if (strncmp(entry->d_name, "memory", 6) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s/state", memory, entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, state, sizeof(state) - 1) > 0 && strncmp(state, "offline", 7) == 0)
			write_word(path, "online_movable");
		close(fd);
	}
	if (dir)
		closedir(dir);
	snprintf(path, sizeof(path), "%s/auto_online_blocks", memory);
	write_word(path, "online_movable");
}

void machine_prepare(void)
{
	static const char *const modprobe[] = {
		"modprobe", "-q", "-a", "virtio_pci", "virtio_console", "virtio_blk", NULL
	};
	static const char *const loopback[] = { "ip", "link", "set", "lo", "up", NULL };
	static const char *const mount_disk[] = {
		"mount", "-t", "ext4", "/dev/vda", "/mnt", NULL
	};

	run_wait(modprobe);
	run_wait(loopback);
	online_dimms();
	if (access("/dev/vda", F_OK) == 0 && run_wait(mount_disk) != 0)
		give_up("cannot mount /dev/vda");
}

void machine_become_systemd(void)
{
	if (access(SYSTEMD, X_OK) != 0)
		return;
	/* It mounts a tmpfs on a /run that is no mount point, over --file's files. */
	mount("/run", "/run", NULL, MS_BIND, NULL);
	execl(SYSTEMD, SYSTEMD, NULL);
	give_up("cannot run systemd");
}
