// SPDX-License-Identifier: GPL-2.0-only
/*
 * The antagonist sysfs-readers: whether what is read of memory blocks meanwhile is true, and
 * whether each transition has its uevent (see eventbook.h).
 *
 * While a block goes offline its `state' reads going-offline, from before the first to
 * after the last that the witness sees of it (memory_block_change_state() of Linux 5.10 to
 * 7.2 sets it around offline_pages()). So a read that lies within the window, and says
 * something else, is wrong; one that overlaps either end is not judged.
 */
#include "soak_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blockevent.h"
#include "eventbook.h"
#include "reader.h"

struct hs_sysfs {
	struct hs_eventbook book;
	int fd;			/* what hears the uevents */
	bool failed;		/* no memory for the books */
	struct hs_reader *reader;
	unsigned int nr;
	uint64_t going;		/* reads that said so, before the flight */
};

/* ---- Uevents ---------------------------------------------------------------- */

static void event_seen(const struct hs_blockevent *e, void *ctx)
{
	struct hs_soak *s = ctx;
	struct hs_memblk now = { .index = e->block, .state = HS_MEMBLK_UNKNOWN };

	if (hs_memblk_refresh(&s->known, &now) < 0)
		now.state = HS_MEMBLK_UNKNOWN;
	if (hs_eventbook_heard(&s->sysfs->book, e, now.state) < 0 && !s->sysfs->failed) {
		s->sysfs->failed = true;
		hs_soak_broken(s, "no memory for the books of uevents");
	}
}

static void first_note(struct hs_soak *s, uint64_t *told, uint64_t now, const char *what)
{
	char text[96];

	if (now && !*told) {
		snprintf(text, sizeof(text), "memory%lu: %s", s->sysfs->book.at, what);
		hs_soak_note(s, "uevent", text);
	}
	*told = now;
}

static void book_tell(struct hs_soak *s)
{
	const struct hs_eventbook *b = &s->sysfs->book;
	struct hs_tally *t = &s->tally;

	t->uevents_heard = b->heard;
	first_note(s, &t->uevents_missing, b->missing, "a transition has no uevent");
	first_note(s, &t->uevents_doubled, b->doubled, "a second uevent of one transition");
	first_note(s, &t->uevents_unasked, b->unasked, "a uevent, and no transition");
}

void hs_soak_sysfs_listen(struct hs_soak *s)
{
	struct hs_sysfs *sy = s->sysfs;

	if (!sy || sy->fd < 0)
		return;
	if (hs_blockevent_drain(sy->fd, event_seen, s) < 0 && !sy->book.lost) {
		sy->book.lost = true;
		s->tally.uevents_lost = 1;
		hs_soak_note(s, "uevent", "some were lost: of those after that nothing is claimed");
	}
	book_tell(s);
}

/* ---- Readers ---------------------------------------------------------------- */

static void readers_tell(struct hs_soak *s)
{
	struct hs_sysfs *sy = s->sysfs;
	uint64_t reads = 0, going = 0, unsound = 0;
	const char *text = NULL;

	for (unsigned int i = 0; i < sy->nr; i++) {
		const struct hs_reader_shared *sh = sy->reader[i].shared;

		reads += atomic_load(&sh->reads);
		going += atomic_load(&sh->going);
		if (atomic_load(&sh->unsound))
			text = sh->text;
		unsound += atomic_load(&sh->unsound);
	}
	if (text && !s->tally.sysfs_unsound)
		hs_soak_note(s, "sysfs-readers", text);
	s->tally.sysfs_reads = reads;
	s->tally.sysfs_going = going;
	s->tally.sysfs_unsound = unsound;
}

static void window_look(struct hs_soak *s, const struct hs_operator_answer *a)
{
	unsigned long block = s->conductor.blk[s->flight.step.at].index;
	const struct hotsoak_event *w;
	uint64_t wrong = 0;
	char text[96];

	/* It was closed before the write returned. */
	hs_soak_events_read(s);
	w = hs_soak_window_of(s, a);
	if (!w || !w->win.end_ns)
		return;
	for (unsigned int i = 0; i < s->sysfs->nr; i++)
		wrong += hs_reader_wrong(&s->sysfs->reader[i], block, w->win.open_ns,
					 w->win.end_ns);
	if (wrong && !s->tally.sysfs_wrong) {
		snprintf(text, sizeof(text), "memory%lu/state did not say going-offline while it was",
			 block);
		hs_soak_note(s, "sysfs-readers", text);
	}
	s->tally.sysfs_wrong += wrong;
}

/* Each for itself: what the others read is still good. */
static void readers_look(struct hs_soak *s)
{
	for (unsigned int i = 0; i < s->sysfs->nr; i++) {
		pid_t *pid = &s->sysfs->reader[i].pid;

		if (!*pid || waitpid(*pid, NULL, WNOHANG) != *pid)
			continue;
		*pid = 0;
		hs_soak_broken(s, "a reader of sysfs-readers ended by itself");
	}
}

/* ---- An operation ----------------------------------------------------------- */

void hs_soak_sysfs_begin(struct hs_soak *s, const struct hs_step *step)
{
	struct hs_sysfs *sy = s->sysfs;
	unsigned long block = s->conductor.blk[step->at].index;

	if (!sy)
		return;
	hs_soak_sysfs_listen(s);
	hs_eventbook_begin(&sy->book, block);
	for (unsigned int i = 0; i < sy->nr; i++)
		hs_reader_aim(&sy->reader[i], block);
	readers_look(s);
	readers_tell(s);
	sy->going = s->tally.sysfs_going;
}

void hs_soak_sysfs_answer(struct hs_soak *s, const struct hs_operator_answer *a)
{
	const struct hs_step *step = &s->flight.step;

	if (!s->sysfs)
		return;
	hs_soak_sysfs_listen(s);
	if (!a->err)
		hs_eventbook_done(&s->sysfs->book, s->conductor.blk[step->at].index,
				  step->op == HS_OP_OFFLINE ? HS_BLOCKEVENT_OFFLINE :
							      HS_BLOCKEVENT_ONLINE);
	book_tell(s);
	if (step->op != HS_OP_OFFLINE)
		return;
	readers_tell(s);
	s->tally.sysfs_met += s->tally.sysfs_going > s->sysfs->going;
	window_look(s, a);
}

/* ---- Life ------------------------------------------------------------------- */

int hs_soak_sysfs_start(struct hs_soak *s)
{
	unsigned int nr = s->scenario->sysfs_workers;
	struct hs_sysfs *sy;
	int r = 0;

	/* The uevents are those of the running kernel. */
	if (!hs_scenario_has(s->scenario, HS_ANTAGONIST_SYSFS_READERS) || (s->c.sysroot && *s->c.sysroot))
		return 0;
	sy = s->sysfs = calloc(1, sizeof(*sy));
	if (sy)
		sy->reader = calloc(nr, sizeof(*sy->reader));
	if (!sy || !sy->reader) {
		free(sy);
		s->sysfs = NULL;
		return -ENOMEM;
	}
	sy->fd = r = hs_blockevent_open();
	for (; r >= 0 && sy->nr < nr; sy->nr += r >= 0)
		r = hs_reader_start(&sy->reader[sy->nr], s->c.sysroot);
	if (r < 0)
		snprintf(s->tally.broken, sizeof(s->tally.broken),
			 "the antagonist sysfs-readers could not be started: %s", strerror(-r));
	return r < 0 ? r : 0;
}

void hs_soak_sysfs_stop(struct hs_soak *s)
{
	struct hs_sysfs *sy = s->sysfs;

	if (!sy)
		return;
	hs_soak_sysfs_listen(s);
	readers_tell(s);
	for (unsigned int i = 0; i < sy->nr; i++)
		hs_reader_stop(&sy->reader[i]);
	if (sy->fd >= 0)
		close(sy->fd);
	free(sy->reader);
	hs_eventbook_deinit(&sy->book);
	free(sy);
	s->sysfs = NULL;
}
