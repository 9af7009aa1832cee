// SPDX-License-Identifier: GPL-2.0-only
/* Knobs: files of /sys and /proc that hold one word each. */
#include "knob.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sysfile.h"

#define BUSY_TRIES	20

/* Of a choice, such as "always [madvise] never", the one that is made. */
static void choice_read(char *text)
{
	char *from = strchr(text, '['), *to = from ? strchr(from, ']') : NULL;

	if (!to)
		return;
	*to = '\0';
	memmove(text, from + 1, (size_t)(to - from));
}

static int knob_read(const char *root, const char *path, char *text, size_t text_bytes)
{
	int r = hs_sysfile_read_below(root, path, text, text_bytes);

	if (!r)
		choice_read(text);
	return r;
}

static int copy_word(char *to, size_t bytes, const char *word)
{
	size_t len = strlen(word);

	if (!len || len >= bytes || strpbrk(word, " \t\n"))
		return -EINVAL;
	memcpy(to, word, len + 1);
	return 0;
}

static int knob_write(const struct hs_knob *k, const char *root, const char *value)
{
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", k->path);

	return r < 0 ? r : hs_sysfile_write(path, value);
}

int hs_knob_init(struct hs_knob *k, const char *root, const char *path, const char *value)
{
	char text[HS_KNOB_VALUE_BYTES];
	int r = copy_word(k->path, sizeof(k->path), path);

	if (!r)
		r = knob_read(root, k->path, text, sizeof(text));
	if (!r)
		r = copy_word(k->was, sizeof(k->was), text);
	return r < 0 ? r : copy_word(k->set, sizeof(k->set), value);
}

/* Two levels up there is something: debugfs, say, is mounted, and without the file. */
static bool is_gone(const struct hs_knob *k, const char *root)
{
	char path[PATH_MAX], *slash;
	struct dirent *e;
	bool found = false;
	DIR *dir;

	if (hs_sysfile_path(path, sizeof(path), root, "%s", k->path) < 0)
		return false;
	for (int up = 0; up < 2; up++) {
		slash = strrchr(path, '/');
		if (!slash || slash == path)
			return true;
		*slash = '\0';
	}
	dir = opendir(path);
	while (dir && !found && (e = readdir(dir)))
		found = e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return found;
}

int hs_knob_stands(const struct hs_knob *k, const char *root)
{
	char text[HS_KNOB_VALUE_BYTES];
	int r = knob_read(root, k->path, text, sizeof(text));

	if (r == -ENOENT && is_gone(k, root))
		return HS_KNOB_GONE;
	if (r == -EMSGSIZE)
		return HS_KNOB_FOREIGN;
	if (r < 0)
		return r;
	if (!strcmp(text, k->was))
		return HS_KNOB_AS_FOUND;
	return strcmp(text, k->set) && !k->moves ? HS_KNOB_FOREIGN : HS_KNOB_SET;
}

int hs_knob_set(const struct hs_knob *k, const char *root)
{
	return knob_write(k, root, k->set);
}

int hs_knob_restore(const struct hs_knob *k, const char *root)
{
	int r = hs_knob_stands(k, root);

	if (r != HS_KNOB_SET)
		return r;
	r = knob_write(k, root, k->was);
	/* Of a CPU, say, while CPU hotplug is switched off for a moment. */
	for (int i = 0; r == -EBUSY && i < BUSY_TRIES; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
		r = knob_write(k, root, k->was);
	}
	if (!r || r == -ENOENT)
		r = hs_knob_stands(k, root);
	/* Taken, and not followed. */
	return r == HS_KNOB_SET ? -EBUSY : r;
}
