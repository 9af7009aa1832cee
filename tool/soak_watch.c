// SPDX-License-Identifier: GPL-2.0-only
/* What a soak sees besides its own operations: events, log, counters. */
#include "soak_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "pressure.h"

/* Of one invariant: the first ones say it all, the counters have the rest. */
#define MAX_RECORDED	64
#define EVENTS_AT_ONCE	32

/* ---- Violations ------------------------------------------------------------ */

static void event_text(const struct hotsoak_event *e, char *text, size_t text_bytes)
{
	snprintf(text, text_bytes,
		 "window %" PRIu64 " [pfn 0x%" PRIx64 " +0x%" PRIx64 "] pid %d: pfn 0x%" PRIx64 " order %u, value %" PRIu64 ", expected %" PRIu64 ", list of cpu %d, seen on cpu %u, by pid %d%s",
		 (uint64_t)e->window, (uint64_t)e->start_pfn, (uint64_t)e->nr_pages, e->pid,
		 (uint64_t)e->vio.pfn, e->vio.order, (uint64_t)e->vio.value,
		 (uint64_t)e->vio.expected, e->vio.seen_cpu, e->cpu, e->vio.other_pid,
		 e->vio.flags & HOTSOAK_VIO_STALE_LIST ? ", off the list of another type" : "");
}

void hs_soak_violation(struct hs_soak *s, enum hs_invariant inv, const struct hotsoak_event *e,
		       const char *text)
{
	char event[320];

	if (e) {
		event_text(e, event, sizeof(event));
		text = event;
	} else {
		s->tally.inv[inv].violations++;
	}
	if (s->recorded[inv]++ < MAX_RECORDED) {
		if (s->c.record)
			hs_record_violation(s->c.record, inv, e, e ? NULL : text);
		if (s->c.callbacks.violation)
			s->c.callbacks.violation(inv, text, s->c.ctx);
	}
	if (s->c.control && s->c.control->breaks & UINT64_C(1) << inv && !s->control_ns)
		s->control_ns = hs_soak_now(s);
	if (s->c.stop_on_violation)
		hs_soak_stop(s, false);
}

/* ---- The witness ----------------------------------------------------------- */

void hs_soak_events_read(struct hs_soak *s)
{
	struct hotsoak_event e[EVENTS_AT_ONCE];
	int n;

	if (!s->has_witness)
		return;
	do {
		n = hs_witness_read(&s->witness, e, EVENTS_AT_ONCE);
		for (int i = 0; i < n; i++)
			if (e[i].type == HOTSOAK_EVENT_WINDOW) {
				s->window = e[i];
				hs_soak_freers_closed(s, &e[i]);
			} else if (e[i].type == HOTSOAK_EVENT_VIOLATION &&
				   e[i].vio.invariant < HOTSOAK_NR_INVARIANTS) {
				hs_soak_violation(s, (enum hs_invariant)e[i].vio.invariant, &e[i],
						  NULL);
			}
	} while (n == EVENTS_AT_ONCE);
}

/* ---- The kernel log -------------------------------------------------------- */

static void log_found(bool bad, const char *text, void *ctx)
{
	struct hs_soak *s = ctx;

	if (bad && s->tally.inv[HS_INV_CLEAN_LOG].armed)
		hs_soak_violation(s, HS_INV_CLEAN_LOG, NULL, text);
	else
		hs_soak_note(s, "log", text);
}

void hs_soak_kmsg_look(struct hs_soak *s)
{
	int r;

	if (!s->has_kmsg)
		return;
	r = hs_kmsg_look(&s->kmsg, log_found, s);
	s->tally.virtio_mem_resizes = s->kmsg.resizes;
	if (s->tally.inv[HS_INV_CLEAN_LOG].armed)
		s->tally.inv[HS_INV_CLEAN_LOG].checks = s->kmsg.looks;
	if (r < 0) {
		char text[96];

		snprintf(text, sizeof(text), "reading /dev/kmsg: %s", strerror(-r));
		hs_soak_broken(s, text);
		s->has_kmsg = false;
	}
}

/* ---- Memory pressure ------------------------------------------------------- */

/* Whoever stalls needs the memory more than we do: at the first sign. */
static int pressure_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_soak *s = userdata;
	char now[128], text[sizeof(s->tally.stopped)];

	(void)fd;
	(void)revents;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	if (hs_pressure_read(NULL, now, sizeof(now)) < 0)
		snprintf(now, sizeof(now), "no figures");
	snprintf(text, sizeof(text), "memory pressure ended the run early: tasks stalled for it (%.80s)", now);
	hs_soak_stop_for(s, "pressure", text);
	return 0;
}

void hs_soak_pressure_watch(struct hs_soak *s)
{
	/* Who is short of memory in a cgroup counts there as everybody does. */
	const char *freer = hs_soak_freer_limited(s);
	int fd, r;
	char text[160];

	if (s->c.sysroot && s->c.sysroot[0])
		return;
	if (freer || hs_scenario_has(s->scenario, HS_ANTAGONIST_OOM_EDGE)) {
		snprintf(text, sizeof(text), "memory pressure will not end this run: the %s %s makes it",
			 freer ? "freer" : "antagonist", freer ? freer : "oom-edge");
		hs_soak_note(s, "pressure", text);
		return;
	}
	fd = r = hs_pressure_open();
	if (fd >= 0) {
		r = sd_event_add_io(s->event, &s->pressure, fd, EPOLLPRI, pressure_io, s);
		if (r >= 0)
			r = sd_event_source_set_io_fd_own(s->pressure, 1);
		else
			close(fd);
	}
	if (r >= 0)
		return;
	snprintf(text, sizeof(text), "memory pressure will not end this run: " HS_PRESSURE_FILE ": %s",
		 strerror(-r));
	hs_soak_note(s, "pressure", text);
}

/* ---- Once a second --------------------------------------------------------- */

static double rate(uint64_t now, uint64_t then, double seconds)
{
	return seconds > 0 && now >= then ? (double)(now - then) / seconds : 0;
}

void hs_soak_progress_fill(struct hs_soak *s)
{
	uint64_t now = hs_soak_now(s), duration = s->scenario->duration_ns;
	struct hs_progress *p = &s->progress;

	p->phase = s->phase;
	p->elapsed_ns = s->start_ns ? now - s->start_ns : 0;
	p->left_ns = duration > p->elapsed_ns ? duration - p->elapsed_ns : 0;
	p->in_flight = s->flight.active;
	if (p->in_flight) {
		p->signalled = s->flight.signalled;
		p->op = s->flight.step.op;
		p->block = s->conductor.blk[s->flight.step.at].index;
		p->flight_ns = now > s->flight.start_ns ? now - s->flight.start_ns : 0;
	}
	p->waiting = s->phase == HS_PHASE_RUNNING && s->idle;
	p->tally = &s->tally;
}

const struct hs_progress *hs_soak_progress(struct hs_soak *s)
{
	hs_soak_progress_fill(s);
	return &s->progress;
}

static void rates_fill(struct hs_soak *s, uint64_t now_ns)
{
	const struct hotsoak_stats *st = &s->tally.stats;
	double seconds = (double)(now_ns - s->last.ns) / HS_SECOND_NS;

	s->progress.transitions_per_s = rate(s->tally.transitions, s->last.transitions, seconds);
	s->progress.e1_per_s = rate(st->e1, s->last.e1, seconds);
	s->progress.e2_per_s = rate(st->e2, s->last.e2, seconds);
	s->progress.e3_per_s = rate(st->e3, s->last.e3, seconds);
	s->last.ns = now_ns;
	s->last.transitions = s->tally.transitions;
	s->last.e1 = st->e1;
	s->last.e2 = st->e2;
	s->last.e3 = st->e3;
}

static void log_control_plant(struct hs_soak *s)
{
	int r;

	if (!s->log_control_due)
		return;
	s->log_control_due = false;
	r = hs_kmsg_write(s->c.sysroot, "WARNING: " HS_KMSG_CONTROL "\n");
	if (r < 0)
		hs_soak_broken(s, "the control log-warning could not write to /dev/kmsg");
}

void hs_soak_second(struct hs_soak *s, uint64_t now_ns)
{
	if (s->has_witness && hs_witness_stats(&s->witness, &s->tally) < 0)
		hs_soak_broken(s, "the witness no longer gives its counters");
	hs_soak_hooks_look(s);
	hs_soak_kmsg_look(s);
	log_control_plant(s);
	if (s->phase == HS_PHASE_RUNNING)
		hs_soak_cpu_next(s);
	/* Where no uevent tells of changes, only looking does. */
	if (!hs_soak_has_uevents(s))
		hs_soak_resync(s, false);
	for (int op = 0; op < HS_NR_OPS; op++)
		s->median_ns[op] = hs_latency_percentile(&s->tally.latency[op], 0.5);
	if (s->phase == HS_PHASE_RUNNING)
		s->tally.duration_ns = now_ns - s->start_ns;
	rates_fill(s, now_ns);
	if (s->c.record)
		hs_record_second(s->c.record, &s->tally);
	if (s->c.callbacks.progress) {
		hs_soak_progress_fill(s);
		s->c.callbacks.progress(&s->progress, s->c.ctx);
	}
}
