// SPDX-License-Identifier: GPL-2.0-only
/* A thread that soft-offlines one page while the page's block goes offline. */
#include "soft_offline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "pagemap.h"
#include "sysfile.h"

#ifndef MADV_SOFT_OFFLINE	/* glibc has none; see madvise(2) */
#define MADV_SOFT_OFFLINE	101
#endif

#define GOING	"going-offline"
#define PAUSE_NS	50000	/* each call leaves a line in the kernel's log */
#define END_TRIES	20	/* of PAUSE_NS: a thread that sleeps here is gone by then */

struct hs_soft_offline {
	pthread_t thread;
	int state, pagemap;
	void *page;
	uint64_t start_pfn, end_pfn;
	atomic_bool end, gone, poisoned;
	atomic_uint calls;
	/* Written by the thread alone. Read one after the other they may be of two calls:
	 * the earlier began before the second half of the offline, or neither counts. */
	_Atomic uint64_t began_ns, back_ns;
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
}

static bool is_in_block(const struct hs_soft_offline *so)
{
	uint64_t entry, pfn;

	if (hs_pagemap_of(so->pagemap, so->page, &entry) < 0)
		return false;
	pfn = entry & HS_PAGEMAP_PFN;
	return entry & HS_PAGEMAP_PRESENT && pfn >= so->start_pfn && pfn < so->end_pfn;
}

static bool is_going(const struct hs_soft_offline *so)
{
	char text[sizeof(GOING)] = "";

	return pread(so->state, text, sizeof(GOING) - 1, 0) == sizeof(GOING) - 1 &&
		!strcmp(text, GOING);
}

static void call(struct hs_soft_offline *so)
{
	bool counts = is_in_block(so);

	if (counts) {
		atomic_store(&so->back_ns, 0);
		atomic_store(&so->began_ns, now_ns());
	}
	if (!madvise(so->page, page_bytes(), MADV_SOFT_OFFLINE))
		atomic_store(&so->poisoned, true);
	if (counts)
		atomic_store(&so->back_ns, now_ns());
	atomic_fetch_add(&so->calls, 1);
}

static void *work(void *arg)
{
	struct hs_soft_offline *so = arg;
	bool was_going = false, going;

	while (!atomic_load(&so->end) && !atomic_load(&so->poisoned)) {
		going = is_going(so);
		if (going)
			call(so);
		else if (was_going)
			break;
		was_going |= going;
		pause_briefly();
	}
	atomic_store(&so->gone, true);
	return NULL;
}

static void soft_offline_free(struct hs_soft_offline *so)
{
	if (so->state >= 0)
		close(so->state);
	if (so->pagemap >= 0)
		close(so->pagemap);
	free(so);
}

/* What is sent to the process is for the event loop. */
static int thread_start(struct hs_soft_offline *so)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&so->thread, NULL, work, so);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

int hs_soft_offline_start(struct hs_soft_offline **out, void *page, const char *root,
			  uint64_t block, uint64_t block_pages)
{
	struct hs_soft_offline *so = calloc(1, sizeof(*so));
	char path[PATH_MAX];
	int r;

	if (!so)
		return -ENOMEM;
	so->state = so->pagemap = -1;
	so->page = page;
	so->start_pfn = block * block_pages;
	so->end_pfn = so->start_pfn + block_pages;
	r = hs_sysfile_path(path, sizeof(path), root,
			    "/sys/devices/system/memory/memory%llu/state", (unsigned long long)block);
	if (r < 0)
		goto err;
	so->state = open(path, O_RDONLY | O_CLOEXEC);
	if (so->state >= 0)
		so->pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	r = so->pagemap < 0 ? -errno : thread_start(so);
	if (r < 0)
		goto err;
	*out = so;
	return 0;

err:
	soft_offline_free(so);
	return r;
}

void hs_soft_offline_look(struct hs_soft_offline *so, struct hs_soft_offline_seen *seen)
{
	*seen = (struct hs_soft_offline_seen){
		.calls = atomic_exchange(&so->calls, 0),
		.began_ns = atomic_load(&so->began_ns),
		.back_ns = atomic_load(&so->back_ns),
		.in_block = is_in_block(so),
		.poisoned = atomic_load(&so->poisoned),
	};
}

bool hs_soft_offline_end(struct hs_soft_offline *so)
{
	atomic_store(&so->end, true);
	for (int i = 0; i < END_TRIES && !atomic_load(&so->gone); i++)
		pause_briefly();
	if (!atomic_load(&so->gone))
		return false;
	pthread_join(so->thread, NULL);
	munmap(so->page, page_bytes());
	soft_offline_free(so);
	return true;
}
