// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child process that has written to every second page that it shares with its parent: its
 * copies, and its page tables, go when it does.
 */
#include "pages_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each word is what it was, or what the write made of it: a copy of another page is neither. */
static void child(struct hs_pages *w, struct hs_region *r, int go)
{
	struct hs_pages_mismatch *m = &w->shared[r - w->ring].mismatch;
	char c;

	for (size_t i = 0; i < r->bytes; i += 2 * w->page)
		*(volatile uint64_t *)(void *)(r->addr + i) ^= 1;
	(void)!read(go, &c, 1);
	for (size_t i = 0; i < r->bytes; i += 2 * w->page)
		*(volatile uint64_t *)(void *)(r->addr + i) ^= 1;
	hs_region_is_broken(w, r, 0, hs_region_pages(w, r), m);
}

static int fork_filled(struct hs_pages *w, struct hs_region *r)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	w->shared[r - w->ring] = (struct hs_pages_shared){ 0 };
	r->pid = fork();
	if (!r->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[1]);
		/* Those of the other regions must see theirs closed. */
		for (unsigned int i = 0; i < HS_PAGES_REGIONS; i++)
			if (&w->ring[i] != r && w->ring[i].addr && w->ring[i].fd >= 0)
				close(w->ring[i].fd);
		if (getppid() == parent)
			child(w, r, fds[0]);
		_exit(0);
	}
	close(fds[0]);
	r->fd = fds[1];
	return r->pid < 0 ? -errno : 0;
}

static void fork_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	struct hs_pages_mismatch *m = &w->shared[r - w->ring].mismatch;

	(void)at;
	(void)bytes;
	if (r->pid <= 0)
		return;
	close(r->fd);
	r->fd = -1;
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	r->pid = 0;
	if (m->addr)
		hs_pages_report(w, HS_PAGES_MISMATCH, m);
}

static void fork_drop(struct hs_pages *w, struct hs_region *r)
{
	fork_give(w, r, r->addr, r->bytes);
}

const struct hs_pages_kind hs_pages_fork_exit = {
	.take = hs_pages_take_anon,
	.filled = fork_filled,
	.give = fork_give,
	.drop = fork_drop,
	.keeps = true,
	.blind = true,
	.copies = true,
};
