// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak scenarios: what there is to run, and whether it can run here. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <libsmartcols.h>

#include "antagonist.h"
#include "command.h"
#include "expectation.h"
#include "freer.h"
#include "machine.h"

struct listing {
	struct libscols_table *table;
	struct hs_machine machine;
	bool json, no_headings;
	unsigned int bad;		/* files that could not be read */
};

static const struct hs_option options[] = {
	{ "json", 'J', NULL, "as JSON" },
	{ "noheadings", 'n', NULL, "no headings" },
	{ NULL, 0, NULL, NULL },
};

static const char *const columns[] = {
	"NAME", "DANGER", "NEEDS", "HERE", "EXPECTED", "DESCRIPTION",
};

#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct listing *l = ctx;

	if (o->letter == 'J')
		l->json = true;
	else
		l->no_headings = true;
	return 0;
}

/* In a list of ", ONE" after ", ONE"; a part of another is not it. */
static bool needs_has(const char *all, const char *one)
{
	size_t len = strlen(one);

	for (const char *p = all; (p = strstr(p, one)); p++)
		if (p > all + 1 && p[-2] == ',' && (!p[len] || p[len] == ','))
			return true;
	return false;
}

/* Each once; NULL is none. */
static void needs_add(char *all, size_t bytes, const char *one)
{
	size_t len = strlen(all);

	if (one && !needs_has(all, one))
		snprintf(all + len, bytes - len, ", %s", one);
}

static int add_scenario(const char *name, const char *path, void *ctx)
{
	char err[PATH_MAX + 512], needs[384], more[256] = "", lacks[256], here[300];
	const char *data[NR_COLUMNS];
	struct listing *l = ctx;
	struct libscols_line *line;
	struct hs_scenario s;
	const struct hs_antagonist_desc *a;
	enum hs_verdict expected;

	if (hs_scenario_load(&s, path, err, sizeof(err)) < 0) {
		/* One bad file must not hide the others. */
		hs_command_error(&hs_cmd_scenarios, "%s", err);
		l->bad++;
		return 0;
	}
	if (s.needs_whole_nodes)
		needs_add(more, sizeof(more), "whole nodes");
	if (s.needs_kernel_bytes)
		needs_add(more, sizeof(more), "kernel memory");
	hs_for_each_antagonist(a, &s)
		needs_add(more, sizeof(more), a->needs);
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++)
		if ((*f)->is_wanted(&s))
			needs_add(more, sizeof(more), (*f)->needs);
	snprintf(needs, sizeof(needs), "%s%u cpus, %u blocks%s%s%s",
		 s.needs_module ? "module, " : "", s.needs_cpus, s.needs_blocks,
		 s.needs_lockdep ? ", lockdep" : "", s.needs_virtio_mem ? ", virtio-mem" : "", more);
	if (hs_machine_lacks(&l->machine, &s, lacks, sizeof(lacks)))
		snprintf(here, sizeof(here), "no: %s", lacks);
	else
		snprintf(here, sizeof(here), "yes");
	data[0] = name;		/* what run takes, whatever the file calls itself */
	data[1] = hs_danger_names[s.danger];
	data[2] = needs;
	data[3] = here;
	data[4] = hs_expectation_get(s.expected, l->machine.release, &expected) < 0 ?
		"" : hs_verdict_names[expected];
	data[5] = s.description;
	line = scols_table_new_line(l->table, NULL);
	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < NR_COLUMNS; i++)
		if (scols_line_set_data(line, i, data[i]))
			return -ENOMEM;
	return 0;
}

static int fill(struct listing *l)
{
	if (!l->table)
		return -ENOMEM;
	scols_table_set_name(l->table, "scenarios");
	scols_table_enable_json(l->table, l->json);
	scols_table_enable_noheadings(l->table, l->no_headings);
	for (size_t i = 0; i < NR_COLUMNS; i++)
		if (!scols_table_new_column(l->table, columns[i], 0, 0))
			return -ENOMEM;
	return hs_scenario_each(add_scenario, l);
}

static int scenarios_main(int argc, char **argv)
{
	struct listing l = { 0 };
	int first = hs_command_parse(&hs_cmd_scenarios, argc, argv, set, &l), r;

	if (first < 0)
		return HS_EXIT_BROKEN;
	if (first < argc) {
		hs_command_error(&hs_cmd_scenarios, "unexpected argument \"%s\"", argv[first]);
		return HS_EXIT_BROKEN;
	}
	r = hs_machine_init(&l.machine, NULL);
	if (!r) {
		l.table = scols_new_table();
		r = fill(&l);
		if (!r)
			r = scols_print_table(l.table);
		scols_unref_table(l.table);
		hs_machine_deinit(&l.machine);
	}
	if (r < 0)
		hs_command_error(&hs_cmd_scenarios, "the scenarios cannot be listed: %s",
				 strerror(-r));
	return r < 0 || l.bad ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

const struct hs_command hs_cmd_scenarios = {
	.name = "scenarios",
	.args = "",
	.summary = "Shows what there is to run, and whether it can run here",
	.options = options,
	.main = scenarios_main,
};
