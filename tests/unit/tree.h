/* SPDX-License-Identifier: GPL-2.0-only */
/* Made-up /sys and /proc trees in a temporary directory, for tests. */
#ifndef HS_TEST_TREE_H
#define HS_TEST_TREE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree { char dir[64]; };

static inline void tree_init(struct tree *t)
{
	snprintf(t->dir, sizeof(t->dir), "/tmp/hotsoak-test-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void tree_deinit(struct tree *t)
{
	nftw(t->dir, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* @t, and what makes it anew for each test: setup() and teardown(). */
#define TREE_FIXTURE(t) \
	static struct tree t; \
	static int setup(void **state) \
	{ \
		(void)state; \
		tree_init(&t); \
		return 0; \
	} \
	static int teardown(void **state) \
	{ \
		(void)state; \
		tree_deinit(&t); \
		return 0; \
	}

/* Path below the tree; each of the last four stays valid. */
__attribute__((format(printf, 2, 3)))
static inline const char *tree_path(const struct tree *t, const char *fmt, ...)
{
	static char paths[4][512];
	static unsigned int turn;
	char *path = paths[turn++ % 4];
	va_list ap;
	int n = snprintf(path, sizeof(paths[0]), "%s/", t->dir);

	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(paths[0]) - (size_t)n, fmt, ap);
	va_end(ap);
	return path;
}

static inline void tree_mkdir(const struct tree *t, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s", tree_path(t, "%s", name));
	for (char *p = path + strlen(t->dir) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	mkdir(path, 0755);
	assert_int_equal(access(path, F_OK), 0);
}

/* The part of @t below the directory @name, as a tree of its own. */
static inline void tree_below(struct tree *sub, const struct tree *t, const char *name)
{
	int n = snprintf(sub->dir, sizeof(sub->dir), "%s/%s", t->dir, name);

	assert_true(n > 0 && (size_t)n < sizeof(sub->dir));
	tree_mkdir(t, name);
}

/* Writes a file, with its directories. */
static inline void tree_write(const struct tree *t, const char *name, const char *text)
{
	char dir[512];
	FILE *f;

	snprintf(dir, sizeof(dir), "%s", name);
	if (strrchr(dir, '/')) {
		*strrchr(dir, '/') = '\0';
		tree_mkdir(t, dir);
	}
	f = fopen(tree_path(t, "%s", name), "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Whole file as a string; the caller frees. */
static inline char *tree_read(const struct tree *t, const char *name)
{
	FILE *f = fopen(tree_path(t, "%s", name), "r");
	char *text = NULL;
	size_t bytes = 0;

	assert_non_null(f);
	if (getdelim(&text, &bytes, '\0', f) < 0 && text)
		text[0] = '\0';
	fclose(f);
	assert_non_null(text);
	return text;
}

#define TREE_MEMORY "sys/devices/system/memory"

/* One memory block; @node < 0: no link, @zones NULL: no such file. */
static inline void tree_block(const struct tree *t, unsigned long index, const char *state,
			      const char *zones, int node)
{
	char name[128], text[32];

	snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/state", index);
	snprintf(text, sizeof(text), "%s\n", state);
	tree_write(t, name, text);
	snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/phys_index", index);
	snprintf(text, sizeof(text), "%08lx\n", index);
	tree_write(t, name, text);
	if (zones) {
		snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/valid_zones", index);
		snprintf(text, sizeof(text), "%s\n", zones);
		tree_write(t, name, text);
	}
	if (node >= 0) {
		snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/node%d", index, node);
		tree_mkdir(t, name);
	}
}

/* As in the guest of the tests: 16 low blocks, 16 of a DIMM, one of them offline. */
static inline void tree_guest(const struct tree *t)
{
	tree_write(t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	tree_write(t, TREE_MEMORY "/auto_online_blocks", "online_movable\n");
	tree_write(t, TREE_MEMORY "/uevent", "");
	tree_block(t, 0, "online", "none", 0);
	for (unsigned long i = 1; i < 16; i++)
		tree_block(t, i, "online", "DMA32", 0);
	for (unsigned long i = 32; i < 48; i++)
		tree_block(t, i, i == 40 ? "offline" : "online",
			   i == 40 ? "Movable Normal" : "Movable", i < 40 ? 0 : 1);
}

#endif
