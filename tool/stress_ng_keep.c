// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who keeps one stress-ng: starts it, listens to it, ends it, reads its metrics, and takes
 * away all that it leaves.
 *
 * stress-ng has processes of its own, which have others. When it is killed, those are asked
 * to stop by SIGALRM and most do, some time; and its files stay. Hence a process in between:
 * orphans become its children (PR_SET_CHILD_SUBREAPER), and it does not go before they have.
 * It learns by its socket that hotsoak is gone, by SIGKILL even; when it is killed itself,
 * stress-ng is by PR_SET_PDEATHSIG.
 */
#include "stress_ng.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <numa.h>

#include "child.h"
#include "cleanup.h"
#include "clock.h"
#include "parse.h"
#include "sysfile.h"

#define TOLD_NS		UINT64_C(12000000000)	/* to end by itself, and write its metrics */
#define KILLED_NS	UINT64_C(3000000000)	/* to be gone after SIGKILL */
#define MAX_WORDS	(HS_STRESS_NG_OPTIONS_BYTES / 2)
#define DIRECTORY	"hotsoak-stress-ng."
#define VICTIM		1000			/* oom_score_adj: it goes first */

struct keeper {
	int fd, out, signals;
	pid_t pid;		/* 0: has ended */
	pid_t group;
	bool told;		/* the other end is gone, or wants it to end */
	uint64_t deadline_ns;	/* of what it was told */
	char dir[PATH_MAX];	/* "": none */
	char line[512];
	size_t line_len;
	bool said_ready;
	struct hs_stress_ng_report report;
};

static void report(struct keeper *k, int type)
{
	k->report.type = type;
	(void)!send(k->fd, &k->report, sizeof(k->report), MSG_NOSIGNAL);
}

/* ---- Its directory ------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static void directory_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Of a run that was killed together with its keeper, who would hold the lock of it. */
static void directory_remove_stale(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && st.st_uid == geteuid() && !flock(fd, LOCK_EX | LOCK_NB))
		directory_remove(path);
}

/* Locked for as long as we live. */
static int directory_make(struct keeper *k, const char *directory)
{
	struct dirent *e;
	int fd, r = hs_sysfile_path(k->dir, sizeof(k->dir), directory, "/" DIRECTORY "XXXXXX");
	DIR *d = r < 0 ? NULL : opendir(directory);

	while (d && (e = readdir(d))) {
		char path[PATH_MAX];

		if (!strncmp(e->d_name, DIRECTORY, strlen(DIRECTORY)) &&
		    !hs_sysfile_path(path, sizeof(path), directory, "/%s", e->d_name))
			directory_remove_stale(path);
	}
	if (d)
		closedir(d);
	if (r >= 0 && !mkdtemp(k->dir))
		r = -errno;
	if (r < 0) {
		*k->dir = '\0';
		return r;
	}
	fd = open(k->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || flock(fd, LOCK_EX) < 0 ? -errno : 0;
}

/* ---- Start --------------------------------------------------------------------- */

/* Inherited by all that it starts. One node is preferred; several take turns. */
static void bind_to(const char *nodes)
{
	struct bitmask *mask, *cpus, *of_node;
	unsigned int nr = 0;
	int last = -1;

	if (numa_available() < 0 || !strcmp(nodes, "any"))
		return;
	mask = numa_parse_nodestring(nodes);
	if (!mask)
		return;
	cpus = numa_allocate_cpumask();
	of_node = numa_allocate_cpumask();
	for (int node = 0; node <= numa_max_node(); node++) {
		if (!numa_bitmask_isbitset(mask, (unsigned int)node))
			continue;
		nr++;
		last = node;
		if (numa_node_to_cpus(node, of_node) < 0)
			continue;
		for (unsigned int cpu = 0; cpu < of_node->size; cpu++)
			if (numa_bitmask_isbitset(of_node, cpu))
				numa_bitmask_setbit(cpus, cpu);
	}
	if (nr == 1)
		numa_set_preferred(last);
	else if (nr)
		numa_set_interleave_mask(mask);
	/* A node of memory alone has none: then any will do. */
	if (numa_bitmask_weight(cpus))
		numa_sched_setaffinity(0, cpus);
	numa_bitmask_free(of_node);
	numa_bitmask_free(cpus);
	numa_bitmask_free(mask);
}

static int set_stdio(int in, int out)
{
	return dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	       dup2(out, STDERR_FILENO) < 0 ? -errno : 0;
}

/* Ours first: of an option that comes twice the last counts, and none of these may. */
static int spawn(struct keeper *k, const char *options)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char yaml[PATH_MAX], words[HS_STRESS_NG_OPTIONS_BYTES], *rest = words, *word;
	char *argv[MAX_WORDS + 12] = {
		(char *)HS_STRESS_NG, (char *)"--timeout", (char *)"0", (char *)"--metrics",
		(char *)"--verify", (char *)"--no-oom-adjust", (char *)"--temp-path", k->dir,
		(char *)"--yaml", yaml,
	};
	int fds[2], nr = 10, r;

	r = hs_sysfile_path(yaml, sizeof(yaml), k->dir, "/metrics.yaml");
	if (r < 0)
		return r;
	if (strlen(options) >= sizeof(words))
		return -E2BIG;
	memcpy(words, options, strlen(options) + 1);
	while ((word = strsep(&rest, " \t")))
		if (*word && nr < MAX_WORDS + 11)
			argv[nr++] = word;
	if (null < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	k->out = fds[0];
	fcntl(k->out, F_SETFL, O_NONBLOCK);
	r = set_stdio(null, fds[1]);
	if (r >= 0)
		r = hs_child_spawn_group(HS_STRESS_NG, argv, VICTIM, &k->pid);
	close(fds[1]);
	/* With ours closed the pipe ends when the last of them is gone. */
	set_stdio(null, null);
	k->group = k->pid;
	return r;
}

static int watch(struct keeper *k)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	k->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Those of a terminal are for hotsoak, which then tells us. */
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (k->signals < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || prctl(PR_SET_PDEATHSIG, 0) < 0)
		return -errno;
	return 0;
}

/* ---- What it says -------------------------------------------------------------- */

static void hear(struct keeper *k)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(k->out, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] != '\n') {
				if (k->line_len < sizeof(k->line) - 1)
					k->line[k->line_len++] = buf[i];
				continue;
			}
			k->line[k->line_len] = '\0';
			k->line_len = 0;
			hs_stress_ng_line(&k->report.words, k->line);
		}
	}
	if (!n) {
		close(k->out);
		k->out = -1;
	}
	if (k->report.words.dispatched && !k->said_ready) {
		k->said_ready = true;
		report(k, HS_STRESS_NG_READY);
	}
}

/* ---- End ----------------------------------------------------------------------- */

/* False: there is no child left. */
static bool reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != k->pid)
			continue;
		k->pid = 0;
		k->report.status = WIFEXITED(status) ? WEXITSTATUS(status) :
			128 + WTERMSIG(status);
	}
	return !pid || errno != ECHILD;
}

static pid_t parent_of(const char *pid)
{
	char file[64], stat[2048], *p;
	uint64_t parent;

	snprintf(file, sizeof(file), "/proc/%.16s/stat", pid);
	if (hs_sysfile_read(file, stat, sizeof(stat)) < 0 || !(p = strrchr(stat, ')')) ||
	    strlen(p) < 5)
		return -1;
	p += 4;
	p[strcspn(p, " ")] = '\0';
	return hs_parse_u64(p, 0, INT_MAX, &parent) < 0 ? -1 : (pid_t)parent;
}

/* Who has lost his parent has become our child, whatever group he is in. */
static void kill_children(struct keeper *k)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;

	/* Empty once, its number may be somebody else's. */
	if (k->group && kill(-k->group, SIGKILL) < 0 && errno == ESRCH)
		k->group = 0;
	while (proc && (e = readdir(proc))) {
		uint64_t pid;

		if (isdigit((unsigned char)*e->d_name) && parent_of(e->d_name) == getpid() &&
		    !hs_parse_u64(e->d_name, 1, INT_MAX, &pid))
			kill((pid_t)pid, SIGKILL);
	}
	if (proc)
		closedir(proc);
}

/* Each round makes orphans of the next generation. False: not all are gone by then; 0: there
 * is no then, and no hurry. */
static bool kill_all(struct keeper *k, uint64_t until_ns)
{
	const struct timespec nap = { .tv_nsec = until_ns ? 5000000 : 200000000 };

	while (reap(k)) {
		if (until_ns && hs_clock_ns() >= until_ns)
			return false;
		kill_children(k);
		nanosleep(&nap, NULL);
	}
	return true;
}

/* Nobody waits for the metrics of a run that is gone. */
static void tell(struct keeper *k, bool gone)
{
	if (gone)
		k->deadline_ns = 0;
	else if (!k->told)
		k->deadline_ns = hs_clock_ns() + TOLD_NS;
	if (!k->told)
		kill(k->pid, SIGINT);
	k->told = true;
}

static void keep(struct keeper *k)
{
	struct signalfd_siginfo si;

	while (k->pid) {
		struct pollfd p[] = {
			{ .fd = k->fd, .events = k->told ? 0 : POLLIN },
			{ .fd = k->signals, .events = POLLIN },
			{ .fd = k->out, .events = POLLIN },
		};

		if (poll(p, 3, k->told ? 100 : -1) < 0 && errno != EINTR)
			break;
		/* Nobody sends anything: it is the end of the socket, or of its owner. */
		if (p[0].revents)
			tell(k, p[0].revents & POLLHUP);
		while (read(k->signals, &si, sizeof(si)) == sizeof(si))
			if (si.ssi_signo == SIGTERM)
				tell(k, false);
		if (k->out >= 0)
			hear(k);
		reap(k);
		if (k->pid && k->told && hs_clock_ns() >= k->deadline_ns) {
			k->report.killed = true;
			return;
		}
	}
}

static void read_metrics(struct keeper *k)
{
	char path[PATH_MAX];
	_cleanup_fclose_ FILE *f = NULL;

	if (!hs_sysfile_path(path, sizeof(path), k->dir, "/metrics.yaml"))
		f = fopen(path, "re");
	k->report.has_metrics = f && !hs_stress_ng_metrics_read(f, &k->report.metrics);
}

int hs_stress_ng_keep(int fd, const char *nodes, const char *directory, const char *options)
{
	struct keeper k = { .fd = fd, .out = -1, .signals = -1 };
	int r = watch(&k);

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (!r)
		r = directory_make(&k, directory);
	if (!r) {
		bind_to(nodes);
		r = spawn(&k, options);
	}
	if (!r) {
		keep(&k);
		k.report.left = !kill_all(&k, hs_clock_ns() + KILLED_NS);
		if (k.out >= 0)
			hear(&k);
		read_metrics(&k);
	}
	k.report.err = r;
	/* One that is in the kernel yet keeps its files for so long, and us. */
	if (k.report.left) {
		report(&k, HS_STRESS_NG_END);
		kill_all(&k, 0);
	}
	if (*k.dir)
		directory_remove(k.dir);
	if (!k.report.left)
		report(&k, HS_STRESS_NG_END);
	return r;
}
