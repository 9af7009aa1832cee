// SPDX-License-Identifier: GPL-2.0-only
/* The antagonists that are tuners: their children, what these report, their end. */
#include "soak_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "random.h"
#include "sysfile.h"
#include "tuner.h"

/* See hs_random_derive(): those of the others are far below. */
#define SEED_TUNERS 100

/* Who unmerges what KSM has merged is the OOM killer's first choice. */
#define MAX_DEATHS 16

/* Of who takes memory for its own sake: oom_score_adj, it goes first. */
#define VICTIM 1000

/* A write may wait for an offline, but as a rule none is under way by then. */
#define GONE_MS 10000
#define GONE_STUCK_MS 100

static int tuner_start(struct hs_soak_tuner *child);

static void reports_take(struct hs_soak_tuner *child)
{
	struct hs_tuner_tally *t = &child->soak->tally.tuner[child->desc->kind];
	struct hs_tuner_report r;

	while (recv(child->fd, &r, sizeof(r), MSG_DONTWAIT) == sizeof(r)) {
		t->writes += !r.err;
		t->failed += !!r.err;
		if (r.took_ns > t->longest_ns)
			t->longest_ns = r.took_ns;
	}
}

/* What is gone already is only reaped. */
static bool tuner_end(struct hs_soak_tuner *child, int wait_ms)
{
	bool gone;

	if (child->io)
		reports_take(child);
	child->io = sd_event_source_disable_unref(child->io);
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	gone = !child->pid || hs_child_kill(child->pid, wait_ms) != -EBUSY;
	child->pid = 0;
	return gone;
}

static int tuner_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_soak_tuner *child = userdata;
	char text[96];
	int r = -ECHILD;

	(void)source;
	(void)fd;
	reports_take(child);
	if (!(revents & EPOLLHUP))
		return 0;
	tuner_end(child, GONE_STUCK_MS);
	if (child->deaths++ < MAX_DEATHS)
		r = tuner_start(child);
	snprintf(text, sizeof(text), "the antagonist %s was killed%s", child->desc->name,
		 r < 0 ? ", and cannot be started again" : " and is started again");
	if (r < 0)
		hs_soak_broken(child->soak, text);
	else
		hs_soak_note(child->soak, "antagonist", text);
	return 0;
}

static int tuner_start(struct hs_soak_tuner *child)
{
	enum { FIRST_FILE = 7 };
	const struct hs_soak *s = child->soak;
	char fd[] = { '0' + HS_CHILD_FD, '\0' }, name[32], root[PATH_MAX], seed[24], found[24];
	char *argv[FIRST_FILE + HS_TUNER_FILES + 1] = {
		"hotsoak", "tune", fd, name, root, seed, found,
	};
	int fds[2], r;

	snprintf(name, sizeof(name), "%s", child->desc->name);
	snprintf(root, sizeof(root), "%s", s->c.sysroot && *s->c.sysroot ? s->c.sysroot : "/");
	snprintf(seed, sizeof(seed), "%" PRIu64,
		 hs_random_derive(s->c.info->seed, SEED_TUNERS + child->desc->kind) + child->deaths);
	snprintf(found, sizeof(found), "%" PRIu64, child->plan.found);
	for (unsigned int i = 0; i < child->plan.nr; i++)
		argv[FIRST_FILE + i] = child->plan.path[i];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	child->fd = fds[0];
	r = hs_child_spawn_self(argv, fds[1], child->desc->tuner->work ? VICTIM : 0, &child->pid);
	close(fds[1]);
	if (!r)
		r = sd_event_add_io(s->event, &child->io, child->fd, EPOLLIN, tuner_io, child);
	return r < 0 ? r : 0;
}

/* ---- For the soak ------------------------------------------------------------------- */

int hs_soak_tuners_plan(struct hs_soak *s)
{
	const struct hs_antagonist_desc *a;

	hs_for_each_antagonist(a, s->scenario) {
		struct hs_soak_tuner *child = &s->tuner[s->nr_tuners];
		int r;

		if (!a->tuner)
			continue;
		*child = (struct hs_soak_tuner){ .soak = s, .desc = a, .fd = -1 };
		r = hs_tuner_plan(a->tuner, s->c.sysroot, hs_soak_may_take, s, &child->plan);
		if (r < 0) {
			/* Blocks there are, but none of this run. */
			snprintf(r == -ENODEV ? s->tally.skip : s->tally.broken,
				 sizeof(s->tally.broken), "the antagonist %s: %s", a->name,
				 hs_tuner_words(r));
			return r;
		}
		s->nr_tuners++;
	}
	return 0;
}

/* What the kernel sets along is put back behind what it follows. */
static int knobs_of(struct hs_soak *s, const struct hs_soak_tuner *child)
{
	const struct hs_tuner *t = child->desc->tuner;
	char value[HS_KNOB_VALUE_BYTES];
	int r = 0;

	if (t->also && !hs_sysfile_read_below(s->c.sysroot, t->also, value, sizeof(value)))
		r = hs_journal_add_knob(s->c.journal, t->also, value, true);
	for (unsigned int i = 0; !r && i < child->plan.nr; i++) {
		r = hs_tuner_value(t, &child->plan, 0, value, sizeof(value));
		if (!r)
			r = hs_journal_add_knob(s->c.journal, child->plan.path[i], value, true);
	}
	return r;
}

int hs_soak_tuners_knobs(struct hs_soak *s)
{
	int r = 0;

	for (unsigned int i = 0; i < s->nr_tuners && !r; i++)
		if (!s->tuner[i].desc->tuner->momentary)
			r = knobs_of(s, &s->tuner[i]);
	return r;
}

int hs_soak_tuners_start(struct hs_soak *s)
{
	int r = 0;

	for (unsigned int i = 0; i < s->nr_tuners && !r; i++) {
		r = tuner_start(&s->tuner[i]);
		if (r < 0)
			snprintf(s->tally.broken, sizeof(s->tally.broken),
				 "the antagonist %s could not be started: %s",
				 s->tuner[i].desc->name, strerror(-r));
	}
	return r;
}

void hs_soak_tuners_stop(struct hs_soak *s)
{
	int wait_ms = s->flight.active ? GONE_STUCK_MS : GONE_MS;

	/* All are told before one is waited for. */
	for (unsigned int i = 0; i < s->nr_tuners; i++)
		if (s->tuner[i].pid)
			kill(s->tuner[i].pid, SIGKILL);
	while (s->nr_tuners)
		if (!tuner_end(&s->tuner[--s->nr_tuners], wait_ms)) {
			/* The others have had that time, too. */
			wait_ms = GONE_STUCK_MS;
			s->tuners_stuck = true;
		}
}
