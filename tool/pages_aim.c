// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker and a block that is about to go: it keeps the pages that it has there, and gives
 * most of them back, and nothing else, shortly before the isolation is expected. Who waits to
 * be told of the open window comes late: by the time that it wakes up the range is isolated.
 */
#include "pages_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "pagemap.h"

#define ENTRIES		512	/* of pagemap, read at once */
#define STAY_ONE_IN	4	/* runs */
#define WAIT_NS		UINT64_C(2000000000)	/* to be let go; then as before */
#define GAP_PAGES	16	/* between two runs: given back with them, in one call */

/* ---- What lies in the range ------------------------------------------------------ */

static bool is_of(const struct hs_pages_order *o, uint64_t entry)
{
	uint64_t pfn = entry & HS_PAGEMAP_PFN;

	return entry & HS_PAGEMAP_PRESENT && pfn >= o->start_pfn &&
		pfn - o->start_pfn < o->nr_pages;
}

/* Of @nr pages from @first, ENTRIES at most: how many could be told of. */
static size_t pagemap_read(const struct hs_pages *w, const struct hs_region *r, size_t first,
			   size_t nr, uint64_t entry[ENTRIES])
{
	uint64_t at = (uintptr_t)r->addr / w->page + first;
	ssize_t n = pread(w->pagemap, entry, nr * sizeof(entry[0]), (off_t)(at * sizeof(entry[0])));

	return n > 0 ? (size_t)n / sizeof(entry[0]) : 0;
}

static void run_add(struct hs_pages *w, struct hs_region *r, size_t page)
{
	struct hs_pages_run *last = w->nr_runs ? &w->run[w->nr_runs - 1] : NULL;

	if (last && last->region == r && page - (last->first + last->nr) <= GAP_PAGES) {
		last->nr = page + 1 - last->first;
		last->hits++;
	} else if (w->nr_runs < HS_PAGES_MAX_RUNS) {
		w->run[w->nr_runs++] = (struct hs_pages_run) {
			.region = r, .first = page, .nr = 1, .hits = 1,
		};
	}
}

static void region_look(struct hs_pages *w, struct hs_region *r, const struct hs_pages_order *o)
{
	size_t nr = hs_region_pages(w, r);
	uint64_t entry[ENTRIES];

	for (size_t first = 0; first < nr; first += ENTRIES) {
		size_t told = pagemap_read(w, r, first, nr - first < ENTRIES ? nr - first : ENTRIES,
					   entry);

		for (size_t i = 0; i < told; i++)
			if (is_of(o, entry[i]) && r->written[first + i])
				run_add(w, r, first + i);
	}
}

/*
 * Pages of @run that are there yet, where they were, though they were given back: reclaim may
 * find no time, or no swap. One that is not mapped any more may be in a cache, of files or
 * of swap, which mincore(2) tells.
 */
static size_t run_stayed(struct hs_pages *w, const struct hs_pages_run *run,
			 const struct hs_pages_order *o)
{
	struct hs_region *r = run->region;
	unsigned char resident[ENTRIES];
	uint64_t entry[ENTRIES];
	size_t stayed = 0;

	for (size_t at = 0; at < run->nr; at += ENTRIES) {
		size_t first = run->first + at;
		size_t nr = run->nr - at < ENTRIES ? run->nr - at : ENTRIES;
		size_t told = pagemap_read(w, r, first, nr, entry);

		if (mincore(r->addr + first * w->page, nr * w->page, resident) < 0)
			told = 0;
		for (size_t i = 0; i < told; i++)
			stayed += entry[i] & HS_PAGEMAP_PRESENT ? is_of(o, entry[i]) : resident[i] & 1;
	}
	/* Those between are not of the block. */
	return stayed < run->hits ? stayed : run->hits;
}

/* ---- A process that goes in our stead --------------------------------------------- */

struct holder { pid_t pid; int fd; };	/* fd: it goes when that is closed, -1: none */

/* It has the pages of all runs then, and we do not. */
static void holder_start(struct hs_pages *w, struct holder *h)
{
	pid_t parent = getpid();
	int fds[2];
	char c;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	h->pid = fork();
	if (!h->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[1]);
		if (getppid() == parent && read(fds[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(fds[0]);
	if (h->pid < 0) {
		close(fds[1]);
		return;
	}
	h->fd = fds[1];
	for (unsigned int i = 0; i < w->nr_runs; i++)
		if (w->run[i].region->addr)
			hs_pages_forget(w, w->run[i].region);
}

static void holder_end(struct holder *h)
{
	if (h->fd < 0)
		return;
	close(h->fd);
	h->fd = -1;
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- Orders -------------------------------------------------------------------------- */

static int order_read(struct hs_pages *w, struct hs_pages_order *o)
{
	return recv(w->fd, o, sizeof(*o), 0) == sizeof(*o) ? 0 : -EPIPE;
}

static void runs_find(struct hs_pages *w, const struct hs_pages_order *o)
{
	w->nr_runs = 0;
	for (unsigned int i = 0; i < HS_PAGES_REGIONS; i++) {
		struct hs_region *r = &w->ring[i];

		if (!r->addr)
			continue;
		if (w->kind->blind && r->whole)
			w->run[w->nr_runs++] = (struct hs_pages_run) {
				.region = r, .nr = hs_region_pages(w, r),
				/* What goes is the copies, of every second page. */
				.hits = hs_region_there(w, r) / (w->kind->copies ? 2 : 1),
			};
		else if (!w->kind->blind && w->pagemap >= 0)
			region_look(w, r, o);
	}
}

/* @regions: with all that lies beside them, too. -EPIPE: the end. */
static int runs_check(struct hs_pages *w, bool regions)
{
	for (unsigned int i = 0; i < w->nr_runs; i++) {
		struct hs_pages_run *run = &w->run[i];
		size_t first = regions ? 0 : run->first;
		size_t nr = regions ? hs_region_pages(w, run->region) : run->nr;
		int err;

		w->report.aimed += run->hits;
		if (w->kind->aimed)
			w->kind->aimed(w, run->region, run->region->addr + run->first * w->page,
				       run->nr * w->page);
		if (regions && i && run->region == w->run[i - 1].region)
			continue;
		hs_region_corrupt(w, run->region, first, nr);
		err = hs_region_check(w, run->region, first, nr);
		if (err < 0)
			return err;
	}
	return 0;
}

static int aim(struct hs_pages *w, const struct hs_pages_order *o, struct holder *h)
{
	bool by_exit;
	int err;

	runs_find(w, o);
	if (!w->nr_runs)
		return 0;
	/* A process that goes takes its regions along, with what lies elsewhere. */
	by_exit = w->kind->exits && !hs_random_below(&w->random, 3);
	err = runs_check(w, by_exit);
	if (err < 0)
		return err;
	hs_pages_move_off(w, w->run[0].region->cpu);
	if (by_exit)
		holder_start(w, h);
	return 0;
}

/* Counts what has gone when all is given: who looks in between comes late for the next. */
static void gone_count(struct hs_pages *w, const struct hs_pages_order *o)
{
	for (unsigned int i = 0; i < w->nr_runs; i++) {
		struct hs_pages_run *run = &w->run[i];
		size_t gone = run->given ? run->hits : 0;

		if (gone && run->region->addr && !w->kind->blind)
			gone -= run_stayed(w, run, o);
		w->report.in_time += gone;
		w->report.freed += gone;
	}
}

static void give(struct hs_pages *w, const struct hs_pages_order *o, struct holder *h)
{
	unsigned int start = w->nr_runs ?
		(unsigned int)hs_random_below(&w->random, w->nr_runs) : 0;

	holder_end(h);
	for (unsigned int i = 0; i < w->nr_runs; i++) {
		struct hs_pages_run *run = &w->run[(start + i) % w->nr_runs];
		struct hs_region *r = run->region;

		/* These are left to be moved, and are checked when they have been. */
		if (r->addr && !w->kind->blind && !w->kind->pins &&
		    !hs_random_below(&w->random, STAY_ONE_IN))
			continue;
		run->given = true;
		if (!r->addr)
			continue;	/* went with the process */
		r->whole = false;
		if (w->cpu == r->cpu)
			hs_pages_move_off(w, r->cpu);
		w->kind->give(w, r, r->addr + run->first * w->page, run->nr * w->page);
		for (size_t p = run->first; !w->kind->keeps && p < run->first + run->nr; p++)
			r->written[p] = 0;
	}
	gone_count(w, o);
}

/* The next order; -ETIME: none came in time. */
static int order_await(struct hs_pages *w, struct hs_pages_order *o, uint64_t ns)
{
	struct timespec left = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	return ppoll(&p, 1, &left, NULL) > 0 ? order_read(w, o) : -ETIME;
}

/* Told to go. -ETIME: its time has come; 0: another order did, before, and is in @o. */
static int time_await(struct hs_pages *w, struct hs_pages_order *o)
{
	uint64_t early_ns = o->spread_ns ? hs_random_below(&w->random, o->spread_ns) : 0;
	uint64_t at_ns = o->at_ns > early_ns ? o->at_ns - early_ns : 0, now_ns = hs_clock_ns();

	return order_await(w, o, at_ns > now_ns ? at_ns - now_ns : 0);
}

int hs_pages_obey(struct hs_pages *w)
{
	struct holder h = { .fd = -1 };
	struct hs_pages_order o, aimed;
	int r = order_read(w, &o);

	while (!r && o.type == HS_PAGES_AIM) {
		aimed = o;
		r = aim(w, &aimed, &h);
		w->report.start_pfn = o.start_pfn;
		if (!r)
			r = hs_pages_report(w, HS_PAGES_READY, NULL);
		if (!r)
			r = order_await(w, &o, WAIT_NS);
		if (!r && o.type == HS_PAGES_GO) {
			r = time_await(w, &o);
			if (r == -ETIME)
				give(w, &aimed, &h);
		}
		holder_end(&h);
		w->nr_runs = 0;
	}
	return r == -ETIME ? 0 : r;
}
