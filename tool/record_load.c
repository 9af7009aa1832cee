// SPDX-License-Identifier: GPL-2.0-only
/* run.jsonl, the reading side: what a judge needs, from whatever is left. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <json-c/json.h>

#include "cleanup.h"
#include "jsonval.h"
#include "record.h"

struct load {
	struct hs_run_info *info;
	struct hs_tally *t;
	uint64_t seen[HS_NR_INVARIANTS];	/* violation lines */
	bool any;				/* the first line was read */
	bool torn;				/* a line was no JSON */
};

static int load_run(struct load *l, struct json_object *o)
{
	struct json_object *scenario;
	uint64_t v;

	if (hs_json_get_u64(o, "schema", &v) < 0)
		return -EBADMSG;
	if (v != HS_RECORD_SCHEMA)
		return -EPROTO;
	if (hs_json_get_u64(o, "seed", &l->info->seed) < 0 ||
	    hs_json_get_text(o, "kernel", l->info->kernel, sizeof(l->info->kernel)) < 0 ||
	    hs_json_get_u64(o, "cpus", &v) < 0 || v > UINT_MAX ||
	    hs_json_get_object(o, "scenario", &scenario) < 0)
		return -EBADMSG;
	l->info->cpus = (unsigned int)v;
	return hs_scenario_from_json(&l->info->scenario, scenario);
}

static int load_violation(struct load *l, struct json_object *o)
{
	char id[64];
	int i;

	if (hs_json_get_text(o, "invariant", id, sizeof(id)) < 0)
		return -EBADMSG;
	i = hs_invariant_find(id);
	if (i < 0)
		return -EBADMSG;
	l->seen[i]++;
	return 0;
}

static int load_tally(struct load *l, struct json_object *o)
{
	struct json_object *tally;

	if (hs_json_get_object(o, "tally", &tally) < 0)
		return -EBADMSG;
	return hs_tally_from_json(l->t, tally);
}

static int load_end(struct load *l, struct json_object *o)
{
	int r = load_tally(l, o);

	if (!r)
		l->t->ended = true;
	return r;
}

static int pass_over(struct load *l, struct json_object *o)
{
	return 0;
}

static const struct {
	const char *type;
	int (*load)(struct load *l, struct json_object *o);
} kinds[] = {
	{ "run", load_run }, { "violation", load_violation }, { "second", load_tally },
	{ "end", load_end }, { "op", pass_over }, { "note", pass_over },
	{ "truncated", pass_over },
};

static int load_object(struct load *l, struct json_object *o)
{
	char type[16];

	if (hs_json_get_text(o, "t", type, sizeof(type)) < 0)
		return -EBADMSG;
	/* The first line is the run, and no other line is. */
	if (!strcmp(type, "run") == l->any)
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].type, type)) {
			int r = kinds[i].load(l, o);

			l->any = true;
			return r;
		}
	}
	return 0;	/* a kind of line of a later version */
}

static int load_line(struct load *l, const char *line, size_t len)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o;
	int r = -EBADMSG;

	if (!tok)
		return -ENOMEM;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	o = len <= INT_MAX ? json_tokener_parse_ex(tok, line, (int)len) : NULL;
	if (o && json_tokener_get_error(tok) == json_tokener_success &&
	    json_tokener_get_parse_end(tok) == len)
		r = load_object(l, o);
	else
		l->torn = true;
	json_object_put(o);
	json_tokener_free(tok);
	return r;
}

static int load_lines(struct load *l, FILE *f)
{
	_cleanup_free_ char *line = NULL;
	size_t line_bytes = 0;
	ssize_t len;
	int r = 0;

	while (!r && (len = getline(&line, &line_bytes, f)) >= 0) {
		/* Each line ends with a newline, or it is the last one, torn. */
		if (line[len - 1] != '\n')
			break;
		/* An end is the end: nothing may follow it. */
		r = l->t->ended ? -EBADMSG : load_line(l, line, (size_t)len - 1);
	}
	/* No JSON, and nothing behind it: that one is torn as well. */
	if (r == -EBADMSG && l->torn && getline(&line, &line_bytes, f) < 0)
		r = 0;
	if (!r && ferror(f))
		r = -EIO;
	return r;
}

int hs_record_load(const char *dir, struct hs_run_info *info, struct hs_tally *t)
{
	_cleanup_fclose_ FILE *f = NULL;
	struct load l = { .info = info, .t = t };
	char path[PATH_MAX];
	int n, r;

	memset(info, 0, sizeof(*info));
	memset(t, 0, sizeof(*t));
	hs_scenario_init(&info->scenario);
	n = snprintf(path, sizeof(path), "%s/run.jsonl", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	r = load_lines(&l, f);
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (t->inv[i].violations < l.seen[i])
			t->inv[i].violations = l.seen[i];
	if (r < 0)
		return r;
	return l.any ? 0 : -ENODATA;
}
