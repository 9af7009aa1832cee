// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of udev that act on memory blocks.
 *
 * A reader of rules, no udevd: of each line it wants to know whether it can be
 * about a memory block and what it does then. A line is about memory when it asks
 * for SUBSYSTEM=="memory"; or when it names no subsystem and lies where others have
 * jumped away by SUBSYSTEM!="memory", GOTO="…", or memory has jumped to.
 */
#include "udevrule.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "sysfile.h"

/* Strongest first. */
static const char *const dirs[] = {
	"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
	"/usr/lib/udev/rules.d", "/lib/udev/rules.d",
};

#define NR_DIRS (sizeof(dirs) / sizeof(dirs[0]))

/* ---- One line ------------------------------------------------------------------ */

struct token {
	char key[64], op[3], value[256];
};

/* Takes the next KEY op "value" off @line: false at the end of it. */
static bool token_next(const char **line, struct token *t)
{
	const char *p = *line + strspn(*line, " \t,"), *end;
	size_t key = strcspn(p, "=!+-: \t\""), op;

	snprintf(t->key, sizeof(t->key), "%.*s", (int)key, p);
	p += key + strspn(p + key, " \t");
	op = strspn(p, "=!+-:");
	snprintf(t->op, sizeof(t->op), "%.*s", (int)op, p);
	p += op + strspn(p + op, " \t");
	p += *p == 'e' || *p == 'i';	/* e"…" and i"…" */
	if (!key || !op || *p != '"')
		return false;
	for (end = p + 1; *end && (*end != '"' || end[-1] == '\\'); end++)
		;
	snprintf(t->value, sizeof(t->value), "%.*s", (int)(end - p - 1), p + 1);
	*line = end + (*end == '"');
	return true;
}

/* "memory", or one of "cpu|memory". */
static bool names_memory(const char *value)
{
	for (const char *p = value; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, "memory", 6) && (!p[6] || p[6] == '|'))
			return true;
	}
	return false;
}

struct rule {
	bool for_memory, for_others, not_memory;
	enum hs_udevrule_act act;
	char jump[256], label[256];
};

static bool assigns(const struct token *t)
{
	return strcmp(t->op, "==") && strcmp(t->op, "!=");
}

static void rule_read(struct rule *r, const char *line)
{
	struct token t;

	memset(r, 0, sizeof(*r));
	while (token_next(&line, &t)) {
		bool state = !strcmp(t.key, "ATTR{state}") || !strcmp(t.key, "ATTR{online}");
		bool program = !strncmp(t.key, "RUN", 3) || !strcmp(t.key, "PROGRAM") ||
			       !strcmp(t.key, "IMPORT{program}");

		if (!strcmp(t.key, "SUBSYSTEM") || !strcmp(t.key, "SUBSYSTEMS")) {
			bool memory = names_memory(t.value);

			r->for_memory |= memory && !strcmp(t.op, "==");
			r->for_others |= !memory && !strcmp(t.op, "==");
			r->not_memory |= memory && !strcmp(t.op, "!=");
		} else if (state && assigns(&t)) {
			r->act = HS_UDEVRULE_WRITES;
		} else if (program && r->act == HS_UDEVRULE_NONE) {
			r->act = HS_UDEVRULE_RUNS;
		} else if (!strcmp(t.key, "GOTO")) {
			memcpy(r->jump, t.value, sizeof(r->jump));
		} else if (!strcmp(t.key, "LABEL")) {
			memcpy(r->label, t.value, sizeof(r->label));
		}
	}
}

/* ---- One file ------------------------------------------------------------------ */

struct reader {
	char others_at[256];	/* where those that are not memory have jumped to */
	char memory_at[256];	/* where memory has jumped to */
	bool memory_only;	/* what comes here is memory, if it names nothing else */
	enum hs_udevrule_act act;
};

static void line_take(struct reader *f, const char *line)
{
	struct rule r;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return;
	rule_read(&r, line);
	if (*r.label && !strcmp(r.label, f->others_at))
		f->memory_only = false;
	if (*r.label && !strcmp(r.label, f->memory_at))
		f->memory_only = true;
	if (r.for_others || r.not_memory) {
		if (r.not_memory && *r.jump) {
			memcpy(f->others_at, r.jump, sizeof(f->others_at));
			f->memory_only = true;
		}
		return;
	}
	if (!r.for_memory && !f->memory_only)
		return;
	if (r.for_memory && *r.jump)
		memcpy(f->memory_at, r.jump, sizeof(f->memory_at));
	if (r.act > f->act)
		f->act = r.act;
}

static enum hs_udevrule_act file_read(const char *path)
{
	_cleanup_free_ char *line = NULL, *whole = NULL;
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	struct reader reader = { .act = HS_UDEVRULE_NONE };
	size_t line_bytes = 0, len = 0;
	ssize_t n;

	while (f && (n = getline(&line, &line_bytes, f)) > 0) {
		char *grown = realloc(whole, len + (size_t)n + 1);

		if (!grown)
			break;
		whole = grown;
		memcpy(whole + len, line, (size_t)n + 1);
		len += strcspn(whole + len, "\n");
		whole[len] = '\0';
		/* A line that ends in a backslash goes on in the next. */
		if (len && whole[len - 1] == '\\') {
			len--;
			continue;
		}
		line_take(&reader, whole);
		len = 0;
	}
	return reader.act;
}

/* ---- All files ------------------------------------------------------------------ */

static int is_rules(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 6 && !strcmp(e->d_name + len - 6, ".rules");
}

static bool is_overridden(const char *sysroot, size_t dir, const char *name)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < dir; i++)
		if (!hs_sysfile_path(path, sizeof(path), sysroot, "%s/%s", dirs[i], name) &&
		    !access(path, F_OK))
			return true;
	return false;
}

void hs_udevrule_each(const char *sysroot,
		      void (*seen)(const char *name, enum hs_udevrule_act act, void *ctx),
		      void *ctx)
{
	for (size_t i = 0; i < NR_DIRS; i++) {
		struct dirent **e = NULL;
		char path[PATH_MAX];
		int nr = -1;

		if (!hs_sysfile_path(path, sizeof(path), sysroot, "%s", dirs[i]))
			nr = scandir(path, &e, is_rules, alphasort);
		for (int n = 0; n < nr; n++) {
			enum hs_udevrule_act act = HS_UDEVRULE_NONE;

			/* Where /lib is /usr/lib the first of them has said it. */
			if (!is_overridden(sysroot, i, e[n]->d_name) &&
			    !hs_sysfile_path(path, sizeof(path), sysroot, "%s/%s", dirs[i],
					     e[n]->d_name))
				act = file_read(path);
			if (act != HS_UDEVRULE_NONE)
				seen(e[n]->d_name, act, ctx);
			free(e[n]);
		}
		free(e);
	}
}
