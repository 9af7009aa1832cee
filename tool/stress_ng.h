/* SPDX-License-Identifier: GPL-2.0-only */
/* stress-ng as somebody else's program: its options, what it says, its metrics, its end. */
#ifndef HS_STRESS_NG_H
#define HS_STRESS_NG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

#define HS_STRESS_NG			"stress-ng"
#define HS_STRESS_NG_OPTIONS_BYTES	256	/* more than a line of a scenario holds */
#define HS_STRESS_NG_MAX_STRESSORS	48

/* How one life of it ended: by its exit status, as its man page has them. */
enum hs_stress_ng_end {
	HS_STRESS_NG_OK,
	HS_STRESS_NG_CORE,		/* 1: wrong options, or it had not what it needs itself */
	HS_STRESS_NG_FAILED,		/* 2: a stressor failed, or found what it should not */
	HS_STRESS_NG_RESOURCES,		/* 3 */
	HS_STRESS_NG_UNIMPLEMENTED,	/* 4 */
	HS_STRESS_NG_SIGNALLED,		/* 5: a stressor was killed */
	HS_STRESS_NG_EXITED,		/* 6: a stressor left by itself */
	HS_STRESS_NG_UNTRUSTWORTHY,	/* 7: its metrics are */
	HS_STRESS_NG_OTHER,		/* itself killed by a signal, or a status not known */
	HS_NR_STRESS_NG_ENDS
};

extern const char *const hs_stress_ng_ends[HS_NR_STRESS_NG_ENDS];	/* in the record */

/* Of an exit status, or 128 and a signal. */
enum hs_stress_ng_end hs_stress_ng_end_of(int status);
const char *hs_stress_ng_end_words(enum hs_stress_ng_end end);

struct hs_stress_ng_metrics {
	char version[16];
	uint64_t nr;
	struct hs_stress_ng_stressor {
		char name[32];
		uint64_t bogo_ops;
		uint64_t wall_ns;	/* mean of its instances */
	} stressor[HS_STRESS_NG_MAX_STRESSORS];
};

/* What is picked out of its output, each the first of its kind, "": there was none. */
struct hs_stress_ng_words {
	bool dispatched;	/* it has checked its options, and starts its stressors */
	char said[160];		/* what went wrong */
	char failed[160];	/* a stressor failed */
	char changed[160];	/* memory was not as it had been written */
};

/* What its keeper, see hs_stress_ng_keep(), tells: two messages at most in each life. */
struct hs_stress_ng_report {
	enum { HS_STRESS_NG_READY, HS_STRESS_NG_END } type;
	/* Of an end: */
	int32_t err;		/* it could not be started: an errno, and nothing else is told */
	int32_t status;		/* 128 and a signal when it was killed by one */
	bool killed;		/* it did not end when it was told to */
	bool left;		/* a process of it is in the kernel yet */
	bool has_metrics;
	struct hs_stress_ng_words words;
	struct hs_stress_ng_metrics metrics;
};

/* All of its lives in a run. */
struct hs_stress_ng_tally {
	uint64_t starts;	/* lives that had stressors */
	uint64_t early;		/* that ended before the run did */
	uint64_t killed;	/* that did not end when they were told to */
	uint64_t unread;	/* that left no metrics */
	uint64_t gave_up;	/* 1: it ended too often, and was not there to the end */
	uint64_t exit;		/* status of the last */
	uint64_t ends[HS_NR_STRESS_NG_ENDS];
	char failed[160], changed[160];	/* "" or the first of that kind */
	struct hs_stress_ng_metrics sum;
};

/* Is there such a program, below @root (NULL or "": in PATH)? 0 or -ENOENT. */
int hs_stress_ng_ask(const char *root);
const char *hs_stress_ng_ask_words(int answer);

/*
 * Options of it, separated by blanks, that name stressors: long ones, in full, and none that
 * would take the run out of our hands. -EINVAL, with what is expected instead in @words.
 */
int hs_stress_ng_options_check(const char *options, char *words, size_t words_bytes);

/* One line of its output, without its end. */
void hs_stress_ng_line(struct hs_stress_ng_words *w, const char *line);

/* The file of --yaml. -EBADMSG: not whole, or not as 0.15 to 0.19 write it; -E2BIG. */
int hs_stress_ng_metrics_read(FILE *f, struct hs_stress_ng_metrics *m);

/* One more life. */
void hs_stress_ng_add(struct hs_stress_ng_tally *t, const struct hs_stress_ng_report *r);

/* @rates adds those that follow from the rest. The caller owns it. */
struct json_object *hs_stress_ng_to_json(const struct hs_stress_ng_tally *t, bool rates);
int hs_stress_ng_from_json(struct hs_stress_ng_tally *t, struct json_object *o);	/* -EBADMSG */

/*
 * Keeps one stress-ng with those options, for as long as the other end of @fd, a socket of
 * whole messages, can be read from: whoever has it may stop it or die. Its CPUs are those of
 * @nodes ("0,1", or "any"), its memory is theirs by preference, its files are in a directory
 * in @directory that is gone afterwards, as is every process that it leaves. 0 or an errno.
 */
int hs_stress_ng_keep(int fd, const char *nodes, const char *directory, const char *options);

#endif
