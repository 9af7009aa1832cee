// SPDX-License-Identifier: GPL-2.0-only
/* The freer anon-churn: worker processes, their reports, their replacement. */
#include "freer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "anon.h"
#include "child.h"
#include "cleanup.h"
#include "random.h"

#define MAX_WORKERS	256
#define MAX_DEATHS	64	/* of one worker in one run; then it stays away */

struct anon;

struct worker {
	struct anon *anon;
	unsigned int number;
	unsigned int deaths;
	pid_t pid;		/* 0: none */
	int fd;
	sd_event_source *io, *child;
};

struct anon {
	const struct hs_freer_env *env;
	unsigned int nr;
	struct worker worker[];
};

static void worker_stop(struct worker *w)
{
	w->io = sd_event_source_disable_unref(w->io);
	w->child = sd_event_source_disable_unref(w->child);
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	if (w->pid)
		hs_child_kill(w->pid, 1000);
	w->pid = 0;
}

static void worker_mismatch(struct worker *w, const struct hs_anon_report *r)
{
	const struct hs_freer_env *env = w->anon->env;
	char text[160];

	snprintf(text, sizeof(text),
		 "anon-churn worker %u: 0x%016" PRIx64 " at address 0x%" PRIx64 ", written was 0x%016" PRIx64,
		 w->number, r->found, r->addr, r->expected);
	env->violation(HS_INV_CONTENTS, text, env->ctx);
}

static int worker_io(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct worker *w = userdata;
	struct hs_anon_report r;

	while (read(fd, &r, sizeof(r)) == sizeof(r)) {
		if (r.pages_checked)
			w->anon->env->checked(HS_INV_CONTENTS, r.pages_checked, w->anon->env->ctx);
		if (r.type == HS_ANON_MISMATCH)
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
	const struct hs_freer_env *env = w->anon->env;
	char text[96];
	int r;

	w->pid = 0;	/* reaped by the event loop */
	worker_stop(w);
	snprintf(text, sizeof(text), "anon-churn worker %u ended with %s %d", w->number,
		 si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
	env->note("freer", text, env->ctx);
	if (++w->deaths >= MAX_DEATHS)
		return 0;
	r = worker_start(w);
	if (r < 0) {
		snprintf(text, sizeof(text), "anon-churn worker %u cannot be started again: %s",
			 w->number, strerror(-r));
		env->note("freer", text, env->ctx);
	}
	return 0;
}

static int worker_start(struct worker *w)
{
	const struct hs_freer_env *env = w->anon->env;
	/* Each life has choices of its own, and they follow from the seed. */
	uint64_t seed = hs_random_derive(env->seed, 1000 * w->number + w->deaths);
	int node = env->nr_nodes ? env->nodes[w->number % env->nr_nodes] : -1;
	char node_text[16], seed_text[32], bytes_text[32];
	char *argv[] = {
		"hotsoak", "anon", "3", node_text, seed_text, bytes_text,
		/* One is enough, and one report is easier to read. */
		env->corrupt && !w->number && !w->deaths ? "1" : "0", NULL
	};
	_cleanup_close_ int theirs = -1;
	int fds[2], r;

	if (node >= 0)
		snprintf(node_text, sizeof(node_text), "%d", node);
	else
		snprintf(node_text, sizeof(node_text), "any");
	snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed);
	snprintf(bytes_text, sizeof(bytes_text), "%" PRIu64, env->scenario->anon_bytes);

	if (pipe2(fds, O_CLOEXEC) < 0)
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

static bool anon_is_wanted(const struct hs_scenario *s)
{
	return s->anon && s->anon_workers;
}

static void anon_stop(void *state)
{
	struct anon *a = state;

	/* All are told before one is waited for. */
	for (unsigned int i = 0; i < a->nr; i++)
		if (a->worker[i].pid)
			kill(a->worker[i].pid, SIGKILL);
	for (unsigned int i = 0; i < a->nr; i++) {
		if (a->worker[i].io)
			worker_io(a->worker[i].io, a->worker[i].fd, 0, &a->worker[i]);
		worker_stop(&a->worker[i]);
	}
	free(a);
}

static int anon_start(const struct hs_freer_env *env, void **state)
{
	unsigned int nr = env->scenario->anon_workers;
	struct anon *a;

	if (nr > MAX_WORKERS)
		return -ERANGE;
	a = calloc(1, sizeof(*a) + nr * sizeof(a->worker[0]));
	if (!a)
		return -ENOMEM;
	a->env = env;
	a->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		a->worker[i].anon = a;
		a->worker[i].number = i;
		a->worker[i].fd = -1;
	}
	for (unsigned int i = 0; i < nr; i++) {
		int r = worker_start(&a->worker[i]);

		if (r < 0) {
			anon_stop(a);
			return r;
		}
	}
	*state = a;
	return 0;
}

const struct hs_freer_desc hs_freer_anon = {
	.name = "anon-churn",
	.summary = "processes fault memory in on one CPU, check it and give it back from another",
	.is_wanted = anon_is_wanted,
	.start = anon_start,
	.stop = anon_stop,
};
