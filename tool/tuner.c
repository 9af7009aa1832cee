// SPDX-License-Identifier: GPL-2.0-only
/* Who sets something of the kernel's again and again. */
#include "tuner.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "knob.h"
#include "parse.h"
#include "random.h"
#include "sysfile.h"

#define NAP_MAX_MS	40	/* between two writes: several fall into each offline */
#define VALUES_MAX	8

static bool is_there(const char *root, const char *file)
{
	char path[PATH_MAX];

	return !hs_sysfile_path(path, sizeof(path), root, "%s", file) && !access(path, W_OK);
}

/* ---- What is set -------------------------------------------------------------------- */

static void cpu_path(const struct hs_tuner *t, unsigned int cpu, char *path, size_t path_bytes)
{
	snprintf(path, path_bytes, "%s%u%s", t->path, cpu, t->rest);
}

/* Up to the first that has no such file; CPU 0 often has none. */
static unsigned int cpus_count(const struct hs_tuner *t, const char *root)
{
	char path[HS_KNOB_PATH_BYTES];
	unsigned int nr = 1;

	for (;; nr++) {
		cpu_path(t, nr, path, sizeof(path));
		if (!is_there(root, path))
			return nr;
	}
}

int hs_tuner_path(const struct hs_tuner *t, const char *root, unsigned int i, char *path,
		  size_t path_bytes)
{
	const char *file = t->path;
	unsigned int nr, most;

	if (t->rest) {
		nr = cpus_count(t, root);
		most = nr / 2 < HS_TUNER_CPUS ? nr / 2 : HS_TUNER_CPUS;
		if (i >= most)
			return -ENOENT;
		cpu_path(t, nr - 1 - i, path, path_bytes);
		return 0;
	}
	if (!is_there(root, file) && t->old_path)
		file = t->old_path;
	if (i || !is_there(root, file))
		return -ENOENT;
	snprintf(path, path_bytes, "%s", file);
	return 0;
}

int hs_tuner_value(const struct hs_tuner *t, const char *root, const char *path, unsigned int i,
		   char *text, size_t text_bytes)
{
	char found[HS_KNOB_VALUE_BYTES];
	uint64_t times, number;
	int r;

	for (unsigned int v = 0; v <= i; v++)
		if (!t->values[v])
			return -ENOENT;
	if (t->values[i][0] != '*') {
		snprintf(text, text_bytes, "%s", t->values[i]);
		return 0;
	}
	r = hs_sysfile_read_below(root, path, found, sizeof(found));
	if (!r)
		r = hs_parse_u64(found, 0, UINT64_MAX, &number);
	if (!r)
		r = hs_parse_u64(t->values[i] + 1, 1, UINT64_MAX, &times);
	if (!r)
		snprintf(text, text_bytes, "%" PRIu64, number * times);
	return r;
}

int hs_tuner_ask(const struct hs_tuner *t, const char *root)
{
	char path[HS_KNOB_PATH_BYTES];

	return hs_tuner_path(t, root, 0, path, sizeof(path));
}

const char *hs_tuner_words(int answer)
{
	switch (answer) {
	case 0:
		return "it can be set";
	case -ENOENT:
		return "this kernel has nothing of the kind, or not for us to set";
	default:
		return strerror(-answer);
	}
}

/* ---- The child ------------------------------------------------------------------------- */

struct tuned {
	char path[PATH_MAX];
	char value[VALUES_MAX][HS_KNOB_VALUE_BYTES];
	unsigned int nr_values, at;
};

static int tuned_init(struct tuned *f, const struct hs_tuner *t, const char *root,
		      const char *path)
{
	int r = hs_sysfile_path(f->path, sizeof(f->path), root, "%s", path);

	f->nr_values = f->at = 0;
	while (!r && f->nr_values < VALUES_MAX) {
		r = hs_tuner_value(t, root, path, f->nr_values, f->value[f->nr_values],
				   sizeof(f->value[0]));
		f->nr_values += !r;
	}
	return r == -ENOENT && f->nr_values ? 0 : r;
}

/* Another value than the last, if there is one. */
static struct hs_tuner_report tuned_write(struct tuned *f, struct hs_random *random)
{
	struct hs_tuner_report report = { 0 };
	uint64_t since_ns;

	f->at += 1 + (f->nr_values > 2 ?
		      (unsigned int)hs_random_below(random, f->nr_values - 1) : 0);
	f->at %= f->nr_values;
	since_ns = hs_clock_ns();
	report.err = hs_sysfile_write(f->path, f->value[f->at]);
	report.took_ns = hs_clock_ns() - since_ns;
	return report;
}

int hs_tuner_work(int fd, const struct hs_tuner *t, const char *root, uint64_t seed)
{
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	static struct tuned file[HS_TUNER_CPUS];
	char path[HS_KNOB_PATH_BYTES];
	struct hs_random random;
	unsigned int nr = 0;
	int r = 0;

	/* The supervisor says when to stop, not the terminal. */
	for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++)
		signal(deaf_to[i], SIG_IGN);
	hs_random_init(&random, seed);
	for (; nr < HS_TUNER_CPUS && !hs_tuner_path(t, root, nr, path, sizeof(path)); nr++) {
		r = tuned_init(&file[nr], t, root, path);
		if (r < 0)
			return r;
	}
	if (!nr)
		return -ENOENT;
	for (;;) {
		struct pollfd gone = { .fd = fd };
		struct hs_tuner_report report;

		if (poll(&gone, 1, (int)hs_random_below(&random, NAP_MAX_MS) + 1) > 0)
			return 0;
		report = tuned_write(&file[hs_random_below(&random, nr)], &random);
		if (send(fd, &report, sizeof(report), MSG_NOSIGNAL) != sizeof(report))
			return 0;
	}
}
