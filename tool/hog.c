// SPDX-License-Identifier: GPL-2.0-only
/* The hog, both ends of its pipe. */
#include "hog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "clock.h"
#include "pagemap.h"
#include "sysfile.h"

#define START_MS	5000	/* an exec where CPUs are emulated and busy */
#define END_MS		1000
#define LOOK_MS		100
#define PAGES		3	/* the first may be the one that fills the batch, which drains it */

int hs_hog_ask(const char *root)
{
	cpu_set_t cpus;
	char text[32];
	int r = hs_sysfile_read_below(root, HS_HOG_LIMIT, text, sizeof(text));

	if (r < 0 || (root && *root))
		return r;
	/* Of more CPUs than the set holds (EINVAL) none is chosen. */
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return -errno;
	return CPU_COUNT(&cpus) < 2 ? -ERANGE : 0;
}

const char *hs_hog_words(int answer)
{
	switch (answer) {
	case 0:
		return "a task can have a CPU for itself";
	case -ENOENT:
		return "there is no limit of real-time tasks to lift (kernel.sched_rt_runtime_us)";
	case -ERANGE:
		return "it takes a CPU for itself, and there is one only";
	default:
		return strerror(-answer);
	}
}

/* ---- The supervisor's end ------------------------------------------------ */

int hs_hog_start(struct hs_hog *h, uint64_t most_ms)
{
	char cpu_text[16], most_text[32];
	char *argv[] = { "hotsoak", "hog", "3", cpu_text, most_text, NULL };
	_cleanup_close_ int ours = -1, theirs = -1;
	int fds[2], r;

	snprintf(cpu_text, sizeof(cpu_text), "%d", h->cpu);
	snprintf(most_text, sizeof(most_text), "%" PRIu64, most_ms);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	ours = fds[0];
	theirs = fds[1];
	r = hs_child_spawn_self(argv, theirs, 0, &h->pid);
	if (r < 0)
		return r;
	/* One that dies is seen by its end of the pipe alone. */
	close(theirs);
	theirs = -1;
	r = hs_child_told(ours, START_MS);
	if (r < 0)
		hs_hog_stop(h);
	return r;
}

bool hs_hog_runs(const struct hs_hog *h)
{
	siginfo_t si = { 0 };

	/* Left there to be reaped. */
	return h->pid && !waitid(P_PID, (id_t)h->pid, &si, WEXITED | WNOHANG | WNOWAIT) &&
		!si.si_pid;
}

int hs_hog_stop(struct hs_hog *h)
{
	int r = h->pid ? hs_child_kill(h->pid, END_MS) : 0;

	if (r == -EBUSY)
		return r;
	h->pid = 0;
	return 0;
}

/* ---- The child's end ----------------------------------------------------- */

static uint64_t now_ms(void)
{
	return hs_clock_ns() / 1000000;
}

static int become_real_time(int cpu, uint64_t most_ms)
{
	const struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
	const struct rlimit rttime = { (most_ms + 1000) * 1000, (most_ms + 1000) * 1000 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (setrlimit(RLIMIT_RTTIME, &rttime) < 0 ||
	    sched_setaffinity(0, sizeof(one), &one) < 0 ||
	    sched_setscheduler(0, SCHED_FIFO, &lowest) < 0)
		return -errno;
	return 0;
}

/*
 * A CPU whose batches are empty is passed over by lru_add_drain_all(): until Linux v5.13,
 * when offlines came to call lru_cache_disable(), which drains all of them. Nothing else
 * runs here by now, and so nothing drains them meanwhile.
 */
static int leave_page_in_batch(void)
{
	_cleanup_close_ int pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int kpageflags = open(HS_KPAGEFLAGS_FILE, O_RDONLY | O_CLOEXEC);
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t entry, flags = HS_KPAGEFLAGS_LRU;
	char *pages;
	int r = 0;

	if (pagemap < 0 || kpageflags < 0)
		return -errno;
	pages = mmap(NULL, PAGES * page_bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return -errno;
	madvise(pages, PAGES * page_bytes, MADV_NOHUGEPAGE);
	for (int i = 0; i < PAGES && !r && flags & HS_KPAGEFLAGS_LRU; i++) {
		char *page = pages + (size_t)i * page_bytes;

		*(volatile char *)page = 1;
		r = hs_pagemap_of(pagemap, page, &entry);
		if (!r)
			r = hs_pagemap_read(kpageflags, entry & HS_PAGEMAP_PFN, &flags);
	}
	return r < 0 ? r : flags & HS_KPAGEFLAGS_LRU ? -EAGAIN : 0;
}

/*
 * PR_SET_PDEATHSIG is sent late in do_exit(): first the files are closed, and the module's
 * release waits for a thread of its own on this very CPU. The memory goes before that.
 */
static bool is_orphaned(const char *statm)
{
	char text[128];

	return hs_sysfile_read(statm, text, sizeof(text)) < 0 || !strncmp(text, "0 ", 2);
}

int hs_hog_work(int fd, int cpu, uint64_t most_ms)
{
	uint64_t next_ms = now_ms(), end_ms = next_ms + most_ms;
	char statm[32];
	int32_t err;

	snprintf(statm, sizeof(statm), "/proc/%d/statm", (int)getppid());
	err = become_real_time(cpu, most_ms);
	if (!err)
		err = leave_page_in_batch();
	if (write(fd, &err, sizeof(err)) != sizeof(err) || err)
		return err ? err : -EPIPE;
	for (uint64_t now = next_ms; now < end_ms; now = now_ms()) {
		if (now < next_ms)
			continue;
		if (is_orphaned(statm))
			break;
		next_ms = now + LOOK_MS;
	}
	return 0;
}
