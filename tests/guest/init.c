// SPDX-License-Identifier: GPL-2.0-only
/*
 * init.c - PID 1 of a guest: prepares it, runs the command, reports.
 *
 * Why not a shell script: the heartbeat must go on while memory is short, so
 * nothing here forks or allocates once the command runs, and all of it is
 * locked in memory.
 *
 * The ports, each a stream of its own that tests/guest/run connects to a file:
 *
 *   /dev/ttyS1      lines to the launcher:
 *                     boot RELEASE      init is there
 *                     run               the command was started
 *                     beat              every two seconds
 *                     exit N            the command ended (128+signal if killed)
 *                     out N             /out was sent, tar ended with N
 *                     end               nothing follows, the guest goes down
 *                     broken WORDS      the guest cannot be used
 *                   bytes from the launcher:
 *                     I                 SIGINT to the command
 *                     T                 SIGTERM to the command
 *                     W                 blocked tasks to the console
 *   hotsoak.stdout  of the command
 *   hotsoak.stderr  of the command
 *   hotsoak.record  /out/run.jsonl as it grows: what was recorded before a
 *                   guest died must survive it
 *   hotsoak.out     a tar of /out at the end
 *
 * The serial line is slow but needs no memory and hardly any kernel, so it has
 * what must arrive; virtio ports are fast and have the rest. A write to them
 * returns when the launcher's side has taken the data.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <limits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <linux/reboot.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define BEAT_MS		2000
#define PUMP_ROUNDS	64
#define PORTS_WAIT_MS	10000
#define ARGV_FILE	"/etc/hotsoak-guest/argv"
#define RECORD_FILE	"/out/run.jsonl"

enum port { PORT_STDOUT, PORT_STDERR, PORT_RECORD, PORT_OUT, PORTS };

static const char *const port_names[PORTS] = {
	[PORT_STDOUT] = "hotsoak.stdout",
	[PORT_STDERR] = "hotsoak.stderr",
	[PORT_RECORD] = "hotsoak.record",
	[PORT_OUT] = "hotsoak.out",
};

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

static int port_fds[PORTS];
static int control_fd = -1;
static char pump_buffer[32768];

static void write_all(int fd, const char *data, size_t size)
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

__attribute__((format(printf, 1, 2)))
static void tell(const char *format, ...)
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

/* Also the way out of everything that cannot be repaired. */
__attribute__((noreturn))
static void go_down(void)
{
	if (control_fd >= 0)
		tcdrain(control_fd);
	/* QEMU runs with -no-reboot; a restart needs no ACPI. */
	reboot(LINUX_REBOOT_CMD_RESTART);
	for (;;)
		pause();
}

__attribute__((noreturn))
static void give_up(const char *what)
{
	tell("broken %s: %s", what, strerror(errno));
	go_down();
}

static void mount_all(void)
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

static void open_control(void)
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

/* There is no udev to make names of: the names are in sysfs. */
static int open_port(const char *name)
{
	static const char class_dir[] = "/sys/class/virtio-ports";
	struct dirent *entry;
	int found = -1;
	DIR *dir;

	dir = opendir(class_dir);
	if (!dir)
		return -1;
	while (found < 0 && (entry = readdir(dir))) {
		char path[384], have[64] = "";
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

static void open_ports(void)
{
	const struct timespec pause_10ms = { .tv_nsec = 10 * 1000 * 1000 };

	for (int i = 0; i < PORTS; i++) {
		int waited_ms = 0;

		/* Ports appear some time after the driver, one by one. */
		while ((port_fds[i] = open_port(port_names[i])) < 0) {
			if (waited_ms >= PORTS_WAIT_MS)
				give_up("no virtio port (needs CONFIG_VIRTIO_PCI and CONFIG_VIRTIO_CONSOLE)");
			nanosleep(&pause_10ms, NULL);
			waited_ms += 10;
		}
	}
}

/* Arguments end in NUL each, so that any byte can be in them. */
static char **read_argv(void)
{
	int fd = open(ARGV_FILE, O_RDONLY | O_CLOEXEC);
	char **argv, *text;
	struct stat info;
	size_t count = 0;

	if (fd < 0 || fstat(fd, &info) < 0)
		give_up(ARGV_FILE);
	text = malloc((size_t)info.st_size + 1);
	argv = calloc((size_t)info.st_size + 1, sizeof(*argv));
	if (!text || !argv || read(fd, text, (size_t)info.st_size) != info.st_size)
		give_up(ARGV_FILE);
	close(fd);
	for (char *at = text; at < text + info.st_size; at += strlen(at) + 1)
		argv[count++] = at;
	return argv;
}

static pid_t start_command(char **argv, int out_fd, int err_fd)
{
	pid_t child = fork();
	sigset_t none;
	int null_fd;

	if (child != 0)
		return child;

	/* A group of its own, so that a signal reaches all of it. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpriority(PRIO_PROCESS, 0, 0);
	null_fd = open("/dev/null", O_RDONLY);
	dup2(null_fd, STDIN_FILENO);
	if (null_fd > STDERR_FILENO)
		close(null_fd);
	dup2(out_fd, STDOUT_FILENO);
	dup2(err_fd, STDERR_FILENO);
	if (chdir("/") < 0)
		_exit(126);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "guest: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/*
 * Returns false when there is nothing more to come from this descriptor. Bounded,
 * so that a command that never stops talking cannot silence the heartbeat.
 */
static bool pump(int from, int to)
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

/*
 * The record appears some time after the command began. Returns true when there
 * may be more of it already.
 */
static bool pump_record(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(RECORD_FILE, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && pump(fd, port_fds[PORT_RECORD]);
}

static void blocked_tasks_to_console(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, "w", 1);
	close(fd);
}

static void obey(pid_t command)
{
	char order;

	while (read(control_fd, &order, 1) == 1) {
		switch (order) {
		case 'I':
			kill(-command, SIGINT);
			break;
		case 'T':
			kill(-command, SIGTERM);
			break;
		case 'W':
			blocked_tasks_to_console();
			break;
		}
	}
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

/* Reaps everybody. Returns true with the command's status when it ended. */
static bool reap(pid_t command, int *status)
{
	bool ended = false;
	pid_t child;
	int how;

	while ((child = waitpid(-1, &how, WNOHANG)) > 0) {
		if (child != command)
			continue;
		*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
		ended = true;
	}
	return ended;
}

/* Runs the command to its end and returns its status. */
static int attend(pid_t command, int out_fd, int err_fd, int signal_fd, int notify_fd)
{
	struct pollfd fds[] = {
		{ .fd = out_fd, .events = POLLIN },
		{ .fd = err_fd, .events = POLLIN },
		{ .fd = control_fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = notify_fd, .events = POLLIN },
	};
	long next_beat_ms = now_ms() + BEAT_MS;
	bool more_record = false;
	int status = 0;

	for (;;) {
		struct signalfd_siginfo info;
		bool ended = false;
		long left_ms = next_beat_ms - now_ms();

		if (left_ms <= 0) {
			tell("beat");
			next_beat_ms = now_ms() + BEAT_MS;
			continue;
		}
		if (poll(fds, sizeof(fds) / sizeof(fds[0]), more_record ? 0 : (int)left_ms) < 0)
			continue;
		if (fds[3].revents) {
			while (read(signal_fd, &info, sizeof(info)) == sizeof(info))
				;
			ended = reap(command, &status);
		}
		if (fds[2].revents & POLLIN)
			obey(command);
		if (fds[4].revents & POLLIN) {
			while (read(notify_fd, pump_buffer, sizeof(pump_buffer)) > 0)
				;
			more_record = true;
		}
		if (more_record)
			more_record = pump_record();
		/* Also after its end: what is in the pipes was written before. */
		for (int i = 0; i < 2; i++)
			if ((ended || fds[i].revents) && fds[i].fd >= 0 &&
			    !pump(fds[i].fd, port_fds[PORT_STDOUT + i]))
				fds[i].fd = -1;
		if (ended)
			return status;
	}
}

static int send_out(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(port_fds[PORT_OUT], STDOUT_FILENO);
		execl("/bin/busybox", "tar", "-C", "/out", "-cf", "-", ".", NULL);
		_exit(127);
	}
	for (;;) {
		struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };
		static int naps;

		if (waitpid(child, &status, WNOHANG) == child)
			break;
		nanosleep(&nap, NULL);
		if (++naps % (BEAT_MS / 10) == 0)
			tell("beat");
	}
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

static void prepare(void)
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

int main(void)
{
	int out_pipe[2], err_pipe[2], signal_fd, notify_fd, status;
	struct utsname name;
	sigset_t child_only;
	pid_t command;
	char **argv;

	umask(022);
	setenv("PATH", "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", 1);
	setenv("HOME", "/root", 1);
	setenv("HOTSOAK_GUEST", "1", 1);
	unsetenv("TERM");
	mount_all();
	open_control();
	uname(&name);
	tell("boot %s", name.release);
	prepare();
	open_ports();

	argv = read_argv();
	sigemptyset(&child_only);
	sigaddset(&child_only, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_only, NULL);
	signal_fd = signalfd(-1, &child_only, SFD_CLOEXEC | SFD_NONBLOCK);
	notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (signal_fd < 0 || notify_fd < 0 || pipe2(out_pipe, O_CLOEXEC) < 0 ||
	    pipe2(err_pipe, O_CLOEXEC) < 0)
		give_up("cannot make pipes");
	inotify_add_watch(notify_fd, "/out", IN_CREATE | IN_MOVED_TO | IN_MODIFY);
	fcntl(out_pipe[0], F_SETFL, O_NONBLOCK);
	fcntl(err_pipe[0], F_SETFL, O_NONBLOCK);
	fcntl(control_fd, F_SETFL, O_NONBLOCK);

	command = start_command(argv, out_pipe[1], err_pipe[1]);
	if (command < 0)
		give_up("cannot fork");
	close(out_pipe[1]);
	close(err_pipe[1]);
	tell("run");
	/* After the fork, though the command would not inherit it. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	setpriority(PRIO_PROCESS, 0, -10);

	status = attend(command, out_pipe[0], err_pipe[0], signal_fd, notify_fd);
	while (pump_record())
		;
	tell("exit %d", status);
	tell("out %d", send_out());
	tell("end");
	go_down();
}
