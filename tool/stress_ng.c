// SPDX-License-Identifier: GPL-2.0-only
/* What stress-ng is asked for, and what it answers. */
#include "stress_ng.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "parse.h"
#include "sysfile.h"

const char *const hs_stress_ng_ends[HS_NR_STRESS_NG_ENDS] = {
	[HS_STRESS_NG_OK] = "ok",
	[HS_STRESS_NG_CORE] = "core",
	[HS_STRESS_NG_FAILED] = "failed",
	[HS_STRESS_NG_RESOURCES] = "resources",
	[HS_STRESS_NG_UNIMPLEMENTED] = "unimplemented",
	[HS_STRESS_NG_SIGNALLED] = "signalled",
	[HS_STRESS_NG_EXITED] = "exited",
	[HS_STRESS_NG_UNTRUSTWORTHY] = "untrustworthy",
	[HS_STRESS_NG_OTHER] = "other",
};

enum hs_stress_ng_end hs_stress_ng_end_of(int status)
{
	return status < 0 || status >= HS_STRESS_NG_OTHER ? HS_STRESS_NG_OTHER :
		(enum hs_stress_ng_end)status;
}

const char *hs_stress_ng_end_words(enum hs_stress_ng_end end)
{
	static const char *const words[HS_NR_STRESS_NG_ENDS] = {
		[HS_STRESS_NG_OK] = "it was content",
		[HS_STRESS_NG_CORE] = "it failed itself",
		[HS_STRESS_NG_FAILED] = "a stressor failed",
		[HS_STRESS_NG_RESOURCES] = "a stressor lacked memory or another resource",
		[HS_STRESS_NG_UNIMPLEMENTED] = "a stressor is not for this machine",
		[HS_STRESS_NG_SIGNALLED] = "a stressor was killed by a signal",
		[HS_STRESS_NG_EXITED] = "a stressor left by itself",
		[HS_STRESS_NG_UNTRUSTWORTHY] = "it does not trust its metrics",
		[HS_STRESS_NG_OTHER] = "no status of its own",
	};

	return words[end];
}

int hs_stress_ng_ask(const char *root)
{
	static const char standard[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const char *env = getenv("PATH");
	_cleanup_free_ char *dirs = strdup(env && !(root && *root) ? env : standard);
	char *rest = dirs, *dir, path[PATH_MAX];

	while (rest && (dir = strsep(&rest, ":"))) {
		if (!*dir || hs_sysfile_path(path, sizeof(path), root, "%s/%s", dir, HS_STRESS_NG))
			continue;
		if (!access(path, X_OK))
			return 0;
	}
	return -ENOENT;
}

const char *hs_stress_ng_ask_words(int answer)
{
	return answer == -ENOENT ? "there is no program stress-ng" : strerror(-answer);
}

/* ---- Options ------------------------------------------------------------------- */

/* Whose are not the scenario's to choose. One is found by its beginning as well, as stress-ng
 * does it; an option of its own is meant where @but is all of it. */
static const struct { const char *name, *why, *but; } refused[] = {
	{ "timeout", "the run ends it", NULL },
	{ "yaml", "its metrics are ours to read", NULL },
	{ "temp-path", "it has a directory of its own, see the key directory", NULL },
	{ "taskset", "it has the CPUs of the target's node", NULL },
	{ "metrics", "its metrics are ours to read", NULL },
	{ "metrics-brief", "its metrics are ours to read", NULL },
	{ "sn", "its metrics are ours to read", NULL },
	{ "quiet", "what it says is ours to read", NULL },
	{ "log-brief", "what it says is ours to read", NULL },
	{ "log-file", "what it says is ours to read", NULL },
	{ "syslog", "what it says is ours to read", NULL },
	{ "timestamp", "what it says is ours to read", NULL },
	{ "dry-run", "it would do nothing", NULL },
	{ "version", "it would do nothing", NULL },
	{ "help", "it would do nothing", NULL },
	{ "config", "it would do nothing", NULL },
	{ "buildinfo", "it would do nothing", NULL },
	{ "memhotplug", "the run takes the blocks", NULL },
	{ "cpu-online", "it changes the machine, and may leave it so", "cpu" },
	{ "ignite-cpu", "it changes the machine, and may leave it so", NULL },
	{ "ksm", "it changes the machine, and may leave it so", NULL },
	{ "module", "it changes the machine, and may leave it so", NULL },
	{ "swap", "it changes the machine, and may leave it so", NULL },
	{ "thrash", "it changes the machine, and may leave it so", NULL },
	{ "watchdog", "it changes the machine, and may leave it so", NULL },
	{ "pathological", "it may take the machine down", NULL },
	{ "all", "name the stressors", NULL },
	{ "class", "name the stressors", NULL },
	{ "random", "name the stressors", NULL },
	{ "job", "name the stressors", NULL },
	{ "sequential", "all stressors run together", NULL },
	{ "permute", "all stressors run together", NULL },
};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char *why_not(const char *option, size_t len)
{
	for (size_t i = 0; i < LEN(refused); i++) {
		if (refused[i].but && strlen(refused[i].but) == len &&
		    !strncmp(refused[i].but, option, len))
			continue;
		if (!strncmp(refused[i].name, option, len))
			return refused[i].why;
	}
	return NULL;
}

int hs_stress_ng_options_check(const char *options, char *words, size_t words_bytes)
{
	static const char blanks[] = " \t";
	bool any = false;

	for (const char *p = options + strspn(options, blanks); *p; p += strspn(p, blanks)) {
		size_t len = strcspn(p, blanks), name = strcspn(p, " \t=");
		const char *why;

		if (*p == '-' && (strncmp(p, "--", 2) || name == 2)) {
			snprintf(words, words_bytes, "long options such as --vm 2, not \"%.*s\"",
				 (int)len, p);
			return -EINVAL;
		}
		if (*p != '-' && !any) {
			snprintf(words, words_bytes, "an option before \"%.*s\"", (int)len, p);
			return -EINVAL;
		}
		why = *p == '-' ? why_not(p + 2, name - 2) : NULL;
		if (why) {
			snprintf(words, words_bytes, "no %.*s: %s", (int)name, p, why);
			return -EINVAL;
		}
		any = true;
		p += len;
	}
	if (any && strlen(options) < HS_STRESS_NG_OPTIONS_BYTES)
		return 0;
	snprintf(words, words_bytes, "options of stress-ng such as --vm 2 --vm-bytes 64M, at most %d characters",
		 HS_STRESS_NG_OPTIONS_BYTES - 1);
	return -EINVAL;
}

/* ---- What it says -------------------------------------------------------------- */

static void keep_first(char *text, size_t text_bytes, const char *line)
{
	if (*text)
		return;
	snprintf(text, text_bytes, "%s", line);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
}

/* "stress-ng: fail:  [123] vm: …": the level, and where the rest of it begins. */
static const char *level_of(const char *line, char *level, size_t level_bytes)
{
	const char *p = line, *end;
	size_t len;

	*level = '\0';
	if (strncmp(p, HS_STRESS_NG ": ", strlen(HS_STRESS_NG ": ")))
		return line;
	p += strlen(HS_STRESS_NG ": ");
	len = strspn(p, "abcdefghijklmnopqrstuvwxyz");
	end = p[len] == ':' ? p + len + 1 + strspn(p + len + 1, " ") : NULL;
	if (!end || *end != '[' || !(end = strchr(end, ']')) || len >= level_bytes)
		return p;
	memcpy(level, p, len);
	level[len] = '\0';
	return end + 1 + strspn(end + 1, " ");
}

/*
 * A failure of the stressor vm that speaks of an error is one of memory that it had written,
 * in every version from 0.15 on: it does nothing else but write patterns and compare. What
 * another stressor calls a failure may be a call that was refused.
 */
void hs_stress_ng_line(struct hs_stress_ng_words *w, const char *line)
{
	char level[8];
	const char *text = level_of(line, level, sizeof(level));

	if (!strcmp(level, "fail")) {
		keep_first(w->failed, sizeof(w->failed), text);
		if (!strncmp(text, "vm: ", 4) && strstr(text, " error"))
			keep_first(w->changed, sizeof(w->changed), text);
	}
	if (!strncmp(text, "dispatching hogs", strlen("dispatching hogs")))
		w->dispatched = true;
	/* Options are refused without a level; a stressor that cannot be had is mere information. */
	if (*text && (!*level || !strcmp(level, "fail") || !strcmp(level, "error") ||
		      strstr(text, "skipped")))
		keep_first(w->said, sizeof(w->said), text);
}

/* ---- Its metrics --------------------------------------------------------------- */

/* "KEY: VALUE" with @indent blanks before it: the value, without quotes. */
static char *value_of(char *line, size_t indent, const char *key)
{
	size_t len = strlen(key);
	char *v;

	if (strspn(line, " ") != indent || strncmp(line + indent, key, len) ||
	    strncmp(line + indent + len, ":", 1))
		return NULL;
	v = line + indent + len + 1;
	v += strspn(v, " ");
	len = strlen(v);
	if (len >= 2 && *v == '\'' && v[len - 1] == '\'') {
		v[len - 1] = '\0';
		v++;
	}
	return v;
}

static int copy_word(char *to, size_t to_bytes, const char *word)
{
	size_t len = strlen(word);

	if (!len || len >= to_bytes)
		return -EBADMSG;
	memcpy(to, word, len + 1);
	return 0;
}

struct reading {
	struct hs_stress_ng_metrics *m;
	bool in_metrics, ended;
	bool has_ops, has_wall;	/* of the stressor that is being read */
};

static int next_stressor(struct reading *r, const char *name)
{
	struct hs_stress_ng_metrics *m = r->m;

	if (m->nr && !(r->has_ops && r->has_wall))
		return -EBADMSG;
	if (m->nr == HS_STRESS_NG_MAX_STRESSORS)
		return -E2BIG;
	r->has_ops = r->has_wall = false;
	return copy_word(m->stressor[m->nr++].name, sizeof(m->stressor[0].name), name);
}

static int get_seconds(const char *text, uint64_t *ns)
{
	double seconds;

	if (hs_parse_ratio(text, 0, 1e9, &seconds) < 0)
		return -EBADMSG;
	*ns = (uint64_t)(seconds * 1e9);
	return 0;
}

/* Twelve and more blanks are those of each instance, in later versions. */
static int read_line(struct reading *r, char *line)
{
	struct hs_stress_ng_metrics *m = r->m;
	struct hs_stress_ng_stressor *s = m->nr ? &m->stressor[m->nr - 1] : NULL;
	char *v;

	if (r->ended)
		return -EBADMSG;
	if (!strcmp(line, "...")) {
		r->ended = true;
		return 0;
	}
	if (*line && *line != ' ') {
		r->in_metrics = !strcmp(line, "metrics:");
		return 0;
	}
	v = value_of(line, 6, "stress-ng-version");
	if (v)
		return copy_word(m->version, sizeof(m->version), v);
	if (!r->in_metrics)
		return 0;
	v = value_of(line, 4, "- stressor");
	if (v)
		return next_stressor(r, v);
	v = value_of(line, 6, "bogo-ops");
	if (v) {
		if (!s || r->has_ops)
			return -EBADMSG;
		r->has_ops = true;
		return hs_parse_u64(v, 0, UINT64_MAX, &s->bogo_ops) < 0 ? -EBADMSG : 0;
	}
	v = value_of(line, 6, "wall-clock-time");
	if (v) {
		if (!s || r->has_wall)
			return -EBADMSG;
		r->has_wall = true;
		return get_seconds(v, &s->wall_ns);
	}
	return 0;
}

int hs_stress_ng_metrics_read(FILE *f, struct hs_stress_ng_metrics *m)
{
	struct reading r = { .m = m };
	_cleanup_free_ char *line = NULL;
	size_t line_bytes = 0;
	ssize_t len;

	memset(m, 0, sizeof(*m));
	while ((len = getline(&line, &line_bytes, f)) >= 0) {
		int err;

		line[strcspn(line, "\r\n")] = '\0';
		err = read_line(&r, line);
		if (err < 0)
			return err;
	}
	if (!r.ended || !*m->version || !m->nr || !r.has_ops || !r.has_wall)
		return -EBADMSG;
	return 0;
}

/* ---- All of its lives ------------------------------------------------------------ */

static struct hs_stress_ng_stressor *find_or_make(struct hs_stress_ng_metrics *m, const char *name)
{
	for (uint64_t i = 0; i < m->nr; i++)
		if (!strcmp(m->stressor[i].name, name))
			return &m->stressor[i];
	/* Those of a life are those of the scenario: there is room for them. */
	if (m->nr == HS_STRESS_NG_MAX_STRESSORS)
		return NULL;
	copy_word(m->stressor[m->nr].name, sizeof(m->stressor[0].name), name);
	return &m->stressor[m->nr++];
}

void hs_stress_ng_add(struct hs_stress_ng_tally *t, const struct hs_stress_ng_report *r)
{
	t->exit = (uint64_t)r->status;
	t->ends[hs_stress_ng_end_of(r->status)]++;
	t->killed += r->killed;
	t->unread += !r->has_metrics;
	if (r->status)
		keep_first(t->failed, sizeof(t->failed),
			   *r->words.failed ? r->words.failed : r->words.said);
	keep_first(t->changed, sizeof(t->changed), r->words.changed);
	if (!r->has_metrics)
		return;
	memcpy(t->sum.version, r->metrics.version, sizeof(t->sum.version));
	for (uint64_t i = 0; i < r->metrics.nr; i++) {
		const struct hs_stress_ng_stressor *one = &r->metrics.stressor[i];
		struct hs_stress_ng_stressor *all = find_or_make(&t->sum, one->name);

		if (!all)
			continue;
		all->bogo_ops += one->bogo_ops;
		all->wall_ns += one->wall_ns;
	}
}
