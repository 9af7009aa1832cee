// SPDX-License-Identifier: GPL-2.0-only
/*
 * One worker of anon-churn, or of hugetlb, then in huge pages. Memory is faulted in on
 * one CPU and given back from another, many pages at once: such frees read the
 * migratetypes of a whole batch before they commit the first (free_unref_page_list()),
 * which makes the wide natural E2. What was written is checked before it goes: a page
 * that was migrated meanwhile must have come through whole.
 */
#include "anon.h"

#include <errno.h>
#include <numa.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hugetlb.h"
#include "random.h"

#define REGIONS		4	/* alive at a time, so that pages have a life to be migrated in */
#define THOROUGH	16	/* one page in so many is written and checked in full */
#define SPARSE_STEP	512	/* bytes between the words of the others */
#define REPORT_NS	UINT64_C(1000000000)
#define HUGE_2MB	(21 << 26)	/* MAP_HUGE_2MB of linux/mman.h */

enum method { BY_MUNMAP, BY_DONTNEED, BY_EXIT, NR_METHODS };

struct region { char *addr; size_t bytes; uint64_t key; };

struct mismatch { uint64_t addr, found, expected; };

struct worker {
	int fd;
	const struct hs_anon_config *c;
	struct hs_random random;
	size_t page;
	size_t unit;		/* of a region's size */
	int cpus[CPU_SETSIZE];
	unsigned int nr_cpus;
	bool corrupt;
	struct hs_anon_report report;
	uint64_t reported_ns;
	struct mismatch *shared;	/* where a child process leaves what it found */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void cpus_find(struct worker *w)
{
	cpu_set_t set;

	w->nr_cpus = 0;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			w->cpus[w->nr_cpus++] = cpu;
}

/* Moves to the @k-th of our CPUs. One that went offline is no reason to stop. */
static void move_to(const struct worker *w, uint64_t k)
{
	cpu_set_t set;

	if (w->nr_cpus < 2)
		return;
	CPU_ZERO(&set);
	CPU_SET(w->cpus[k % w->nr_cpus], &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static size_t page_step(size_t page_number)
{
	return page_number % THOROUGH ? SPARSE_STEP : sizeof(uint64_t);
}

/* Depends on address and region: a page that went astray shows as well. */
static uint64_t pattern(const struct region *r, const char *at)
{
	return ((uint64_t)(uintptr_t)at ^ r->key) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Where a huge page goes on that is not there, though it was reserved. */
static sigjmp_buf not_there;
static volatile sig_atomic_t writing;

static void on_sigbus(int sig)
{
	if (writing)
		siglongjmp(not_there, 1);
	/* Of a memory error, say: it comes again, and is the end. */
	signal(sig, SIG_DFL);
}

/* False: SIGBUS. What is written is there from then on. */
static bool region_write(const struct worker *w, const struct region *r)
{
	if (sigsetjmp(not_there, 1)) {
		writing = false;
		return false;
	}
	writing = true;
	for (size_t p = 0; p < r->bytes / w->page; p++) {
		char *page = r->addr + p * w->page;
		size_t step = page_step(p);

		for (size_t i = 0; i < w->page; i += step)
			*(volatile uint64_t *)(void *)(page + i) = pattern(r, page + i);
	}
	writing = false;
	return true;
}

/* The first word that is not what was written, or false when there is none. */
static bool region_is_broken(const struct worker *w, const struct region *r, struct mismatch *m)
{
	for (size_t p = 0; p < r->bytes / w->page; p++) {
		char *page = r->addr + p * w->page;
		size_t step = page_step(p);

		for (size_t i = 0; i < w->page; i += step) {
			uint64_t found = *(volatile uint64_t *)(void *)(page + i);

			if (found == pattern(r, page + i))
				continue;
			*m = (struct mismatch){
				(uint64_t)(uintptr_t)(page + i), found, pattern(r, page + i),
			};
			return true;
		}
	}
	return false;
}

static int region_map(struct worker *w, struct region *r)
{
	size_t most = w->c->bytes / REGIONS / w->unit;
	size_t units = most / 4 + hs_random_below(&w->random, most - most / 4) + 1;
	int huge = w->c->huge ? MAP_HUGETLB | HUGE_2MB : 0;

	r->bytes = units * w->unit;
	r->key = hs_random_u64(&w->random);
	r->addr = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | huge,
		       -1, 0);
	if (r->addr == MAP_FAILED) {
		r->addr = NULL;
		return -errno;
	}
	if (w->c->node >= 0 && numa_available() >= 0)
		numa_tonode_memory(r->addr, r->bytes, w->c->node);
	if (huge)
		return 0;
	/* Huge pages bypass the lists of order 0 that most frees use. */
	madvise(r->addr, r->bytes,
		hs_random_below(&w->random, 8) ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
	return 0;
}

static int report_send(struct worker *w, enum hs_anon_report_type type, const struct mismatch *m)
{
	w->report.type = type;
	if (m) {
		w->report.addr = m->addr;
		w->report.found = m->found;
		w->report.expected = m->expected;
	}
	if (write(w->fd, &w->report, sizeof(w->report)) != sizeof(w->report))
		return -EPIPE;
	memset(&w->report, 0, sizeof(w->report));
	w->reported_ns = now_ns();
	return 0;
}

static void region_corrupt(struct worker *w, const struct region *r)
{
	if (!w->corrupt)
		return;
	w->corrupt = false;
	r->addr[0] ^= 1;
}

static int region_check(struct worker *w, const struct region *r)
{
	struct mismatch m;

	region_corrupt(w, r);
	w->report.pages_checked += r->bytes / w->page;
	return region_is_broken(w, r, &m) ? report_send(w, HS_ANON_MISMATCH, &m) : 0;
}

static int region_give_back(struct worker *w, struct region *r, enum method method)
{
	int err;

	if (!r->addr)
		return 0;
	err = region_check(w, r);
	if (method == BY_DONTNEED)
		madvise(r->addr, r->bytes, MADV_DONTNEED);
	munmap(r->addr, r->bytes);
	w->report.pages_freed += r->bytes / w->page;
	r->addr = NULL;
	return err;
}

/*
 * A whole process that faults in, checks and exits. Forked only, not exec'ed:
 * this worker was exec'ed, so there is no witness to inherit.
 */
static int churn_by_exit(struct worker *w)
{
	uint64_t from = hs_random_u64(&w->random), to = from + 1 + hs_random_below(&w->random, 64);
	struct timespec nap = { .tv_nsec = (long)hs_random_below(&w->random, 20000000) };
	struct region r;
	pid_t parent = getpid(), pid;
	int status, err;

	err = region_map(w, &r);
	if (err < 0)
		return err;
	w->shared->addr = 0;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		move_to(w, from);
		if (!region_write(w, &r))
			_exit(1);
		nanosleep(&nap, NULL);
		move_to(w, to);
		region_corrupt(w, &r);
		region_is_broken(w, &r, w->shared);
		_exit(0);
	}
	err = pid < 0 ? -errno : 0;
	munmap(r.addr, r.bytes);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	w->corrupt = false;
	/* Killed for want of memory, or of a huge page: not checked, not counted. */
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return 0;
	w->report.pages_checked += r.bytes / w->page;
	w->report.pages_freed += r.bytes / w->page;
	return w->shared->addr ? report_send(w, HS_ANON_MISMATCH, w->shared) : 0;
}

static int churn(struct worker *w)
{
	struct region ring[REGIONS] = { 0 };

	for (unsigned int turn = 0;; turn++) {
		struct region *r = &ring[turn % REGIONS];
		enum method method = (enum method)hs_random_below(&w->random, NR_METHODS);
		uint64_t from = hs_random_u64(&w->random);
		/* Never the same CPU, as far as there is another. */
		uint64_t to = w->nr_cpus > 1 ?
			from % w->nr_cpus + 1 + hs_random_below(&w->random, w->nr_cpus - 1) : 0;
		struct pollfd gone = { .fd = w->fd };
		int err;

		move_to(w, to);
		err = region_give_back(w, r, method);
		if (!err)
			err = method == BY_EXIT ? churn_by_exit(w) : 0;
		if (!err)
			err = region_map(w, r);
		if (err == -ENOMEM || err == -EAGAIN) {
			/* Short of memory, not of purpose. */
			nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
			continue;
		}
		if (err < 0)
			return err == -EPIPE ? 0 : err;
		move_to(w, from);
		if (!region_write(w, r)) {
			w->report.sigbus++;
			munmap(r->addr, r->bytes);
			r->addr = NULL;
		}

		if (now_ns() - w->reported_ns >= REPORT_NS &&
		    report_send(w, HS_ANON_PROGRESS, NULL) < 0)
			return 0;
		if (poll(&gone, 1, 0) > 0 && gone.revents & (POLLERR | POLLHUP))
			return 0;
	}
}

int hs_anon_work(int fd, const struct hs_anon_config *c)
{
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	static struct worker w;

	w.fd = fd;
	w.c = c;
	w.corrupt = c->corrupt;
	w.page = (size_t)sysconf(_SC_PAGESIZE);
	w.unit = c->huge ? HS_HUGETLB_PAGE_BYTES : w.page;
	if (c->bytes / REGIONS < (c->huge ? w.unit : 8 * w.page))
		return -EINVAL;
	/* The supervisor says when to stop, not the terminal. */
	for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++)
		signal(deaf_to[i], SIG_IGN);
	if (c->huge)
		signal(SIGBUS, on_sigbus);
	/* Preferred, not bound: bound memory ends in the OOM killer when most blocks
	 * of the node are away. */
	numa_set_bind_policy(0);
	hs_random_init(&w.random, c->seed);
	cpus_find(&w);
	w.shared = mmap(NULL, w.page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w.shared == MAP_FAILED)
		return -errno;
	w.reported_ns = now_ns();
	return churn(&w);
}
