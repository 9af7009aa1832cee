// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker: takes pages of its kind on one CPU and gives them back from another, many at
 * once. Such frees read the migratetypes of a whole batch before they commit the first
 * (free_unref_page_list() of Linux 5.10 to 6.6, free_unref_folios() since), which makes the
 * wide natural E2. What was written is checked before it goes.
 *
 * In between it is told of a block that is about to go: pages_aim.c.
 */
#include "pages_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "memcg.h"
#include "pagemap.h"

#define REPORT_NS	UINT64_C(1000000000)
#define LEFT_ALONE_NS	UINT64_C(500000000)	/* nobody wants anything of it */
#define SELDOM		64		/* turns, of which one changes what is whole */
#define PAUSE_MS	10

#define DECLARE(id, symbol, ...)	extern const struct hs_pages_kind hs_pages_##symbol;
#define KIND(id, symbol, ...)		[HS_PAGES_##id] = &hs_pages_##symbol,
#define NAME(id, symbol, name, ...)	[HS_PAGES_##id] = name,

HS_PAGES_FREERS(DECLARE)
DECLARE(HUGETLB, hugetlb)

const struct hs_pages_kind *const hs_pages_kinds[HS_NR_PAGES] = {
	HS_PAGES_FREERS(KIND)
	KIND(HUGETLB, hugetlb)
};

const char *const hs_pages_names[HS_NR_PAGES] = {
	HS_PAGES_FREERS(NAME)
	NAME(HUGETLB, hugetlb, "hugetlb")
};

struct hs_random *hs_pages_random(struct hs_pages *w)
{
	return &w->random;
}

size_t hs_pages_page(const struct hs_pages *w)
{
	return w->page;
}

const char *hs_pages_directory(const struct hs_pages *w)
{
	return w->c->directory;
}

/* ---- CPUs ------------------------------------------------------------------------- */

static void cpus_find(struct hs_pages *w)
{
	cpu_set_t set;

	w->nr_cpus = 0;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			w->cpus[w->nr_cpus++] = cpu;
}

/* One that went offline is no reason to stop. */
void hs_pages_move(struct hs_pages *w, uint64_t k)
{
	cpu_set_t set;

	if (w->nr_cpus < 2)
		return;
	w->cpu = w->cpus[k % w->nr_cpus];
	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

void hs_pages_move_off(struct hs_pages *w, int cpu)
{
	uint64_t k = hs_random_below(&w->random, w->nr_cpus ? w->nr_cpus : 1);

	hs_pages_move(w, k);
	if (w->cpu == cpu)
		hs_pages_move(w, k + 1);
}

/* ---- Reports ------------------------------------------------------------------------ */

static bool order_comes(const struct hs_pages *w, int within_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	return poll(&p, 1, within_ms) > 0;
}

bool hs_pages_order_waits(const struct hs_pages *w)
{
	return order_comes(w, 0);
}

int hs_pages_report(struct hs_pages *w, enum hs_pages_report_type type,
		    const struct hs_pages_mismatch *m)
{
	w->report.type = type;
	if (m) {
		w->report.addr = m->addr;
		w->report.found = m->found;
		w->report.expected = m->expected;
	}
	if (send(w->fd, &w->report, sizeof(w->report), MSG_NOSIGNAL) != sizeof(w->report))
		return -EPIPE;
	memset(&w->report, 0, sizeof(w->report));
	w->reported_ns = hs_clock_ns();
	return 0;
}

/* ---- Turns --------------------------------------------------------------------------- */

static size_t size_draw(struct hs_pages *w)
{
	size_t most = (w->kind->copies ? w->c->bytes / 3 * 2 : w->c->bytes) / HS_PAGES_REGIONS /
		w->unit;

	if (!most)
		return w->unit;
	return (most / 4 + hs_random_below(&w->random, most - most / 4) + 1) * w->unit;
}

void hs_pages_forget(struct hs_pages *w, struct hs_region *r)
{
	if (w->kind->drop)
		w->kind->drop(w, r);
	hs_region_close(r);
}

int hs_pages_drop(struct hs_pages *w, struct hs_region *r)
{
	int err;

	hs_region_corrupt(w, r, 0, hs_region_pages(w, r));
	err = hs_region_check(w, r, 0, hs_region_pages(w, r));
	w->report.freed += hs_region_there(w, r);
	if (w->kind->unmapped || hs_random_below(&w->random, 2))
		w->kind->give(w, r, r->addr, r->bytes);
	hs_pages_forget(w, r);
	return err;
}

/*
 * A whole process that takes, checks and exits. Forked only, not exec'ed:
 * this worker was exec'ed, so there is no witness to inherit.
 */
static int churn_by_exit(struct hs_pages *w)
{
	uint64_t from = hs_random_u64(&w->random), to = from + 1 + hs_random_below(&w->random, 64);
	struct timespec nap = { .tv_nsec = (long)hs_random_below(&w->random, 20000000) };
	struct pollfd order = { .fd = w->fd, .events = POLLIN };
	struct hs_pages_shared *found = &w->shared[HS_PAGES_REGIONS];
	struct hs_region r;
	pid_t parent = getpid(), pid;
	int status, err;

	err = hs_region_take(w, &r, size_draw(w));
	if (err < 0)
		return err;
	memset(found, 0, sizeof(*found));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		hs_pages_move(w, from);
		if (hs_region_write(w, &r) == -EFAULT)
			_exit(1);
		/* An order ends it: there are better times to exit then. */
		(void)ppoll(&order, 1, &nap, NULL);
		hs_pages_move(w, to);
		hs_region_corrupt(w, &r, 0, hs_region_pages(w, &r));
		found->pages = hs_region_there(w, &r);
		hs_region_is_broken(w, &r, 0, hs_region_pages(w, &r), &found->mismatch);
		_exit(0);
	}
	err = pid < 0 ? -errno : 0;
	hs_pages_forget(w, &r);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	/* Killed for want of memory, or of a huge page: not checked, not counted. */
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return 0;
	w->corrupt &= !found->pages;
	w->report.checked += found->pages;
	w->report.freed += found->pages;
	return found->mismatch.addr ? hs_pages_report(w, HS_PAGES_MISMATCH, &found->mismatch) : 0;
}

/* What is not there is written; what the kernel has put away comes in again, to be checked. */
static int fill(struct hs_pages *w, struct hs_region *r)
{
	int err = hs_region_write(w, r);

	r->cpu = w->cpu;
	if (err == -EFAULT) {
		w->report.sigbus++;
		hs_pages_forget(w, r);
		return 0;
	}
	if (!err && w->kind->keeps)
		err = hs_region_check(w, r, 0, hs_region_pages(w, r));
	if (!err && w->kind->filled)
		err = w->kind->filled(w, r);
	r->whole = !err;
	if (err < 0 && err != -EINTR && err != -EPIPE)
		hs_pages_forget(w, r);
	return err == -EINTR ? 0 : err;
}

/*
 * Where blocks go one after the other all that a worker has is to be met by one of them: it
 * fills up what it gave back, and changes the rest now and then only. Else that is all it does.
 */
static bool changes(struct hs_pages *w)
{
	return hs_clock_ns() - w->obeyed_ns > LEFT_ALONE_NS || !hs_random_below(&w->random, SELDOM);
}

/* 1: there was nothing to do. */
static int turn(struct hs_pages *w, struct hs_region *r)
{
	uint64_t from = hs_random_u64(&w->random);
	/* Never the same CPU, as far as there is another. */
	uint64_t to = w->nr_cpus > 1 ?
		from % w->nr_cpus + 1 + hs_random_below(&w->random, w->nr_cpus - 1) : 0;
	int err = 0;

	if (r->addr && r->whole) {
		if (!changes(w))
			return 1;
		hs_pages_move(w, to);
		err = hs_pages_drop(w, r);
		if (!err && w->kind->exits && !hs_random_below(&w->random, 3))
			err = churn_by_exit(w);
	}
	if (!err && !r->addr)
		err = hs_region_take(w, r, size_draw(w));
	if (err)
		return err;
	hs_pages_move(w, from);
	return fill(w, r);
}

static bool is_shortage(int err)
{
	return err == -ENOMEM || err == -EAGAIN || err == -ENOSPC || err == -EDQUOT ||
		err == -EMFILE || err == -ENFILE;
}

static int work(struct hs_pages *w)
{
	unsigned int idle = 0;

	for (unsigned int n = 0;; n++) {
		int err = turn(w, &w->ring[n % HS_PAGES_REGIONS]);

		idle = err == 1 ? idle + 1 : 0;
		/* Short of what others have, not of purpose; or all has been done. */
		if (is_shortage(err) || idle == HS_PAGES_REGIONS) {
			(void)order_comes(w, PAUSE_MS);
			idle = 0;
		} else if (err < 0) {
			return err;
		}
		if (hs_clock_ns() - w->reported_ns >= REPORT_NS) {
			err = hs_pages_report(w, HS_PAGES_PROGRESS, NULL);
			if (err < 0)
				return err;
		}
		while (hs_pages_order_waits(w)) {
			err = hs_pages_obey(w);
			if (err < 0)
				return err;
			w->obeyed_ns = hs_clock_ns();
		}
	}
}

int hs_pages_work(int fd, const struct hs_pages_config *c)
{
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	static struct hs_pages w;
	int err;

	w.fd = fd;
	w.c = c;
	w.kind = hs_pages_kinds[c->kind];
	w.corrupt = c->corrupt;
	w.cpu = -1;
	w.page = (size_t)sysconf(_SC_PAGESIZE);
	w.unit = w.kind->unit ? w.kind->unit : w.page;
	/* The supervisor says when to stop, not the terminal. */
	for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++)
		signal(deaf_to[i], SIG_IGN);
	/* What it takes counts there from here on. */
	if (w.kind->limited) {
		err = hs_memcg_enter();
		if (err < 0)
			return err;
	}
	/* Preferred, not bound: bound memory ends in the OOM killer when most blocks
	 * of the node are away. */
	if (c->node >= 0 && numa_available() >= 0)
		numa_set_preferred(c->node);
	/* Huge pages bypass the lists of order 0 that most frees use. */
	if (c->kind != HS_PAGES_THP)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	hs_random_init(&w.random, c->seed);
	cpus_find(&w);
	w.shared = mmap(NULL, (HS_PAGES_REGIONS + 1) * sizeof(w.shared[0]),
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w.shared == MAP_FAILED)
		return -errno;
	w.pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	w.reported_ns = hs_clock_ns();
	err = work(&w);
	return err == -EPIPE ? 0 : err;
}
