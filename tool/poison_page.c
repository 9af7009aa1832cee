// SPDX-License-Identifier: GPL-2.0-only
/*
 * A huge page, or a small one, that is pinned, poisoned, and pinned no more.
 *
 * memory_failure() of a page of a transparent huge page splits that first. While somebody
 * has a reference to it, it cannot be split: it is marked (PG_has_hwpoisoned), and stays
 * mapped and on its LRU list. vmsplice(2) takes such a reference, and unlike a long-term pin
 * one that leaves the page in ZONE_MOVABLE. The page is poisoned by its number, not by
 * madvise(MADV_HWPOISON), which would send us SIGBUS.
 *
 * A small page is taken out of use at once, pinned or not: unmapped, off its LRU list. The
 * pin keeps it from being moved before, so that it is no other's page that is poisoned.
 */
#include "poison_page.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "hwpoison.h"
#include "memblk.h"
#include "pagemap.h"
#include "sysfile.h"

#define HUGE_SIZE	"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
#define PAUSE_NS	2000000
#define LATE_POLL_MS	1
#define LATE_MOST_MS	200	/* of an offline: till its range is isolated takes a part of it */
#define HEAL_TRIES	500	/* one after the other: somebody else may have got the page */

struct poison_page {
	int fd;
	const struct hs_poison_config *c;
	char *map, *page;	/* all that was mapped; the page of it */
	size_t map_bytes, unit_bytes;
	int pipe[2];		/* what pins it is in there */
	uint64_t pfn;		/* that is poisoned, 0: none */
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int say(const struct poison_page *p, enum hs_poison_word word, int err, uint64_t pfn)
{
	const struct hs_poison_message m = { .word = word, .err = err, .pfn = pfn };

	return send(p->fd, &m, sizeof(m), MSG_NOSIGNAL) == sizeof(m) ? 0 : -errno;
}

/* One that is gone wants what one that has enough wants. */
static enum hs_poison_word hear(const struct poison_page *p)
{
	struct hs_poison_message m;
	ssize_t n;

	do
		n = recv(p->fd, &m, sizeof(m), 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof(m) ? (enum hs_poison_word)m.word : HS_POISON_END;
}

static int huge_size(size_t *bytes)
{
	char text[32];
	int r = hs_sysfile_read(HUGE_SIZE, text, sizeof(text));

	if (r < 0)
		return r;
	*bytes = strtoul(text, NULL, 10);
	return *bytes > page_bytes() && !(*bytes & (*bytes - 1)) ? 0 : -EBADMSG;
}

/* The number of the page at @at. -EAGAIN: there is none of the size that is wanted. */
static int unit_pfn(const struct poison_page *p, const char *at, uint64_t *pfn)
{
	_cleanup_close_ int pagemap = open(HS_PAGEMAP_FILE, O_RDONLY | O_CLOEXEC);
	uint64_t entry, flags;
	int r;

	if (pagemap < 0)
		return -errno;
	r = hs_pagemap_of(pagemap, at, &entry);
	*pfn = entry & HS_PAGEMAP_PFN;
	if (!r && (!(entry & HS_PAGEMAP_PRESENT) || *pfn % (p->unit_bytes / page_bytes())))
		return -EAGAIN;
	if (!r)
		r = hs_hwpoison_flags(NULL, *pfn, &flags);
	return r < 0 ? r : !(flags & HS_KPAGEFLAGS_THP) == p->c->small ? 0 : -EAGAIN;
}

static int map_all(struct poison_page *p)
{
	size_t most = p->c->most_bytes / p->unit_bytes * p->unit_bytes;

	p->map_bytes = most + p->unit_bytes;
	p->map = mmap(NULL, p->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (p->map == MAP_FAILED)
		return -errno;
	/* Without huge pages in the kernel there is nothing to be kept from. */
	if (madvise(p->map, p->map_bytes, p->c->small ? MADV_NOHUGEPAGE : MADV_HUGEPAGE) < 0 &&
	    !p->c->small)
		return -errno;
	if (p->c->node >= 0 && numa_available() >= 0) {
		numa_set_bind_policy(0);	/* preferred, not bound */
		numa_tonode_memory(p->map, p->map_bytes, p->c->node);
	}
	return 0;
}

/* Gives back all but the page. */
static void trim(struct poison_page *p)
{
	char *end = p->map + p->map_bytes, *after = p->page + p->unit_bytes;

	if (p->page > p->map)
		munmap(p->map, (size_t)(p->page - p->map));
	if (after < end)
		munmap(after, (size_t)(end - after));
}

/* What did not fit is kept until the end, else the allocator would hand it out again. */
static int find(struct poison_page *p)
{
	uintptr_t first = ((uintptr_t)p->map + p->unit_bytes - 1) & ~(p->unit_bytes - 1);
	char *at = p->map + (first - (uintptr_t)p->map);
	uint64_t pfn, refused = UINT64_MAX;
	int r;

	for (; at + p->unit_bytes <= p->map + p->map_bytes; at += p->unit_bytes) {
		*(volatile char *)at = 1;
		r = unit_pfn(p, at, &pfn);
		if (r == -EAGAIN || (!r && pfn / p->c->block_pages == refused))
			continue;
		if (!r)
			r = say(p, HS_POISON_FOUND, 0, pfn);
		if (r < 0)
			return r;
		switch (hear(p)) {
		case HS_POISON_NEXT:
			refused = pfn / p->c->block_pages;
			continue;
		case HS_POISON_PIN:
			p->page = at;
			trim(p);
			return 0;
		default:
			return -ECANCELED;
		}
	}
	return -ENOENT;
}

static int pin(struct poison_page *p, uint64_t *pfn)
{
	struct iovec io = { .iov_base = p->page, .iov_len = 1 };
	int r;

	if (pipe2(p->pipe, O_CLOEXEC) < 0)
		return -errno;
	if (vmsplice(p->pipe[1], &io, 1, 0) < 0)
		return -errno;
	/* Compaction may have moved it until now. */
	r = unit_pfn(p, p->page, pfn);
	*pfn += p->unit_bytes / page_bytes() / 2;
	return r;
}

static void unpin(struct poison_page *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->pipe[i] >= 0)
			close(p->pipe[i]);
		p->pipe[i] = -1;
	}
}

static enum hs_memblk_state block_state(const struct poison_page *p, uint64_t pfn)
{
	struct hs_memblk_list root = { 0 };
	struct hs_memblk b = { .index = pfn / p->c->block_pages };

	return hs_memblk_refresh(&root, &b) < 0 ? HS_MEMBLK_UNKNOWN : b.state;
}

static bool is_going(const struct poison_page *p, uint64_t pfn)
{
	return block_state(p, pfn) == HS_MEMBLK_GOING_OFFLINE;
}

static int poison(struct poison_page *p, uint64_t pfn)
{
	uint64_t flags;
	int r;

	p->pfn = pfn;
	r = hs_hwpoison_put(NULL, pfn);
	/* What is pinned counts as not dealt with, poisoned all the same. */
	if (r < 0 && r != -EHWPOISON && !(r == -EBUSY && p->c->small))
		return r;
	r = hs_hwpoison_flags(NULL, pfn, &flags);
	if (r < 0)
		return r;
	if (flags & HS_KPAGEFLAGS_HWPOISON && !(flags & HS_KPAGEFLAGS_THP) == p->c->small)
		return 0;
	/* A small one that is poisoned keeps no offline from its end: then it has no flags. */
	return p->c->small && (!flags || flags & HS_KPAGEFLAGS_NOPAGE) &&
		block_state(p, pfn) != HS_MEMBLK_ONLINE ? 0 : -ENOTRECOVERABLE;
}

/*
 * While it is pinned the offline finds it in each round, tries to move it and puts it back:
 * memory_failure() comes in the midst of that, at another moment for each page. Mostly it
 * finds the page off its LRU list and gives up on it ("unhandlable page"): then it is
 * do_migrate_range() that comes upon a poisoned page, mapped and on its list, and unmaps it.
 */
static int poison_late(struct poison_page *p, uint64_t pfn)
{
	struct pollfd heard = { .fd = p->fd, .events = POLLIN };
	int r = say(p, HS_POISON_READY, 0, pfn);

	while (!r && !is_going(p, pfn))
		if (poll(&heard, 1, LATE_POLL_MS))
			return 0;
	if (!r)
		nanosleep(&(struct timespec){ .tv_nsec = pfn % LATE_MOST_MS * 1000000 }, NULL);
	if (!r)
		r = poison(p, pfn);
	if (!r)
		r = say(p, HS_POISON_POISONED, 0, pfn);
	unpin(p);
	return r;
}

static int work(struct poison_page *p)
{
	enum hs_poison_word word;
	uint64_t pfn;
	int r = 0;

	p->unit_bytes = page_bytes();
	if (!p->c->small)
		r = huge_size(&p->unit_bytes);
	if (!r)
		r = map_all(p);
	if (!r)
		r = find(p);
	if (!r)
		r = pin(p, &pfn);
	if (!r)
		r = say(p, HS_POISON_PINNED, 0, pfn);
	if (r < 0)
		return r;
	word = hear(p);
	if (word == HS_POISON_LATE)
		return poison_late(p, pfn);
	if (word == HS_POISON_POISON)
		r = poison(p, pfn) ?: say(p, HS_POISON_POISONED, 0, pfn);
	else if (word != HS_POISON_SPARE)
		return -ECANCELED;
	unpin(p);
	return r < 0 ? r : say(p, HS_POISON_READY, 0, pfn);
}

static void wait_for_block(const struct poison_page *p)
{
	while (is_going(p, p->pfn))
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
}

static void give_back(struct poison_page *p)
{
	if (p->pfn)
		wait_for_block(p);
	unpin(p);
	if (p->page)
		munmap(p->page, p->unit_bytes);
	else if (p->map && p->map != MAP_FAILED)
		munmap(p->map, p->map_bytes);
	for (int i = 0; p->pfn && i < HEAL_TRIES && hs_hwpoison_heal(NULL, p->pfn) == -EBUSY; i++)
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
}

int hs_poison_page_serve(int fd, const struct hs_poison_config *c)
{
	struct poison_page p = { .fd = fd, .c = c, .pipe = { -1, -1 } };
	int r;

	/* Not with the supervisor, as other children do; and not by SIGBUS. */
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0);
	r = work(&p);
	if (r < 0 && r != -ECANCELED)
		say(&p, HS_POISON_FAILED, r, 0);
	if (r != -ECANCELED)
		while (hear(&p) != HS_POISON_END)
			;
	give_back(&p);
	say(&p, HS_POISON_GONE, 0, 0);
	return r == -ECANCELED ? 0 : r;
}
