// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bystanders of a scenario that has them: what else on the machine stands still while
 * an offline of ours is stuck, that is held up by the antagonist's page until its limit.
 *
 * A probe has met a stuck offline when it began in the second quarter of the time until
 * that was interrupted, the range isolated by then: it came back before, or stalled. It
 * stalled when it began in the first half and came back only after the signal.
 */
#include "soak_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"

#define STOP_MS 1000

static bool is_held(const struct hs_soak *s)
{
	return s->flight.active && s->flight.step.op == HS_OP_OFFLINE && s->antagonist.page;
}

static struct hs_stuck stuck_of(const struct hs_flight *f)
{
	return (struct hs_stuck){
		.start_ns = f->start_ns, .signalled_ns = f->signalled_ns,
		.half_ns = f->start_ns + (f->signalled_ns - f->start_ns) / 2,
	};
}

static bool has_waited(const struct hs_probe_report *r, const struct hs_stuck *stuck)
{
	return stuck->signalled_ns && r->start_ns <= stuck->half_ns &&
		r->end_ns >= stuck->signalled_ns;
}

/* Its report may come before the answer of the offline that let it go, or after that. */
static void report_take(struct hs_bystander *b, const struct hs_probe_report *r)
{
	struct hs_soak *s = b->soak;
	struct hs_probe_tally *t = &s->tally.probe[b->kind];
	const struct hs_stuck now = stuck_of(&s->flight);
	uint64_t ns = r->end_ns - r->start_ns, *longest = &t->calm_ns;

	t->calls++;
	if (has_waited(r, &s->stuck) && !b->stalled) {
		b->stalled = true;
		t->stalled++;
		t->met += !b->met;
	}
	if (s->stuck.signalled_ns && r->start_ns <= s->stuck.signalled_ns &&
	    r->end_ns >= s->stuck.start_ns)
		longest = &t->stuck_ns;
	if (is_held(s) && r->end_ns >= now.start_ns) {
		longest = &t->stuck_ns;
		b->seen |= r->start_ns >= now.start_ns + s->scenario->limit_ns / 4;
		b->waited |= s->flight.signalled && has_waited(r, &now);
	}
	*longest = ns > *longest ? ns : *longest;
}

static void reports_read(struct hs_bystander *b)
{
	struct hs_probe_report r;
	char text[96];

	while (b->fd >= 0 && read(b->fd, &r, sizeof(r)) == sizeof(r)) {
		if (!r.err) {
			report_take(b, &r);
			continue;
		}
		snprintf(text, sizeof(text), "%s cannot be had: %s", hs_probes[b->kind].name,
			 strerror(-r.err));
		hs_soak_note(b->soak, "bystander", text);
	}
}

static int reports_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_bystander *b = userdata;

	(void)fd;
	reports_read(b);
	/* It has said why, or was killed by somebody. */
	if (revents & EPOLLHUP)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

/* One that is online and not ours: -ENOENT when there is none. */
static int block_of_others(struct hs_soak *s, unsigned long *block)
{
	for (size_t i = 0; i < s->known.nr; i++) {
		const struct hs_memblk *b = &s->known.blk[i];

		if (b->state != HS_MEMBLK_ONLINE || hs_conductor_get(&s->conductor, b->index))
			continue;
		*block = b->index;
		return 0;
	}
	return -ENOENT;
}

static int bystander_start(struct hs_bystander *b, unsigned long block)
{
	char block_text[32];
	char *argv[] = {
		"hotsoak", "probe", "3", (char *)hs_probes[b->kind].name, block_text, NULL
	};
	_cleanup_close_ int theirs = -1;
	int fds[2], r;

	snprintf(block_text, sizeof(block_text), "%lu", block);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	b->fd = fds[0];
	theirs = fds[1];
	fcntl(b->fd, F_SETFL, O_NONBLOCK);
	r = hs_child_spawn_self(argv, theirs, 0, &b->pid);
	if (r >= 0)
		r = sd_event_add_io(b->soak->event, &b->io, b->fd, EPOLLIN, reports_io, b);
	return r < 0 ? r : 0;
}

int hs_soak_bystanders_start(struct hs_soak *s)
{
	unsigned long block = 0;
	bool has_block;
	int r = 0;

	if (!s->scenario->bystanders)
		return 0;
	for (int i = 0; i < HS_NR_PROBES; i++) {
		s->bystander[i] = (struct hs_bystander){
			.soak = s, .kind = (enum hs_probe_kind)i, .fd = -1,
		};
		s->tally.probe[i].expected =
			hs_probe_is_expected((enum hs_probe_kind)i, s->c.info->kernel);
	}
	/* They are of the running kernel. */
	if (s->c.sysroot && *s->c.sysroot)
		return 0;
	has_block = !block_of_others(s, &block);
	for (int i = 0; !r && i < HS_NR_PROBES; i++)
		if (i != HS_PROBE_MEMORY_ONLINE || has_block)
			r = bystander_start(&s->bystander[i], block);
	if (r < 0)
		snprintf(s->tally.broken, sizeof(s->tally.broken),
			 "a bystander could not be started: %s", strerror(-r));
	return r;
}

/* All are told before one is waited for. One that stalls even now dies when it is let go. */
void hs_soak_bystanders_stop(struct hs_soak *s)
{
	for (int i = 0; i < HS_NR_PROBES; i++)
		if (s->bystander[i].pid)
			kill(s->bystander[i].pid, SIGTERM);
	for (int i = 0; i < HS_NR_PROBES; i++) {
		struct hs_bystander *b = &s->bystander[i];

		if (!b->soak || b->fd < 0)
			continue;
		reports_read(b);
		b->io = sd_event_source_disable_unref(b->io);
		close(b->fd);
		b->fd = -1;
		if (b->pid)
			hs_child_end(b->pid, STOP_MS);
		b->pid = 0;
	}
}

static bool is_stuck(const struct hs_soak *s, const struct hs_operator_answer *a)
{
	const struct hs_flight *f = &s->flight;
	const struct hotsoak_event *w;

	if (!is_held(s) || a->err != -EINTR || !f->signalled ||
	    f->signalled_ns < f->start_ns + s->scenario->limit_ns)
		return false;
	w = hs_soak_window_of(s, a);
	return w && w->win.isolated_ns &&
		w->win.isolated_ns < f->start_ns + s->scenario->limit_ns / 4;
}

void hs_soak_bystanders_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	bool stuck;

	if (!s->scenario->bystanders || s->flight.step.op != HS_OP_OFFLINE)
		return;
	/* Its window was closed, and who did not stall came back, before the write returned. */
	hs_soak_events_read(s);
	for (int i = 0; i < HS_NR_PROBES; i++)
		reports_read(&s->bystander[i]);
	stuck = is_stuck(s, a);
	s->tally.bystanders_stuck += stuck;
	for (int i = 0; i < HS_NR_PROBES; i++) {
		struct hs_bystander *b = &s->bystander[i];

		if (stuck) {
			b->stalled = b->waited;
			b->met = b->seen || b->waited;
			s->tally.probe[i].stalled += b->stalled;
			s->tally.probe[i].met += b->met;
		}
		b->seen = b->waited = false;
	}
	if (stuck)
		s->stuck = stuck_of(&s->flight);
}
