// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freer stress-ng: stressors of the scenario's choice, by somebody else's program. It
 * takes no aim: what it frees of a block that goes, it frees by chance.
 */
#include "freer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "clock.h"

#define READY_NS	UINT64_C(30000000000)	/* its start, on a slow machine that is busy */
#define END_NS		UINT64_C(20000000000)	/* more than its keeper takes to end it */
#define PAUSE_US	1000000			/* before it is started again */
#define MAX_LIVES	64			/* in one run; then it stays away */
#define MAX_NODES	64			/* that are named to it */

struct stress_ng {
	const struct hs_freer_env *env;
	unsigned int lives;
	pid_t keeper;		/* 0: none */
	int fd;
	bool ready, ended;	/* of this life: has stressors; its end has been told */
	struct hs_stress_ng_report report;
	sd_event_source *io, *child;
	sd_event_source *again;	/* when its next life is to begin */
};

static bool stress_ng_is_wanted(const struct hs_scenario *s)
{
	return s->stress_ng;
}

static int stress_ng_ask(const struct hs_scenario *s, const char *root)
{
	(void)s;
	return hs_stress_ng_ask(root);
}

/* "0,2": each once. "any": not known, or too many to tell. */
static void nodes_of(const struct hs_freer_env *env, char *text, size_t text_bytes)
{
	int seen[MAX_NODES];
	size_t nr = 0, len = 0;

	for (size_t i = 0; i < env->nr_nodes; i++) {
		size_t j = 0;

		while (j < nr && seen[j] != env->nodes[i])
			j++;
		if (j < nr)
			continue;
		if (env->nodes[i] < 0 || nr == MAX_NODES || len + 8 >= text_bytes) {
			nr = 0;
			break;
		}
		seen[nr++] = env->nodes[i];
		len += (size_t)snprintf(text + len, text_bytes - len, "%s%d", len ? "," : "",
					env->nodes[i]);
	}
	if (!nr)
		snprintf(text, text_bytes, "any");
}

static void note(const struct stress_ng *g, const char *words)
{
	g->env->note("freer", words, g->env->ctx);
}

static void note_end(const struct stress_ng *g, const char *when)
{
	const struct hs_stress_ng_report *r = &g->report;
	char words[320];

	snprintf(words, sizeof(words), "stress-ng ended with status %d%s: %s%s%s", r->status, when,
		 hs_stress_ng_end_words(hs_stress_ng_end_of(r->status)),
		 *r->words.said ? ": " : "", r->words.said);
	note(g, words);
}

/* Whatever has come: at most what it says of its start, and of its end. */
static int life_io(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct stress_ng *g = userdata;
	struct hs_stress_ng_report r;

	while (recv(fd, &r, sizeof(r), MSG_DONTWAIT) == sizeof(r)) {
		if (r.type == HS_STRESS_NG_READY) {
			g->ready = true;
			g->env->tally->stress_ng.starts++;
		} else {
			g->ended = true;
			g->report = r;
		}
	}
	if (s && revents & EPOLLHUP)
		sd_event_source_set_enabled(s, SD_EVENT_OFF);
	return 0;
}

static void life_release(struct stress_ng *g)
{
	g->io = sd_event_source_disable_unref(g->io);
	g->child = sd_event_source_disable_unref(g->child);
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
	g->keeper = 0;
}

static int life_start(struct stress_ng *g);

static void give_up(struct stress_ng *g, int err)
{
	char words[96];

	snprintf(words, sizeof(words), "stress-ng is not started again: %s",
		 err == -E2BIG ? "it has ended too often" : strerror(-err));
	note(g, words);
	g->env->tally->stress_ng.gave_up = 1;
}

static int life_again(sd_event_source *s, uint64_t usec, void *userdata)
{
	struct stress_ng *g = userdata;
	int r;

	(void)s;
	(void)usec;
	g->again = sd_event_source_disable_unref(g->again);
	r = life_start(g);
	if (r < 0)
		give_up(g, r);
	return 0;
}

static int life_over(sd_event_source *s, const siginfo_t *si, void *userdata)
{
	struct stress_ng *g = userdata;
	struct hs_stress_ng_tally *t = &g->env->tally->stress_ng;
	int r;

	(void)s;
	(void)si;
	life_io(NULL, g->fd, 0, g);
	/* Its keeper was killed: so is it, and nobody has told how. */
	if (!g->ended)
		g->report = (struct hs_stress_ng_report){ .status = 128 + SIGKILL };
	life_release(g);
	t->early++;
	hs_stress_ng_add(t, &g->report);
	note_end(g, " before the run did");
	r = g->lives < MAX_LIVES ? sd_event_add_time_relative(g->env->event, &g->again,
				CLOCK_MONOTONIC, PAUSE_US, 0, life_again, g) : -E2BIG;
	if (r < 0)
		give_up(g, r);
	return 0;
}

static int life_start(struct stress_ng *g)
{
	const struct hs_scenario *s = g->env->scenario;
	char fd[16], nodes[160], directory[sizeof(s->stress_ng_directory)];
	char options[sizeof(s->stress_ng_options)];
	char *argv[] = {
		(char *)"hotsoak", (char *)"stressors", fd, nodes, directory, options, NULL,
	};
	_cleanup_close_ int theirs = -1;
	int fds[2], r;

	snprintf(fd, sizeof(fd), "%d", HS_CHILD_FD);
	snprintf(directory, sizeof(directory), "%s", s->stress_ng_directory);
	snprintf(options, sizeof(options), "%s", s->stress_ng_options);
	nodes_of(g->env, nodes, sizeof(nodes));
	g->ready = g->ended = false;
	g->lives++;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	g->fd = fds[0];
	theirs = fds[1];
	/* Its keeper is none to go when memory is short: stress-ng is. */
	r = hs_child_spawn_self(argv, theirs, 0, &g->keeper);
	if (r >= 0)
		r = sd_event_add_io(g->env->event, &g->io, g->fd, EPOLLIN, life_io, g);
	if (r >= 0)
		r = sd_event_add_child(g->env->event, &g->child, g->keeper, WEXITED, life_over, g);
	if (r < 0)
		life_release(g);
	return r;
}

static void await(struct stress_ng *g, const bool *what, uint64_t until_ns)
{
	struct pollfd p = { .fd = g->fd, .events = POLLIN };

	while (!*what && !g->ended) {
		uint64_t now_ns = hs_clock_ns();

		if (now_ns >= until_ns)
			break;
		if (poll(&p, 1, (int)((until_ns - now_ns) / 1000000) + 1) <= 0)
			continue;
		life_io(NULL, g->fd, 0, g);
		if (p.revents & POLLHUP)
			break;
	}
}

/* Ends it, and what of it is there: the metrics of its last life. */
static void life_end(struct stress_ng *g)
{
	pid_t keeper = g->keeper;
	int fd = g->fd;

	g->io = sd_event_source_disable_unref(g->io);
	g->child = sd_event_source_disable_unref(g->child);
	g->again = sd_event_source_disable_unref(g->again);
	if (!keeper)
		return;
	shutdown(fd, SHUT_WR);
	await(g, &g->ended, hs_clock_ns() + END_NS);
	/* It goes on killing by itself what is not yet gone. */
	if (!g->ended || g->report.left)
		note(g, "a process of stress-ng is in the kernel yet, and gone when it comes out");
	else
		hs_child_end(keeper, 2000);
	life_release(g);
}

/* One that has not come to its stressors: what it lacks is skipped for, else it is refused. */
static int never_started(struct stress_ng *g)
{
	const struct hs_stress_ng_report *r = &g->report;
	struct hs_tally *t = g->env->tally;
	enum hs_stress_ng_end end = hs_stress_ng_end_of(r->status);

	if (!g->ended)
		snprintf(t->broken, sizeof(t->broken), "the freer stress-ng: it did not start its stressors");
	else if (r->err)
		snprintf(t->broken, sizeof(t->broken), "the freer stress-ng could not be started: %s",
			 strerror(-r->err));
	else if (end == HS_STRESS_NG_RESOURCES || end == HS_STRESS_NG_UNIMPLEMENTED)
		snprintf(t->skip, sizeof(t->skip), "the freer stress-ng: %s", *r->words.said ?
			 r->words.said : hs_stress_ng_end_words(end));
	else
		snprintf(t->broken, sizeof(t->broken), "the freer stress-ng: it ended with status %d at once: %.100s",
			 r->status, *r->words.said ? r->words.said : hs_stress_ng_end_words(end));
	return *t->skip ? -ENODEV : -EPROTO;
}

static int stress_ng_start(const struct hs_freer_env *env, void **state)
{
	struct stress_ng *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	g->env = env;
	g->fd = -1;
	r = life_start(g);
	if (r >= 0)
		await(g, &g->ready, hs_clock_ns() + READY_NS);
	if (r >= 0 && !g->ready)
		r = never_started(g);
	if (r < 0) {
		life_end(g);
		free(g);
		return r;
	}
	*state = g;
	return 0;
}

static void stress_ng_stop(void *state)
{
	struct stress_ng *g = state;
	struct hs_stress_ng_tally *t = &g->env->tally->stress_ng;
	bool there = g->keeper;

	life_end(g);
	if (there && g->ready) {
		if (!g->ended)
			g->report = (struct hs_stress_ng_report){
				.status = 128 + SIGKILL, .killed = true,
			};
		hs_stress_ng_add(t, &g->report);
		if (g->report.status || g->report.killed)
			note_end(g, g->report.killed ? ", killed, for it did not end when it was told to" : "");
	}
	free(g);
}

const struct hs_freer_desc hs_freer_stress_ng = {
	.name = "stress-ng",
	.summary = "stressors of stress-ng on the target's node",
	.is_wanted = stress_ng_is_wanted,
	.needs = "stress-ng", .ask = stress_ng_ask, .ask_words = hs_stress_ng_ask_words,
	.start = stress_ng_start,
	.stop = stress_ng_stop,
};
