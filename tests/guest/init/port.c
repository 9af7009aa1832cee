// SPDX-License-Identifier: GPL-2.0-only
/* The guest's ports to the launcher: opening them, writing to them. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/reboot.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

#define PUMP_ROUNDS	64
#define PORTS_WAIT_MS	10000

static const char *const port_names[PORTS] = {
	[PORT_STDOUT] = "hotsoak.stdout",
	[PORT_STDERR] = "hotsoak.stderr",
	[PORT_RECORD] = "hotsoak.record",
	[PORT_OUT] = "hotsoak.out",
};

int control_fd = -1;
int port_fds[PORTS] = { -1, -1, -1, -1 };

static char pump_buffer[32768];

void write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t done = write(fd, data, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		data += done;
		size -= (size_t)done;
	}
}

void tell(const char *format, ...)
{
	char line[256];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (size < 0)
		return;
	if ((size_t)size > sizeof(line) - 2)
		size = sizeof(line) - 2;
	line[size++] = '\n';
	write_all(control_fd, line, (size_t)size);
}

void go_down(void)
{
	if (control_fd >= 0)
		tcdrain(control_fd);
	/* QEMU runs with -no-reboot; a restart needs no ACPI. */
	reboot(LINUX_REBOOT_CMD_RESTART);
	for (;;)
		pause();
}

void give_up(const char *what)
{
	tell("broken %s: %s", what, strerror(errno));
	go_down();
}

void control_open(void)
{
	struct termios raw;

	control_fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (control_fd < 0)
		return;
	if (tcgetattr(control_fd, &raw) == 0) {
		cfmakeraw(&raw);
		cfsetspeed(&raw, B115200);
		tcsetattr(control_fd, TCSANOW, &raw);
	}
}

/* There is no udev to make names of: the names are in sysfs. */
static int port_open(const char *name)
{
	static const char class_dir[] = "/sys/class/virtio-ports";
	struct dirent *entry;
	int found = -1;
	DIR *dir;

	dir = opendir(class_dir);
	if (!dir)
		return -1;
	while (found < 0 && (entry = readdir(dir))) {
		char path[PATH_MAX], have[64] = "";
		ssize_t size;
		int fd;

		snprintf(path, sizeof(path), "%s/%s/name", class_dir, entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		size = read(fd, have, sizeof(have) - 1);
		close(fd);
		if (size < 0)
			continue;
		have[strcspn(have, "\n")] = '\0';
		if (strcmp(have, name) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		found = open(path, O_WRONLY | O_CLOEXEC);
	}
	closedir(dir);
	return found;
}

void ports_open(void)
{
	const struct timespec pause_10ms = { .tv_nsec = 10 * 1000 * 1000 };

	for (int i = 0; i < PORTS; i++) {
		int waited_ms = 0;

		/* Ports appear some time after the driver, one by one. */
		while ((port_fds[i] = port_open(port_names[i])) < 0) {
			if (waited_ms >= PORTS_WAIT_MS)
				give_up("no virtio port (needs CONFIG_VIRTIO_PCI and CONFIG_VIRTIO_CONSOLE)");
			nanosleep(&pause_10ms, NULL);
			waited_ms += 10;
		}
	}
}

void swallow(int fd)
{
	while (read(fd, pump_buffer, sizeof(pump_buffer)) > 0)
		;
}

bool pump(int from, int to)
{
	for (int i = 0; i < PUMP_ROUNDS; i++) {
		ssize_t size = read(from, pump_buffer, sizeof(pump_buffer));

		if (size > 0) {
			write_all(to, pump_buffer, (size_t)size);
			continue;
		}
		return size < 0 && (errno == EAGAIN || errno == EINTR);
	}
	return true;
}
