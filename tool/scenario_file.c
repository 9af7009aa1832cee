// SPDX-License-Identifier: GPL-2.0-only
/* Scenario files: read with inih, errors with file and line; and found by name. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <ini.h>

#include "cleanup.h"
#include "invariant.h"
#include "nearest.h"
#include "scenario.h"
#include "scenario_value.h"

#define SUFFIX ".conf"

struct file {
	FILE *f;
	const char *path;
	unsigned int line;
	char section[64];
	bool seen[HS_SCENARIO_MAX_KEYS];		/* by row of hs_scenario_keys */
	unsigned int seen_line[HS_SCENARIO_MAX_KEYS];
	struct hs_scenario *s;
	int error;
	char *err;
	size_t err_bytes;
};

/* The first error is the one to tell: what follows may be its echo. */
__attribute__((format(printf, 4, 5)))
static void bad(struct file *file, int error, unsigned int line, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	if (file->error)
		return;
	file->error = error;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (line)
		snprintf(file->err, file->err_bytes, "%s:%u: %s", file->path, line, what);
	else
		snprintf(file->err, file->err_bytes, "%s: %s", file->path, what);
}

/* "nearest", or all the names there are. */
static const char *suggestion(const struct hs_nearest *n, const char *all,
			      char *text, size_t text_bytes)
{
	const char *best = hs_nearest_get(n);

	if (best)
		snprintf(text, text_bytes, "did you mean \"%s\"?", best);
	else
		snprintf(text, text_bytes, "expected one of: %s", all);
	return text;
}

static void append(char *list, size_t list_bytes, const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, list_bytes - len, "%s%s", len ? ", " : "", name);
}

static void unknown_section(struct file *file)
{
	char all[200] = "", text[300];
	struct hs_nearest near;
	const char *last = "";

	hs_nearest_init(&near, file->section);
	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		if (!strcmp(last, k->section))
			continue;
		last = k->section;
		hs_nearest_offer(&near, last);
		append(all, sizeof(all), last);
	}
	bad(file, -EINVAL, file->line, "unknown section [%s]; %s", file->section,
	    suggestion(&near, all, text, sizeof(text)));
}

static void unknown_key(struct file *file, const char *key)
{
	char all[200] = "", text[300];
	struct hs_nearest near;

	hs_nearest_init(&near, key);
	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		if (!k->key || strcmp(k->section, file->section))
			continue;
		hs_nearest_offer(&near, k->key);
		append(all, sizeof(all), k->key);
	}
	if (!*all)
		bad(file, -EINVAL, file->line, "key \"%s\" in [%s], which has no keys", key,
		    file->section);
	else
		bad(file, -EINVAL, file->line, "unknown key \"%s\" in [%s]; %s", key,
		    file->section, suggestion(&near, all, text, sizeof(text)));
}

static void set(struct file *file, const struct hs_scenario_key *k, const char *value)
{
	size_t row = (size_t)(k - hs_scenario_keys);
	char expected[200];
	int r;

	if (file->seen[row] && k->key) {
		bad(file, -EINVAL, file->line,
		    "\"%s\" is given a second time, first in line %u", k->key,
		    file->seen_line[row]);
		return;
	}
	file->seen[row] = true;
	file->seen_line[row] = file->line;
	r = hs_scenario_set(file->s, k, value);
	if (!r)
		return;
	hs_scenario_expected(k, value, expected, sizeof(expected));
	if (k->key)
		bad(file, r == -ERANGE ? -EINVAL : r, file->line, "%s = \"%.60s\", expected %s",
		    k->key, value, expected);
	else
		bad(file, -EINVAL, file->line, "[%s], expected %s", k->section, expected);
}

/* inih says nothing of sections without keys, so the reader looks itself. */
static void enter_section(struct file *file, const char *line)
{
	const char *end = strchr(line, ']');
	size_t len = end ? (size_t)(end - line - 1) : 0;
	bool known = false;

	if (!end) {
		bad(file, -EINVAL, file->line, "a section without its ']'");
		return;
	}
	/* inih would pass over it, and "[a] key = b" is not what it looks like. */
	end += 1 + strspn(end + 1, " \t\r\n");
	if (*end && *end != ';' && *end != '#') {
		bad(file, -EINVAL, file->line, "unexpected \"%.*s\" after the section",
		    (int)strcspn(end, "\r\n"), end);
		return;
	}
	/* inih keeps 49 characters of a section's name. */
	if (len >= sizeof(file->section) || len > 49)
		len = 49;
	memcpy(file->section, line + 1, len);
	file->section[len] = '\0';
	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		if (strcmp(k->section, file->section))
			continue;
		known = true;
		if (!k->key)
			set(file, k, "");
	}
	if (!known)
		unknown_section(file);
}

/*
 * inih as Debian builds it does not tell its handler the line; it reads one
 * line at a time, so the reader counts. A line longer than its buffer would be
 * cut in two and the rest taken for a line of its own: refused here.
 */
static char *read_line(char *buf, int buf_bytes, void *ctx)
{
	_cleanup_free_ char *line = NULL;
	struct file *file = ctx;
	size_t line_bytes = 0;
	const char *start;
	ssize_t len;

	if (file->error)
		return NULL;
	errno = 0;
	len = getline(&line, &line_bytes, file->f);
	if (len < 0) {
		if (ferror(file->f) || errno)
			bad(file, errno ? -errno : -EIO, 0, "cannot be read: %s",
			    strerror(errno ? errno : EIO));
		return NULL;
	}
	file->line++;
	if (len >= buf_bytes) {
		bad(file, -EINVAL, file->line, "the line is longer than %d characters",
		    buf_bytes - 2);
		return NULL;
	}
	if (memchr(line, '\0', (size_t)len)) {
		bad(file, -EINVAL, file->line, "not text: the line holds a zero byte");
		return NULL;
	}
	start = line + strspn(line, " \t");
	if (file->line == 1 && !strncmp(start, "\xef\xbb\xbf", 3))
		start += 3;
	/* inih would take an indented line for more of the value above it. */
	if (start != line && *start && !strchr(";#\r\n", *start) && file->line > 1) {
		bad(file, -EINVAL, file->line,
		    "the line is indented; values do not go on over lines");
		return NULL;
	}
	if (*start == '[') {
		enter_section(file, start);
		if (file->error)
			return NULL;
	}
	memcpy(buf, line, (size_t)len + 1);
	return buf;
}

static int handle(void *ctx, const char *section, const char *key, const char *value)
{
	struct file *file = ctx;

	if (!*file->section) {
		bad(file, -EINVAL, file->line,
		    "\"%s\" stands before any section, expected [scenario] first", key);
		return 0;
	}
	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		if (k->key && !strcmp(k->section, section) && !strcmp(k->key, key)) {
			set(file, k, value);
			return !file->error;
		}
	}
	unknown_key(file, key);
	return 0;
}

/* What no single line is to blame for. */
static void check_whole(struct file *file)
{
	const struct hs_scenario *s = file->s;

	if (!s->needs_module && hs_invariant_module_mask(s->invariants))
		bad(file, -EINVAL, 0,
		    "[witness] asks for invariants that the module checks, but [needs] says module = no; leave invariants to contents,clean-log or say module = yes");
	else if (!s->needs_module && s->expect.min_windows)
		bad(file, -EINVAL, 0,
		    "[expect] asks for windows, which the module counts, but [needs] says module = no; say windows = 0");
	else if (s->contig_race_straddle && !s->contig_race_pcplists)
		bad(file, -EINVAL, 0,
		    "[freer contig-race] straddle = yes frees no pages, so that pcplists = no has no sense; leave out one of them");
	else if (s->contig_race_parallel && (s->contig_race_straddle || !s->contig_race_pcplists))
		bad(file, -EINVAL, 0,
		    "[freer contig-race] parallel = yes goes with neither straddle = yes nor pcplists = no; leave out one of them");
	else if ((s->contig_race_mutex || s->contig_race_halves) && !s->contig_race_parallel)
		bad(file, -EINVAL, 0,
		    "[freer contig-race] mutex = yes and halves = yes are for calls that are made at the same time; say parallel = yes");
	else if (s->stress_ng && !*s->stress_ng_options)
		bad(file, -EINVAL, 0,
		    "[freer stress-ng] names no stressors; say which, such as stressors = --vm 2 --vm-bytes 64M");
}

/* "dir/smoke.conf" is "smoke" unless it says otherwise. */
static void name_after_file(struct hs_scenario *s, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t len;

	base = base ? base + 1 : path;
	len = strlen(base);
	if (len > strlen(SUFFIX) && !strcmp(base + len - strlen(SUFFIX), SUFFIX))
		len -= strlen(SUFFIX);
	if (len >= sizeof(s->name))
		len = sizeof(s->name) - 1;
	for (size_t i = 0; i < len; i++)
		s->name[i] = strchr(" \t\"=", base[i]) ? '_' : base[i];
	s->name[len] = '\0';
}

int hs_scenario_load(struct hs_scenario *s, const char *path, char *err, size_t err_bytes)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	struct file file = {
		.f = f, .path = path, .s = s, .err = err, .err_bytes = err_bytes,
	};
	int line;

	hs_scenario_init(s);
	if (!f) {
		bad(&file, -errno, 0, "cannot be opened: %s", strerror(errno));
		return file.error;
	}
	name_after_file(s, path);
	line = ini_parse_stream(read_line, &file, handle, &file);
	if (line > 0)
		bad(&file, -EINVAL, (unsigned int)line,
		    "neither a [section] nor \"key = value\"");
	else if (line < 0)
		bad(&file, -ENOMEM, 0, "out of memory");
	check_whole(&file);
	return file.error;
}

/* ---- where scenarios are ------------------------------------------------ */

#define NR_PLACES 4

/* The @i-th directory to look into; -ENOENT when there is no such place. */
static int place(unsigned int i, char *dir, size_t dir_bytes)
{
	const char *env = getenv("HOTSOAK_SCENARIOS");
	char exe[PATH_MAX];
	ssize_t len;
	int n = -1;

	switch (i) {
	case 0:
		if (!env || !*env)
			return -ENOENT;
		n = snprintf(dir, dir_bytes, "%s", env);
		break;
	case 1:	/* build/tool/hotsoak of a source tree */
	case 2:	/* a copy with its scenarios beside it */
		len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
		if (len < 0)
			return -ENOENT;
		exe[len] = '\0';
		*strrchr(exe, '/') = '\0';
		n = snprintf(dir, dir_bytes, i == 1 ? "%s/../../tool/scenarios" :
			     "%s/scenarios", exe);
		break;
	case 3:
		n = snprintf(dir, dir_bytes, "%s", PKGDATADIR "/scenarios");
		break;
	}
	return n < 0 || (size_t)n >= dir_bytes ? -ENAMETOOLONG : 0;
}

static int find_in(const char *dir, const char *name, char *path, size_t path_bytes)
{
	int n = snprintf(path, path_bytes, "%s/%s" SUFFIX, dir, name);

	if (n < 0 || (size_t)n >= path_bytes)
		return -ENAMETOOLONG;
	return access(path, F_OK) < 0 ? -ENOENT : 0;
}

int hs_scenario_find(const char *name, char *path, size_t path_bytes)
{
	char dir[PATH_MAX];
	int n;

	if (strchr(name, '/')) {
		n = snprintf(path, path_bytes, "%s", name);
		if (n < 0 || (size_t)n >= path_bytes)
			return -ENAMETOOLONG;
		return access(path, F_OK) < 0 ? -errno : 0;
	}
	if (!*name)
		return -ENOENT;
	for (unsigned int i = 0; i < NR_PLACES; i++)
		if (!place(i, dir, sizeof(dir)) && !find_in(dir, name, path, path_bytes))
			return 0;
	return -ENOENT;
}

static int is_scenario(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return e->d_name[0] != '.' && len > strlen(SUFFIX) &&
	       !strcmp(e->d_name + len - strlen(SUFFIX), SUFFIX);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char **names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}

/* Adds the names of @dir, without suffix, to @names. */
static int add_names(const char *dir, char ***names, size_t *nr)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	int r = 0;

	if (!d)
		return 0;
	while (!r && (e = readdir(d))) {
		char **grown, *name;

		if (!is_scenario(e))
			continue;
		name = strndup(e->d_name, strlen(e->d_name) - strlen(SUFFIX));
		grown = name ? reallocarray(*names, *nr + 1, sizeof(*grown)) : NULL;
		if (grown) {
			*names = grown;
			grown[(*nr)++] = name;
		} else {
			free(name);
			r = -ENOMEM;
		}
	}
	closedir(d);
	return r;
}

int hs_scenario_each(int (*visit)(const char *name, const char *path, void *ctx), void *ctx)
{
	char dir[PATH_MAX], path[PATH_MAX], **names = NULL;
	size_t nr = 0;
	int r = 0;

	for (unsigned int i = 0; !r && i < NR_PLACES; i++)
		if (!place(i, dir, sizeof(dir)))
			r = add_names(dir, &names, &nr);
	if (nr)
		qsort(names, nr, sizeof(*names), compare);
	for (size_t i = 0; r >= 0 && i < nr; i++) {
		if (i && !strcmp(names[i - 1], names[i]))
			continue;
		if (!hs_scenario_find(names[i], path, sizeof(path)))
			r = visit(names[i], path, ctx);
	}
	free_names(names, nr);
	return r < 0 ? r : 0;
}
