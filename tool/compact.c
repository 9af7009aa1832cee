// SPDX-License-Identifier: GPL-2.0-only
/* The compactor, both ends of its pipe. */
#include "compact.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "pagemap.h"
#include "sysfile.h"

#define START_MS	5000	/* an exec where CPUs are emulated and busy */
#define END_MS		1000
#define BYTES		(4 << 20)	/* of each task; nothing next to the headroom */

int hs_compact_ask(const char *root)
{
	char path[4096];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", HS_COMPACT_MEMORY);

	if (!r && access(path, F_OK) < 0)
		r = -errno;
	if (!r)
		r = hs_sysfile_path(path, sizeof(path), root, "%s", HS_COMPACT_PROACTIVE);
	if (!r && access(path, F_OK) < 0)
		r = -errno;
	return r;
}

const char *hs_compact_words(int answer)
{
	switch (answer) {
	case 0:
		return "the kernel compacts memory when asked to";
	case -ENOENT:
		return "this kernel does not compact memory (CONFIG_COMPACTION, v5.9)";
	default:
		return strerror(-answer);
	}
}

/* ---- The supervisor's end ------------------------------------------------ */

/* Behind its errno. */
struct place {
	uint64_t addr, bytes;
};

static int place_read(int fd, struct hs_compactor *c)
{
	struct place place;

	if (read(fd, &place, sizeof(place)) != sizeof(place))
		return -EPIPE;
	c->addr = place.addr;
	c->bytes = place.bytes;
	return 0;
}

int hs_compact_start(struct hs_compactor *c, int node)
{
	char node_text[16] = "any";
	char *argv[] = { "hotsoak", "compact", "3", node_text, NULL };
	_cleanup_close_ int ours = -1, theirs = -1;
	int fds[2], r;

	if (node >= 0)
		snprintf(node_text, sizeof(node_text), "%d", node);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	ours = fds[0];
	theirs = fds[1];
	/* The first to go when memory is short. */
	r = hs_child_spawn_self(argv, theirs, 1000, &c->pid);
	if (r < 0)
		return r;
	/* One that dies is seen by its end of the pipe alone. */
	close(theirs);
	theirs = -1;
	r = hs_child_told(ours, START_MS);
	if (!r)
		r = place_read(ours, c);
	if (r < 0)
		hs_compact_stop(c);
	return r;
}

bool hs_compact_runs(struct hs_compactor *c)
{
	if (c->pid && waitpid(c->pid, NULL, WNOHANG))
		c->pid = 0;
	return c->pid;
}

int hs_compact_find(const struct hs_compactor *c, bool (*is_wanted)(uint64_t pfn, void *ctx),
		    void *ctx, uint64_t *pfn)
{
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	_cleanup_close_ int pagemap = -1;
	uint64_t highest = 0, entry;
	char path[32];
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)c->pid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		return -errno;
	for (uint64_t at = 0; at < c->bytes && !r; at += page_bytes) {
		r = hs_pagemap_of(pagemap, (const char *)(uintptr_t)(c->addr + at), &entry);
		if (!r && entry & HS_PAGEMAP_PRESENT && (entry & HS_PAGEMAP_PFN) > highest &&
		    is_wanted(entry & HS_PAGEMAP_PFN, ctx))
			highest = entry & HS_PAGEMAP_PFN;
	}
	*pfn = highest;
	return r < 0 ? r : highest > 0;
}

int hs_compact_stop(struct hs_compactor *c)
{
	int r = c->pid ? hs_child_kill(c->pid, END_MS) : 0;

	if (r == -EBUSY)
		return r;
	c->pid = 0;
	return 0;
}

/* ---- The child's end ----------------------------------------------------- */

struct task {
	int fd, cpu;
	char *pages;
};

/*
 * Whoever wants to run takes the CPU where a task like this gives it away, as compaction
 * does while it looks for free pages: compact_unlock_should_abort(), every 32 pages.
 */
static void give_way(int cpu)
{
	const struct sched_param none = { 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	/* A CPU that went offline meanwhile has no say in it. */
	sched_setaffinity(0, sizeof(one), &one);
	sched_setscheduler(0, SCHED_IDLE, &none);
}

/* Every second page: what is free between them is no whole pageblock, which compaction
 * leaves alone, and they can be moved. */
static void fragment(char *pages)
{
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < BYTES; i += page_bytes)
		*(volatile char *)(pages + i) = 1;
	for (size_t i = 0; i < BYTES; i += 2 * page_bytes)
		madvise(pages + i, page_bytes, MADV_DONTNEED);
}

static void *compact(void *arg)
{
	const struct task *t = arg;

	give_way(t->cpu);
	/* A signal ends the process: what the kernel says of a write is of no interest. */
	for (;;) {
		fragment(t->pages);
		if (pwrite(t->fd, "1", 1, 0) < 0 && errno != EINTR)
			return NULL;
	}
}

static int tasks_start(int fd, const cpu_set_t *cpus, char *pages)
{
	static struct task tasks[CPU_SETSIZE];
	pthread_t thread;
	int r = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE && !r; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		tasks[cpu] = (struct task){ .fd = fd, .cpu = cpu, .pages = pages };
		pages += BYTES;
		r = pthread_create(&thread, NULL, compact, &tasks[cpu]);
	}
	return -r;
}

int hs_compact_work(int fd, int node)
{
	int memory = open(HS_COMPACT_MEMORY, O_WRONLY | O_CLOEXEC);
	struct place place = { 0 };
	cpu_set_t cpus;
	char *pages;
	int32_t err = 0;

	if (memory < 0 || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		err = -errno;
	place.bytes = err ? BYTES : (uint64_t)CPU_COUNT(&cpus) * BYTES;
	pages = mmap(NULL, place.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!err && pages == MAP_FAILED)
		err = -errno;
	place.addr = (uintptr_t)pages;
	if (!err && node >= 0 && numa_available() >= 0)
		numa_set_preferred(node);
	if (!err) {
		madvise(pages, place.bytes, MADV_NOHUGEPAGE);
		err = tasks_start(memory, &cpus, pages);
	}
	if (write(fd, &err, sizeof(err)) != sizeof(err) || err)
		return err ? err : -EPIPE;
	if (write(fd, &place, sizeof(place)) != sizeof(place))
		return -EPIPE;
	for (;;)
		pause();
}
