// SPDX-License-Identifier: GPL-2.0-only
/*
 * The soak: its start, its tick, its end.
 *
 * One thread, one loop. The only waking sources are the operator's answers, the
 * workers' reports, and one tick for limits, events and the second's work: a
 * transition takes some 5 ms, and each wakeup more would be seen in the figures.
 */
#include "soak.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "lockdep.h"
#include "random.h"
#include "soak_internal.h"
#include "virtio_mem.h"
#include "zone.h"

#define TICK_MAX_NS		UINT64_C(100000000)
#define TICK_MIN_NS		UINT64_C(5000000)
#define TICK_SEARCH_NS		UINT64_C(1000000)
#define AFTER_CONTROL_NS	HS_SECOND_NS

/* Beyond what makes an offline unanswered, for a tick that comes late. */
#define HOG_SPARE_MS		2000

/* The conductor has 1, the freers have 2; see hs_random_derive(). */
#define SEED_SIGNALS 3

#define POISON_LEFT "a page may still be poisoned: run hotsoak restore"
#define KNOBS_LEFT "settings of the kernel are not as they were: run hotsoak restore"

uint64_t hs_soak_now(const struct hs_soak *s)
{
	(void)s;
	return hs_clock_ns();
}

void hs_soak_note(struct hs_soak *s, const char *what, const char *text)
{
	if (s->c.record)
		hs_record_note(s->c.record, what, text);
	if (s->c.callbacks.note)
		s->c.callbacks.note(what, text, s->c.ctx);
}

/* The first reason counts; what follows is mostly its consequence. */
void hs_soak_broken(struct hs_soak *s, const char *text)
{
	if (!s->tally.broken[0])
		snprintf(s->tally.broken, sizeof(s->tally.broken), "%s", text);
	hs_soak_note(s, "broken", text);
	hs_soak_stop(s, false);
}

void hs_soak_stop_for(struct hs_soak *s, const char *what, const char *text)
{
	if (s->stopping)
		return;
	snprintf(s->tally.stopped, sizeof(s->tally.stopped), "%s", text);
	hs_soak_note(s, what, text);
	hs_soak_stop(s, false);
}

const struct hs_tally *hs_soak_tally(const struct hs_soak *s)
{
	return &s->tally;
}

/* ---- The tick ---------------------------------------------------------------- */

static int tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hs_soak *s = userdata;
	uint64_t now = hs_soak_now(s), patience = 5 * s->scenario->grace_ns + 5 * HS_SECOND_NS;

	(void)usec;
	hs_soak_flight_look(s, now);
	hs_soak_events_read(s);
	hs_soak_uevents_drain(s);
	hs_soak_sysfs_listen(s);
	if (now >= s->next_second_ns) {
		hs_soak_second(s, now);
		s->next_second_ns = now + HS_SECOND_NS;
	}
	/* Seen during this very tick it lies after @now. */
	if (s->control_ns && now > s->control_ns && now - s->control_ns >= AFTER_CONTROL_NS)
		hs_soak_stop(s, false);
	if (s->phase == HS_PHASE_RUNNING && s->scenario->duration_ns &&
	    now - s->start_ns >= s->scenario->duration_ns)
		hs_soak_stop(s, false);
	/* A call that never returns: the run ends without it, and says so. */
	if (s->stopping && s->flight.active && s->flight.unanswered &&
	    now - s->stop_ns >= (s->hasty ? 2 * HS_SECOND_NS : patience)) {
		hs_soak_broken(s, "an operation is still in the kernel, deaf to its signal");
		hs_soak_finish(s);
	}
	s->wait_tick = false;
	hs_soak_advance(s);
	if (s->phase == HS_PHASE_ENDED)
		return 0;
	return sd_event_source_set_time_relative(source,
		(hs_antagonist_is_searching(&s->antagonist) ? TICK_SEARCH_NS : s->tick_ns) / 1000);
}

static uint64_t tick_length(const struct hs_scenario *sc)
{
	uint64_t ns = TICK_MAX_NS;

	/* A limit may be overrun by a quarter of itself at most. */
	if (sc->limit_ns && sc->limit_ns / 4 < ns)
		ns = sc->limit_ns / 4;
	if (sc->grace_ns && sc->grace_ns / 4 < ns)
		ns = sc->grace_ns / 4;
	return ns < TICK_MIN_NS ? TICK_MIN_NS : ns;
}

/* ---- Signals ------------------------------------------------------------------ */

static int stop_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct hs_soak *s = userdata;

	(void)source;
	(void)si;
	hs_soak_stop(s, s->stopping);
	return 0;
}

static int state_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct hs_soak *s = userdata;

	(void)source;
	(void)si;
	if (s->c.callbacks.state) {
		hs_soak_progress_fill(s);
		s->c.callbacks.state(&s->progress, s->c.ctx);
	}
	return 0;
}

/* nohup(1) makes us deaf to it, and a blocked signal comes all the same. */
static bool hangup_is_wanted(void)
{
	struct sigaction old;

	return sigaction(SIGHUP, NULL, &old) < 0 || old.sa_handler != SIG_IGN;
}

static int signals_watch(struct hs_soak *s)
{
	int r = sd_event_add_signal(s->event, &s->signals[0], SIGINT, stop_signal, s);

	if (r >= 0)
		r = sd_event_add_signal(s->event, &s->signals[1], SIGTERM, stop_signal, s);
	if (r >= 0)
		r = sd_event_add_signal(s->event, &s->signals[2], SIGUSR1, state_signal, s);
	/* The terminal is gone, and with it who could say when to end. */
	if (r >= 0 && hangup_is_wanted())
		r = sd_event_add_signal(s->event, &s->signals[3], SIGHUP, stop_signal, s);
	return r < 0 ? r : 0;
}

/* ---- Start -------------------------------------------------------------------- */

bool hs_soak_may_take(const struct hs_memblk *b, void *ctx)
{
	struct hs_soak *s = ctx;

	return hs_conductor_get(&s->conductor, b->index);
}

static int needs_check(struct hs_soak *s)
{
	const struct hs_scenario *sc = s->scenario;
	struct hs_tally *t = &s->tally;
	int lockdep = sc->needs_lockdep ? hs_lockdep_ask(s->c.sysroot) : 0;
	const struct hs_antagonist_desc *a;
	unsigned int whole_nodes = sc->needs_whole_nodes && s->c.blocks ?
		hs_memblk_whole_nodes(s->c.blocks, hs_soak_may_take, s) : 0;
	uint64_t kernel_bytes = sc->needs_kernel_bytes ?
		hs_zone_free_bytes(s->c.sysroot, "Normal") : 0;
	int virtio_mem = sc->needs_virtio_mem ? hs_virtio_mem_ask(s->c.sysroot) : 0;

	if (s->c.info->cpus < sc->needs_cpus) {
		snprintf(t->skip, sizeof(t->skip), "%u CPUs are online, the scenario needs %u",
			 s->c.info->cpus, sc->needs_cpus);
		return -ENODEV;
	}
	if (virtio_mem < 0) {
		snprintf(t->skip, sizeof(t->skip), "the scenario needs virtio-mem: %s",
			 hs_virtio_mem_words(virtio_mem));
		return -ENODEV;
	}
	if (!s->conductor.nr && s->c.no_blocks) {
		snprintf(t->skip, sizeof(t->skip), "%s", s->c.no_blocks);
		return -ENODEV;
	}
	if (!s->conductor.nr || s->conductor.nr < sc->needs_blocks) {
		snprintf(t->skip, sizeof(t->skip),
			 "%zu memory blocks may be taken, the scenario needs %u", s->conductor.nr,
			 sc->needs_blocks ? sc->needs_blocks : 1);
		return -ENODEV;
	}
	if (whole_nodes < sc->needs_whole_nodes) {
		snprintf(t->skip, sizeof(t->skip),
			 "of %u nodes all memory may be taken, the scenario needs %u",
			 whole_nodes, sc->needs_whole_nodes);
		return -ENODEV;
	}
	if (kernel_bytes < sc->needs_kernel_bytes) {
		snprintf(t->skip, sizeof(t->skip),
			 "ZONE_NORMAL has %" PRIu64 " MiB free, the scenario needs %" PRIu64,
			 kernel_bytes >> 20, sc->needs_kernel_bytes >> 20);
		return -ENODEV;
	}
	if (lockdep < 0) {
		snprintf(t->skip, sizeof(t->skip), "the scenario needs lockdep: %s",
			 hs_lockdep_words(lockdep));
		return -ENODEV;
	}
	hs_for_each_antagonist(a, sc) {
		int can = hs_antagonist_ask(a, s->c.sysroot);

		if (can < 0) {
			snprintf(t->skip, sizeof(t->skip), "the antagonist %s: %s", a->name,
				 hs_antagonist_ask_words(a, can));
			return -ENODEV;
		}
	}
	return hs_soak_freers_ask(s);
}

static void watchers_start(struct hs_soak *s)
{
	uint64_t wanted = s->scenario->invariants;

	if (s->c.sysroot && s->c.sysroot[0])
		return;
	s->has_kmsg = !hs_kmsg_init(&s->kmsg, NULL);
	s->tally.inv[HS_INV_CLEAN_LOG].armed = s->has_kmsg &&
		wanted & UINT64_C(1) << HS_INV_CLEAN_LOG;
	s->log_control_due = s->c.control && !strcmp(s->c.control->name, "log-warning");
}

static int soak_start(struct hs_soak *s)
{
	struct hs_tally *t = &s->tally;
	int r;

	/* True until the first touch. */
	t->restored = true;
	if (s->c.control)
		snprintf(t->control, sizeof(t->control), "%s", s->c.control->name);
	r = needs_check(s);
	if (r < 0)
		return r;
	r = hs_soak_tuners_plan(s);
	if (!r)
		r = hs_soak_journal_write(s);
	if (r < 0)
		return r;
	hs_soak_interference_start(s);
	/* Before the module: what its loading does to the log is ours to see. */
	watchers_start(s);
	r = hs_soak_witness_start(s);
	if (r < 0)
		return r;
	if (hs_antagonist_that_acts(s->scenario))
		s->antagonist.kind = hs_antagonist_that_acts(s->scenario)->kind;
	s->antagonist.signals = hs_scenario_has(s->scenario, HS_ANTAGONIST_SIGNALS);
	s->antagonist.sysroot = s->c.sysroot;
	s->antagonist.block_pages = hs_soak_block_pages(s);
	s->antagonist.hog_most_ms = (s->scenario->limit_ns + s->scenario->grace_ns) / 1000000 +
		HOG_SPARE_MS;
	s->antagonist.journal = s->c.journal;
	s->antagonist.spares = !s->scenario->thp_poison;
	hs_antagonist_signals_init(&s->antagonist, hs_random_derive(s->c.info->seed, SEED_SIGNALS));
	r = hs_soak_operator_start(s);
	if (r < 0) {
		snprintf(t->broken, sizeof(t->broken), "the operator could not be started: %s",
			 strerror(-r));
		return r;
	}
	if (s->c.signals) {
		r = signals_watch(s);
		if (r < 0)
			goto err_loop;
	}
	r = hs_soak_freers_start(s);
	if (r < 0)
		goto err_loop;
	if (hs_freers_check_contents(s->scenario) && !s->c.no_freers)
		t->inv[HS_INV_CONTENTS].armed =
			s->scenario->invariants & UINT64_C(1) << HS_INV_CONTENTS;
	r = hs_soak_knobs_set(s);
	if (r >= 0)
		r = hs_soak_tuners_start(s);
	if (r >= 0)
		r = hs_soak_bystanders_start(s);
	if (r >= 0)
		r = hs_soak_sysfs_start(s);
	if (r < 0)
		goto err_loop;
	hs_soak_balloon_start(s);
	hs_soak_pressure_watch(s);
	s->tick_ns = tick_length(s->scenario);
	r = sd_event_add_time_relative(s->event, &s->tick, CLOCK_MONOTONIC, 0, 1000, tick, s);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->tick, SD_EVENT_ON);
	if (r < 0)
		goto err_loop;

	s->start_ns = s->last.ns = hs_soak_now(s);
	s->next_second_ns = s->start_ns + HS_SECOND_NS;
	s->phase = HS_PHASE_RUNNING;
	hs_soak_cpu_start(s);
	return 0;

err_loop:
	if (!t->broken[0] && !t->skip[0])
		snprintf(t->broken, sizeof(t->broken), "setting up the event loop: %s",
			 strerror(-r));
	return r;
}

static void actors_stop(struct hs_soak *s)
{
	hs_soak_bystanders_stop(s);
	hs_soak_sysfs_stop(s);
	hs_soak_tuners_stop(s);
	hs_soak_freers_stop(s);
}

int hs_soak_start(struct hs_soak *s)
{
	int r = soak_start(s);

	if (r >= 0)
		return r;
	/* No block was touched; the module perhaps loaded, a knob set. */
	actors_stop(s);
	hs_witness_close(&s->witness);
	s->has_witness = false;
	if (hs_soak_knobs_restore(s))
		hs_soak_journal_clear(s);
	else
		hs_soak_broken(s, KNOBS_LEFT);
	return r;
}

/* ---- End ---------------------------------------------------------------------- */

void hs_soak_stop(struct hs_soak *s, bool now)
{
	if (!s->stopping)
		s->stop_ns = hs_soak_now(s);
	s->stopping = true;
	s->hasty |= now;
	if (s->hasty && s->phase != HS_PHASE_NEW)
		hs_soak_flight_look(s, hs_soak_now(s));
}

void hs_soak_finish(struct hs_soak *s)
{
	bool ours_left, done;

	if (s->phase == HS_PHASE_ENDED)
		return;
	s->phase = HS_PHASE_ENDED;
	s->antagonist.keeps = false;
	hs_soak_cpu_end(s);
	s->antagonist.over = true;
	/* One that is not yet done still needs its knobs. */
	done = s->flight.active ? hs_antagonist_release(&s->antagonist) :
				  hs_antagonist_settle(&s->antagonist);
	actors_stop(s);
	hs_soak_balloon_look(s);
	s->pressure = sd_event_source_disable_unref(s->pressure);
	s->tick = sd_event_source_disable_unref(s->tick);
	s->answers = sd_event_source_disable_unref(s->answers);
	s->operator_child = sd_event_source_disable_unref(s->operator_child);
	s->tally.restored = hs_soak_is_restored(s, &ours_left);
	done = done && hs_soak_knobs_restore(s);
	if (s->antagonist.poisoner || s->antagonist.unhealed)
		hs_soak_broken(s, POISON_LEFT);
	else if (!done)
		hs_soak_broken(s, KNOBS_LEFT);
	/* Counters first, for disarming ends them; the log last, for it may hold
	 * what disarming did. */
	if (s->has_witness && s->witness.armed) {
		if (!s->hasty && !s->flight.active)
			hs_soak_others_wait(s);
		hs_soak_events_read(s);
		if (hs_witness_stats(&s->witness, &s->tally) < 0)
			hs_soak_broken(s, "the witness no longer gives its counters");
		hs_witness_disarm(&s->witness);
		hs_soak_events_read(s);
	}
	/* Who unloads the module waits for an open window, and this one may never close: that is
	 * left to `hotsoak restore`. */
	s->witness.loaded &= !s->flight.active;
	hs_witness_close(&s->witness);
	s->has_witness = false;
	hs_soak_kmsg_look(s);
	/* What is still in the kernel may move a block yet. */
	if (!ours_left && done && !s->flight.active)
		hs_soak_journal_clear(s);
	s->tally.ended = true;
	if (s->c.callbacks.ended)
		s->c.callbacks.ended(s->c.ctx);
}

int hs_soak_new(struct hs_soak **out, sd_event *event, const struct hs_soak_config *c)
{
	struct hs_soak *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->c = *c;
	s->scenario = &c->info->scenario;
	s->event = sd_event_ref(event);
	s->witness.fd = -1;
	s->operator.fd = -1;
	s->kmsg.fd = s->kmsg.taint_fd = -1;
	hs_headroom_init(&s->headroom, c->sysroot, c->block_bytes);
	r = hs_conductor_init(&s->conductor, s->scenario->policy, c->info->seed, c->target->blk,
			      c->target->nr);
	if (r < 0) {
		hs_soak_free(s);
		return r;
	}
	s->conductor.alternates = s->scenario->alternate_zones;
	*out = s;
	return 0;
}

void hs_soak_free(struct hs_soak *s)
{
	if (!s)
		return;
	/* A soft offline that is in the kernel even now keeps its thread and its page; a child
	 * with a poisoned one heals it when it can. */
	hs_antagonist_release(&s->antagonist);
	actors_stop(s);
	for (size_t i = 0; i < sizeof(s->signals) / sizeof(s->signals[0]); i++)
		sd_event_source_disable_unref(s->signals[i]);
	sd_event_source_disable_unref(s->pressure);
	sd_event_source_disable_unref(s->tick);
	sd_event_source_disable_unref(s->answers);
	sd_event_source_disable_unref(s->operator_child);
	hs_operator_deinit(&s->operator);
	hs_witness_close(&s->witness);
	hs_kmsg_deinit(&s->kmsg);
	hs_uevents_free(s->uevents);
	hs_memblk_list_deinit(&s->known);
	hs_conductor_deinit(&s->conductor);
	free(s->nodes);
	sd_event_unref(s->event);
	free(s);
}
