// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak judge: the verdict on a record, for runs that could not give their own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "nearest.h"
#include "record.h"

struct judge {
	enum hs_ending ending;
	const char *words;
};

static const struct hs_option options[] = {
	{ "ended", 0, "HOW[:WORDS]",
	  "seen from outside: verdict, panic, splat, hang, silence, timeout or died" },
	{ NULL, 0, NULL, NULL },
};

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct judge *g = ctx;
	size_t len = strcspn(arg, ":");

	for (int i = 0; i < HS_NR_ENDINGS; i++) {
		if (strlen(hs_ending_names[i]) != len || strncmp(hs_ending_names[i], arg, len))
			continue;
		g->ending = (enum hs_ending)i;
		g->words = arg[len] ? arg + len + 1 : NULL;
		return 0;
	}
	hs_command_error(&hs_cmd_judge, "--ended %s: expected verdict, panic, splat, hang, silence, timeout or died, and words after a ':'",
			 arg);
	return -EINVAL;
}

/* What cannot be read goes into the tally, so that the judge hears of it and a
 * violation or a panic still comes first. */
static void load(const char *dir, struct hs_run_info *info, struct hs_tally *t)
{
	static const struct { int error; const char *words; } known[] = {
		{ -ENOENT, "there is no record: run.jsonl was never written" },
		{ -ENODATA, "run.jsonl is empty: the run did not come to its first line" },
		{ -EBADMSG, "run.jsonl is damaged: a line is not what hotsoak writes" },
		{ -EPROTO, "run.jsonl was written by another version of hotsoak" },
	};
	int r = hs_record_load(dir, info, t);

	if (!r)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].error == r)
			snprintf(t->broken, sizeof(t->broken), "%s", known[i].words);
	if (!*t->broken)
		snprintf(t->broken, sizeof(t->broken), "run.jsonl cannot be read: %s",
			 strerror(-r));
}

static int judge(const struct judge *g, const char *dir)
{
	struct hs_judgement j;
	struct hs_run_info info;
	struct hs_tally t;
	char line[512];
	int r;

	load(dir, &info, &t);
	hs_verdict_judge_ending(&j, &info.scenario, &t, g->ending, g->words);
	r = hs_summary_write(dir, &info, &t, &j);
	if (r < 0) {
		hs_command_error(&hs_cmd_judge, "%s/summary.json cannot be written: %s", dir,
				 strerror(-r));
		/* Whoever reads the summary would find another, or none. */
		snprintf(t.broken, sizeof(t.broken), "summary.json cannot be written: %s",
			 strerror(-r));
		hs_verdict_judge_ending(&j, &info.scenario, &t, g->ending, g->words);
	}
	for (unsigned int i = 1; i < j.nr_reasons; i++)
		printf("also: %s\n", j.reasons[i]);
	hs_verdict_line(&j, &info.scenario, &t, info.seed, line, sizeof(line));
	printf("%s\n", line);
	return hs_verdict_status[j.verdict];
}

static int judge_main(int argc, char **argv)
{
	struct judge g = { .ending = HS_ENDING_RECORD };
	int first = hs_command_parse(&hs_cmd_judge, argc, argv, set, &g);
	struct stat st;

	if (first < 0)
		return HS_EXIT_BROKEN;
	if (argc - first != 1) {
		hs_command_error(&hs_cmd_judge, "expected one directory with a run.jsonl, got %d arguments",
				 argc - first);
		return HS_EXIT_BROKEN;
	}
	if (stat(argv[first], &st) < 0 || !S_ISDIR(st.st_mode)) {
		hs_command_error(&hs_cmd_judge, "%s: no such directory", argv[first]);
		return HS_EXIT_BROKEN;
	}
	return judge(&g, argv[first]);
}

const struct hs_command hs_cmd_judge = {
	.name = "judge",
	.args = "DIR",
	.summary = "Reads a run's record back, judges it and writes its summary.json",
	.options = options,
	.main = judge_main,
};
