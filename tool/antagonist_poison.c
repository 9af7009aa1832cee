// SPDX-License-Identifier: GPL-2.0-only
/* poisoned-thp, hard-poison: the supervisor's end of the child that has a page poisoned. */
#include "antagonist.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "hwpoison.h"
#include "journal.h"
#include "pagemap.h"
#include "poison_page.h"
#include "witness.h"

#define PAUSE_NS	1000000
#define LATE_TRIES	500
#define END_TRIES	50	/* of PAUSE_NS: while its block is going it waits for that */

struct hs_poisoner {
	pid_t pid;
	int fd;
	uint64_t pfn;		/* to poison, or poisoned; 0: not yet known */
	bool ready;		/* and no longer pinned, or to be poisoned as its block goes */
	bool late, poisoned;
	bool ending, gone;
};

static int spawn(struct hs_antagonist *a, const struct hs_antagonist_want *want)
{
	struct hs_poisoner *p = calloc(1, sizeof(*p));
	char node[16] = "any", bytes[32], pages[32];
	char *size = a->kind == HS_ANTAGONIST_HARD_POISON ? "small" : "huge";
	char *argv[] = { "hotsoak", "poison-page", "3", node, bytes, pages, size, NULL };
	_cleanup_close_ int theirs = -1;
	int pair[2], r;

	if (!p)
		return -ENOMEM;
	if (want->node >= 0)
		snprintf(node, sizeof(node), "%d", want->node);
	snprintf(bytes, sizeof(bytes), "%" PRIu64, want->spare_bytes);
	snprintf(pages, sizeof(pages), "%" PRIu64, a->block_pages);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(p);
		return -errno;
	}
	theirs = pair[1];
	/* Not by OOM: it would leave the poison in memory that is free. */
	r = hs_child_spawn_self(argv, theirs, -1000, &p->pid);
	if (r < 0) {
		close(pair[0]);
		free(p);
		return r;
	}
	p->fd = pair[0];
	a->poisoner = p;
	return 0;
}

static int tell(const struct hs_poisoner *p, enum hs_poison_word word)
{
	const struct hs_poison_message m = { .word = word };

	return send(p->fd, &m, sizeof(m), MSG_NOSIGNAL) == sizeof(m) ? 0 : -errno;
}

/* The next that it has said; -EAGAIN: nothing. */
static int hear(struct hs_poisoner *p, struct hs_poison_message *m)
{
	ssize_t n = recv(p->fd, m, sizeof(*m), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return -EAGAIN;
	p->gone = n != sizeof(*m) || m->word == HS_POISON_GONE;
	return p->gone ? -EPIPE : m->word == HS_POISON_FAILED ? m->err : 0;
}

static int pinned(struct hs_antagonist *a, const struct hs_antagonist_want *want, uint64_t pfn)
{
	int r;

	if (!want->is_wanted(pfn, want->ctx))
		return -ENOENT;
	a->poisoner->pfn = pfn;
	if (a->spares)
		return tell(a->poisoner, HS_POISON_SPARE);
	r = a->journal ? hs_journal_poison(a->journal, pfn) : -EINVAL;
	if (r < 0)
		return r;
	/* Every second page of those. */
	a->poisoner->late = a->kind == HS_ANTAGONIST_HARD_POISON && a->turn / 2 % 2;
	return tell(a->poisoner, a->poisoner->late ? HS_POISON_LATE : HS_POISON_POISON);
}

/* 1: it is ready. -EAGAIN: it goes on. */
static int converse(struct hs_antagonist *a, const struct hs_antagonist_want *want)
{
	struct hs_poisoner *p = a->poisoner;
	struct hs_poison_message m;
	int r;

	do {
		r = hear(p, &m);
		if (r < 0)
			return r;
		if (m.word == HS_POISON_FOUND)
			r = tell(p, want->is_wanted(m.pfn, want->ctx) ? HS_POISON_PIN :
								      HS_POISON_NEXT);
		else if (m.word == HS_POISON_PINNED)
			r = pinned(a, want, m.pfn);
		else if (m.word == HS_POISON_POISONED)
			p->poisoned = true;
		else
			p->ready = m.word == HS_POISON_READY;
	} while (!r && !p->ready);
	return r < 0 ? r : 1;
}

/* At most every second time it is asked, as with the antagonists that hold a page. */
int hs_antagonist_poison(struct hs_antagonist *a, const struct hs_antagonist_want *want,
			 uint64_t *pfn)
{
	int r;

	if (a->sysroot && *a->sysroot)
		return -ENODEV;
	/* There is room for one in the journal. */
	if (a->unhealed)
		return -EUCLEAN;
	if (a->keeps)
		return 0;
	a->asks_again = true;
	/* No block goes while the last page is not healed. */
	if (a->poisoner && a->poisoner->ending && !hs_antagonist_heal(a))
		return -EAGAIN;
	a->asks_again = true;
	if (!a->poisoner) {
		if (a->turn++ % 2) {
			a->asks_again = false;
			return 0;
		}
		r = spawn(a, want);
		if (r < 0) {
			a->asks_again = false;
			return r;
		}
	}
	r = converse(a, want);
	if (r == -EAGAIN)
		return r;
	a->asks_again = false;
	if (r < 0)
		hs_antagonist_heal(a);
	else
		*pfn = a->poisoner->pfn;
	return r;
}

/* Where its block is offline the kernel does not, and the module does. */
static int heal(struct hs_antagonist *a, uint64_t pfn)
{
	int r = hs_hwpoison_heal(NULL, pfn);

	return r == -EIO && a->witness ? hs_witness_heal(a->witness, pfn) : r;
}

/* Nothing but that its page is whole lets it be forgotten. */
static int forget(struct hs_antagonist *a)
{
	struct hs_poisoner *p = a->poisoner;
	int r = 0;

	hs_child_kill(p->pid, 200);
	close(p->fd);
	if (p->pfn && !a->spares) {
		r = heal(a, p->pfn);
		if (r >= 0)
			r = hs_journal_poison(a->journal, 0);
	}
	free(p);
	a->poisoner = NULL;
	if (r < 0)
		a->unhealed = true;
	return r;
}

bool hs_antagonist_heal(struct hs_antagonist *a)
{
	struct hs_poisoner *p = a->poisoner;
	struct hs_poison_message m;

	a->asks_again = false;
	if (!p)
		return !a->unhealed;
	if (a->keeps)
		return false;
	if (!p->ending)
		tell(p, HS_POISON_END);
	p->ending = true;
	for (int i = 0; i < END_TRIES && !p->gone; i++) {
		if (hear(p, &m) == -EAGAIN)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
	return p->gone && !forget(a) && !a->unhealed;
}

bool hs_antagonist_has_poison(struct hs_antagonist *a, unsigned long block)
{
	struct hs_poisoner *p = a->poisoner;
	struct hs_poison_message m;

	if (a->kind != HS_ANTAGONIST_HARD_POISON || !p || !p->ready ||
	    p->pfn / a->block_pages != block)
		return false;
	/* The offline may be over before the child has said so. */
	for (int i = 0; p->late && !p->poisoned && i < LATE_TRIES; i++) {
		int r = hear(p, &m);

		if (r < 0 && r != -EAGAIN)
			break;
		p->poisoned = !r && m.word == HS_POISON_POISONED;
		if (r)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
	return p->poisoned;
}

bool hs_antagonist_was_late(const struct hs_antagonist *a)
{
	return a->poisoner && a->poisoner->late;
}

int hs_antagonist_lose(struct hs_antagonist *a)
{
	return heal(a, a->poisoner->pfn);
}

bool hs_antagonist_is_poisoned(const struct hs_antagonist *a)
{
	_cleanup_close_ int fd = -1;
	uint64_t flags, mapped;

	if (!a->poisoner || !a->poisoner->ready || a->spares)
		return false;
	fd = open(HS_KPAGECOUNT_FILE, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && !hs_pagemap_read(fd, a->poisoner->pfn, &mapped) && mapped <= 1 &&
		!hs_hwpoison_flags(NULL, a->poisoner->pfn, &flags) &&
		flags & HS_KPAGEFLAGS_HWPOISON && flags & HS_KPAGEFLAGS_THP &&
		flags & HS_KPAGEFLAGS_LRU;
}
