// SPDX-License-Identifier: GPL-2.0-only
/* The worker processes of a freer: their reports, their replacement. */
#include "workers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "child.h"
#include "cleanup.h"
#include "clock.h"
#include "random.h"

#define MAX_WORKERS	257	/* and one that does something else */
#define MAX_DEATHS	64	/* of one worker in one run; then it stays away */

struct worker {
	struct hs_workers *all;
	unsigned int number;
	unsigned int deaths;
	bool ready;		/* has said so, since the last order */
	pid_t pid;		/* 0: none */
	int fd;
	sd_event_source *io, *child;
};

struct hs_workers {
	const struct hs_freer_env *env;
	enum hs_pages_id kind;
	hs_worker_command_fn *command;
	uint64_t start_pfn;		/* of the last order */
	unsigned int nr;
	struct worker worker[];
};

/* False: it is in the kernel yet. */
static bool worker_stop(struct worker *w)
{
	int r = 0;

	w->io = sd_event_source_disable_unref(w->io);
	w->child = sd_event_source_disable_unref(w->child);
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	if (w->pid)
		r = hs_child_kill(w->pid, 1000);
	w->pid = 0;
	return r != -EBUSY;
}

static const char *name_of(const struct worker *w)
{
	return hs_pages_names[w->all->kind];
}

static struct hs_pages_tally *tally_of(const struct worker *w)
{
	return &w->all->env->tally->pages[w->all->kind];
}

static void worker_mismatch(struct worker *w, const struct hs_pages_report *r)
{
	const struct hs_freer_env *env = w->all->env;
	char text[160];

	snprintf(text, sizeof(text),
		 "%s worker %u: 0x%016" PRIx64 " at address 0x%" PRIx64 ", written was 0x%016" PRIx64,
		 name_of(w), w->number, r->found, r->addr, r->expected);
	env->violation(HS_INV_CONTENTS, text, env->ctx);
}

static int worker_io(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct worker *w = userdata;
	struct hs_pages_report r;

	while (recv(fd, &r, sizeof(r), 0) == sizeof(r)) {
		struct hs_pages_tally *t = tally_of(w);

		if (r.checked)
			w->all->env->checked(HS_INV_CONTENTS, r.checked, w->all->env->ctx);
		t->checked += r.checked;
		t->freed += r.freed;
		t->aimed += r.aimed;
		t->in_time += r.in_time;
		w->all->env->tally->hugetlb_resizes += r.resizes;
		t->sigbus += r.sigbus;
		t->fixed_buffers += r.fixed_buffers;
		w->ready |= r.type == HS_PAGES_READY && r.start_pfn == w->all->start_pfn;
		if (r.type == HS_PAGES_MISMATCH)
			worker_mismatch(w, &r);
	}
	/* The end of the worker is the child source's to deal with. */
	if (revents & EPOLLHUP)
		sd_event_source_set_enabled(s, SD_EVENT_OFF);
	return 0;
}

static int worker_start(struct worker *w);

static int worker_died(sd_event_source *s, const siginfo_t *si, void *userdata)
{
	struct worker *w = userdata;
	const struct hs_freer_env *env = w->all->env;
	char text[96];
	int r;

	w->pid = 0;	/* reaped by the event loop */
	/* What it said last may be a mismatch. */
	worker_io(w->io, w->fd, 0, w);
	worker_stop(w);
	snprintf(text, sizeof(text), "%s worker %u ended with %s %d", name_of(w), w->number,
		 si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
	env->note("freer", text, env->ctx);
	tally_of(w)->deaths++;
	if (++w->deaths >= MAX_DEATHS)
		return 0;
	r = worker_start(w);
	if (r < 0) {
		snprintf(text, sizeof(text), "%s worker %u cannot be started again: %s",
			 name_of(w), w->number, strerror(-r));
		env->note("freer", text, env->ctx);
	}
	return 0;
}

static int worker_start(struct worker *w)
{
	const struct hs_freer_env *env = w->all->env;
	char word[HS_WORKER_WORDS][HS_WORKER_WORD_BYTES] = { "" }, *argv[HS_WORKER_WORDS + 1];
	_cleanup_close_ int theirs = -1;
	size_t nr = 0;
	int fds[2], r;

	/* Each life has choices of its own, and they follow from the seed. */
	r = w->all->command(env, w->all->kind, w->number, w->deaths,
			    hs_random_derive(env->seed, 1000 * w->number + w->deaths), word);
	if (r < 0)
		return r;
	for (; nr < HS_WORKER_WORDS && *word[nr]; nr++)
		argv[nr] = word[nr];
	argv[nr] = NULL;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	w->fd = fds[0];
	theirs = fds[1];
	fcntl(w->fd, F_SETFL, O_NONBLOCK);
	/* The first to go when memory is short. */
	r = hs_child_spawn_self(argv, theirs, 1000, &w->pid);
	if (r >= 0)
		r = sd_event_add_io(env->event, &w->io, w->fd, EPOLLIN, worker_io, w);
	if (r >= 0)
		r = sd_event_add_child(env->event, &w->child, w->pid, WEXITED, worker_died, w);
	if (r < 0)
		worker_stop(w);
	return r;
}

int hs_workers_pages(const struct hs_freer_env *env, enum hs_pages_id kind, unsigned int number,
		     unsigned int life, uint64_t seed, uint64_t bytes, const char *directory,
		     char word[][HS_WORKER_WORD_BYTES])
{
	int node = env->nr_nodes ? env->nodes[number % env->nr_nodes] : -1;
	/* One is enough, and one report is easier to read. */
	bool corrupt = env->corrupt && !number && !life;

	snprintf(word[0], HS_WORKER_WORD_BYTES, "hotsoak");
	snprintf(word[1], HS_WORKER_WORD_BYTES, "pages");
	snprintf(word[2], HS_WORKER_WORD_BYTES, "%d", HS_CHILD_FD);
	snprintf(word[3], HS_WORKER_WORD_BYTES, "%s", hs_pages_names[kind]);
	if (node >= 0)
		snprintf(word[4], HS_WORKER_WORD_BYTES, "%d", node);
	else
		snprintf(word[4], HS_WORKER_WORD_BYTES, "any");
	snprintf(word[5], HS_WORKER_WORD_BYTES, "%" PRIu64, seed);
	snprintf(word[6], HS_WORKER_WORD_BYTES, "%" PRIu64, bytes);
	snprintf(word[7], HS_WORKER_WORD_BYTES, corrupt ? "1" : "0");
	snprintf(word[8], HS_WORKER_WORD_BYTES, "%s", *directory ? directory : "-");
	return 0;
}

void hs_workers_order(struct hs_workers *a, const struct hs_pages_order *order)
{
	a->start_pfn = order->start_pfn;
	for (unsigned int i = 0; i < a->nr; i++) {
		a->worker[i].ready = false;
		if (a->worker[i].fd >= 0)
			(void)!send(a->worker[i].fd, order, sizeof(*order),
				    MSG_DONTWAIT | MSG_NOSIGNAL);
	}
}

void hs_workers_await(struct hs_workers *a, uint64_t until_ns)
{
	for (unsigned int i = 0; i < a->nr; i++) {
		struct worker *w = &a->worker[i];
		struct pollfd p = { .fd = w->fd, .events = POLLIN };

		while (w->io && !w->ready) {
			uint64_t now_ns = hs_clock_ns();
			struct timespec left = {
				.tv_nsec = (long)((until_ns - now_ns) % 1000000000),
			};

			if (now_ns >= until_ns || ppoll(&p, 1, &left, NULL) <= 0)
				break;
			worker_io(w->io, w->fd, 0, w);
			if (p.revents & POLLHUP)
				break;
		}
	}
}

bool hs_workers_stop(struct hs_workers *a)
{
	bool gone = true;

	/* All are told before one is waited for. */
	for (unsigned int i = 0; i < a->nr; i++)
		if (a->worker[i].pid)
			kill(a->worker[i].pid, SIGKILL);
	for (unsigned int i = 0; i < a->nr; i++) {
		if (a->worker[i].io)
			worker_io(a->worker[i].io, a->worker[i].fd, 0, &a->worker[i]);
		gone &= worker_stop(&a->worker[i]);
	}
	if (!gone)
		a->env->note("freer", "a worker is in the kernel yet, and gone when it comes out",
			     a->env->ctx);
	free(a);
	return gone;
}

int hs_workers_start(const struct hs_freer_env *env, enum hs_pages_id kind, unsigned int nr,
		     hs_worker_command_fn *command, struct hs_workers **out)
{
	struct hs_workers *a;

	if (nr > MAX_WORKERS)
		return -ERANGE;
	a = calloc(1, sizeof(*a) + nr * sizeof(a->worker[0]));
	if (!a)
		return -ENOMEM;
	a->env = env;
	a->kind = kind;
	env->tally->pages[kind].workers = nr;
	a->command = command;
	a->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		a->worker[i].all = a;
		a->worker[i].number = i;
		a->worker[i].fd = -1;
	}
	for (unsigned int i = 0; i < nr; i++) {
		int r = worker_start(&a->worker[i]);

		if (r < 0) {
			hs_workers_stop(a);
			return r;
		}
	}
	*out = a;
	return 0;
}
