// SPDX-License-Identifier: GPL-2.0-only
/* The antagonists that are tuners: their children, what these report, their end. */
#include "soak_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "random.h"
#include "tuner.h"

/* See hs_random_derive(): those of the others are far below. */
#define SEED_TUNERS 100

/* A write may wait for an offline, but none is under way by then. */
#define GONE_MS 10000

static int tuner_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_soak_tuner *child = userdata;
	struct hs_tuner_tally *t = &child->soak->tally.tuner[child->desc->kind];
	struct hs_tuner_report r;
	char text[96];

	while (recv(fd, &r, sizeof(r), MSG_DONTWAIT) == sizeof(r)) {
		t->writes += !r.err;
		t->failed += !!r.err;
		if (r.took_ns > t->longest_ns)
			t->longest_ns = r.took_ns;
	}
	if (!(revents & EPOLLHUP))
		return 0;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	snprintf(text, sizeof(text), "the antagonist %s is gone before its time",
		 child->desc->name);
	hs_soak_broken(child->soak, text);
	return 0;
}

static int tuner_start(struct hs_soak *s, const struct hs_antagonist_desc *a)
{
	struct hs_soak_tuner *child = &s->tuner[s->nr_tuners];
	char seed[24], root[PATH_MAX], name[32];
	char fd[] = { '0' + HS_CHILD_FD, '\0' };
	char *argv[] = { "hotsoak", "tune", fd, name, root, seed, NULL };
	int fds[2], r;

	snprintf(name, sizeof(name), "%s", a->name);
	snprintf(root, sizeof(root), "%s", s->c.sysroot && *s->c.sysroot ? s->c.sysroot : "/");
	snprintf(seed, sizeof(seed), "%" PRIu64,
		 hs_random_derive(s->c.info->seed, SEED_TUNERS + a->kind));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	*child = (struct hs_soak_tuner){ .soak = s, .desc = a, .fd = fds[0] };
	s->nr_tuners++;
	r = hs_child_spawn_self(argv, fds[1], 0, &child->pid);
	close(fds[1]);
	if (!r)
		r = sd_event_add_io(s->event, &child->io, child->fd, EPOLLIN, tuner_io, child);
	return r < 0 ? r : 0;
}

int hs_soak_tuners_start(struct hs_soak *s)
{
	const struct hs_antagonist_desc *a;
	int r = 0;

	hs_for_each_antagonist(a, s->scenario) {
		if (!a->tuner || r < 0)
			continue;
		r = tuner_start(s, a);
		if (r < 0)
			snprintf(s->tally.broken, sizeof(s->tally.broken),
				 "the antagonist %s could not be started: %s", a->name,
				 strerror(-r));
	}
	return r;
}

void hs_soak_tuners_stop(struct hs_soak *s)
{
	while (s->nr_tuners) {
		struct hs_soak_tuner *child = &s->tuner[--s->nr_tuners];

		if (child->io)
			tuner_io(child->io, child->fd, 0, child);
		sd_event_source_disable_unref(child->io);
		close(child->fd);
		if (child->pid && hs_child_kill(child->pid, GONE_MS) == -EBUSY)
			hs_soak_broken(s, "a tuner is in the kernel yet: what it sets may change after the run");
	}
}

int hs_soak_tuners_knobs(struct hs_soak *s)
{
	char path[HS_KNOB_PATH_BYTES], value[HS_KNOB_VALUE_BYTES];
	const struct hs_antagonist_desc *a;
	int r = 0;

	hs_for_each_antagonist(a, s->scenario) {
		if (!a->tuner || a->tuner->momentary)
			continue;
		for (unsigned int i = 0; !r; i++) {
			int last = hs_tuner_path(a->tuner, s->c.sysroot, i, path, sizeof(path));

			if (last == -ENOENT)
				break;
			r = last < 0 ? last : hs_tuner_value(a->tuner, s->c.sysroot, path, 0,
							     value, sizeof(value));
			if (!r)
				r = hs_journal_add_knob(s->c.journal, path, value, true);
		}
	}
	return r;
}
