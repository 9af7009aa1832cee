// SPDX-License-Identifier: GPL-2.0-only
/* The journal that a dead run has left, as far as it is whole. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "journal_internal.h"
#include "memcg.h"
#include "parse.h"

/* More than any machine has blocks for; a larger file is none of ours. */
#define MAX_BYTES	(UINT64_C(64) << 20)
#define MAX_WORDS	6

struct reading {
	struct hs_journal *j;
	bool has_header, has_end, has_module;
	unsigned int of_this_boot;	/* lines that only this boot can have written */
	uint64_t end_lines;
};

/* The whole of a file, with a NUL behind it. */
static int read_all(const char *path, char **text, size_t *len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ char *buf = NULL;
	struct stat st;
	size_t at = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > MAX_BYTES)
		return -EBADMSG;
	buf = malloc((size_t)st.st_size + 1);
	if (!buf)
		return -ENOMEM;
	while (at < (size_t)st.st_size) {
		ssize_t n = read(fd, buf + at, (size_t)st.st_size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		at += (size_t)n;
	}
	buf[at] = '\0';
	*len = at;
	*text = buf;
	buf = NULL;
	return 0;
}

/* ---- Lines ------------------------------------------------------------------- */

static void line_is_bad(struct hs_journal *j, unsigned int number)
{
	if (j->nr_bad < HS_JOURNAL_BAD_LINES)
		j->bad_line[j->nr_bad] = number;
	j->nr_bad++;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int crc_parse(const char *line, uint32_t *crc)
{
	*crc = 0;
	for (int i = 0; i < HS_JOURNAL_CRC_CHARS - 1; i++) {
		int digit = hex_digit(line[i]);

		if (digit < 0)
			return -EBADMSG;
		*crc = *crc << 4 | (uint32_t)digit;
	}
	return line[HS_JOURNAL_CRC_CHARS - 1] == ' ' ? 0 : -EBADMSG;
}

static unsigned int split(char *text, char *word[MAX_WORDS])
{
	unsigned int nr = 0;
	char *rest = text, *w;

	while ((w = strsep(&rest, " ")))
		if (nr < MAX_WORDS)
			word[nr++] = w;
		else
			return 0;
	return nr;
}

static int header_take(struct reading *r, char *word[], unsigned int nr)
{
	struct hs_journal *j = r->j;
	uint64_t pid;

	if (r->has_header || nr != 4 || strcmp(word[1], HS_JOURNAL_VERSION) ||
	    hs_parse_u64(word[3], 1, INT_MAX, &pid) < 0)
		return -EBADMSG;
	j->pid = (pid_t)pid;
	j->other_boot = strcmp(word[2], j->boot_id);
	r->has_header = true;
	return 0;
}

static int block_take(struct reading *r, char *word[], unsigned int nr)
{
	struct hs_memblk b = { .state = HS_MEMBLK_UNKNOWN, .node = -1 };
	uint64_t index, node;

	if (nr != 5 || hs_parse_u64(word[1], 0, ULONG_MAX, &index) < 0 ||
	    strlen(word[3]) >= sizeof(b.zones))
		return -EBADMSG;
	if (strcmp(word[4], "-1")) {
		if (hs_parse_u64(word[4], 0, INT_MAX, &node) < 0)
			return -EBADMSG;
		b.node = (int)node;
	}
	for (int s = 0; s < HS_MEMBLK_UNKNOWN; s++)
		if (!strcmp(word[2], hs_memblk_state_name((enum hs_memblk_state)s)))
			b.state = (enum hs_memblk_state)s;
	if (b.state != HS_MEMBLK_ONLINE && b.state != HS_MEMBLK_OFFLINE)
		return -EBADMSG;
	b.index = (unsigned long)index;
	memcpy(b.zones, word[3], strlen(word[3]) + 1);
	return hs_journal_add(r->j, &b);
}

static int knob_take(struct reading *r, char *word[], unsigned int nr)
{
	struct hs_knob *k = &r->j->knob[r->j->nr_knobs];

	if (nr < 4 || nr > 5 || (nr == 5 && strcmp(word[4], "moves")) ||
	    r->j->nr_knobs == HS_JOURNAL_KNOBS || word[1][0] != '/' ||
	    strlen(word[1]) >= sizeof(k->path) || strlen(word[2]) >= sizeof(k->was) ||
	    strlen(word[3]) >= sizeof(k->set))
		return -EBADMSG;
	memcpy(k->path, word[1], strlen(word[1]) + 1);
	memcpy(k->was, word[2], strlen(word[2]) + 1);
	memcpy(k->set, word[3], strlen(word[3]) + 1);
	k->moves = nr == 5;
	r->j->nr_knobs++;
	return 0;
}

static int cgroup_take(struct reading *r, char *word[], unsigned int nr)
{
	if (nr != 2 || r->j->cgroup || strcmp(word[1], HS_MEMCG_DIR))
		return -EBADMSG;
	r->j->cgroup = true;
	return 0;
}

static int poison_take(struct reading *r, char *word[], unsigned int nr)
{
	if (nr != 2 || r->j->poison_pfn)
		return -EBADMSG;
	return hs_parse_u64(word[1], 1, UINT64_MAX, &r->j->poison_pfn) < 0 ? -EBADMSG : 0;
}

static int module_take(struct reading *r, char *word[], unsigned int nr)
{
	if (nr != 2 || r->has_module)
		return -EBADMSG;
	if (!strcmp(word[1], "absent"))
		r->j->module = HS_JOURNAL_MODULE_ABSENT;
	else if (!strcmp(word[1], "loaded"))
		r->j->module = HS_JOURNAL_MODULE_LOADED;
	else
		return -EBADMSG;
	r->has_module = true;
	return 0;
}

static int end_take(struct reading *r, char *word[], unsigned int nr)
{
	if (r->has_end || nr != 2 || hs_parse_u64(word[1], 0, UINT32_MAX, &r->end_lines) < 0)
		return -EBADMSG;
	r->has_end = true;
	return 0;
}

static const struct {
	const char *word;
	bool any_boot;			/* says itself of which it is */
	int (*take)(struct reading *r, char *word[], unsigned int nr);
} kinds[] = {
	{ HS_JOURNAL_MAGIC, true, header_take },
	{ "block", false, block_take },
	{ "knob", false, knob_take },
	{ "cgroup", false, cgroup_take },
	{ "poison", false, poison_take },
	{ "module", false, module_take },
	{ "end", false, end_take },
};

static int line_take(struct reading *r, char *line)
{
	char *word[MAX_WORDS], *text = line + HS_JOURNAL_CRC_CHARS;
	uint32_t crc;
	int e;

	if (strlen(line) < HS_JOURNAL_CRC_CHARS || crc_parse(line, &crc) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].word);
		unsigned int nr;

		if (strncmp(text, kinds[i].word, len) || text[len] != ' ')
			continue;
		if (crc != hs_journal_line_crc(kinds[i].any_boot ? "" : r->j->boot_id, text))
			return -EBADMSG;
		nr = split(text, word);
		e = kinds[i].take(r, word, nr);
		if (!e && !kinds[i].any_boot)
			r->of_this_boot++;
		return e;
	}
	return -EBADMSG;
}

static int lines_take(struct reading *r, char *text, size_t len)
{
	unsigned int number = 0;

	for (char *line = text, *end = text + len; line < end; number++) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		int e = -EBADMSG;

		/* Without its newline it may be half of what it was. */
		if (newline) {
			*newline = '\0';
			if (strlen(line) == (size_t)(newline - line))
				e = line_take(r, line);
		}
		if (e == -ENOMEM)
			return e;
		if (e < 0)
			line_is_bad(r->j, number + 1);
		if (!newline) {
			number++;
			break;
		}
		line = newline + 1;
	}
	if (!r->has_header && !r->j->nr_bad)
		line_is_bad(r->j, 1);
	r->j->torn = !r->has_end || r->end_lines + 1 != number;
	return 0;
}

/* ---- Marks --------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct hs_journal_block *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static void mark_take(struct hs_journal *j, const char *line)
{
	struct hs_journal_block key = { 0 }, *b;
	char digits[HS_JOURNAL_MARK_AT];
	const char *first = line + strspn(line, " ");
	bool away = line[HS_JOURNAL_MARK_AT] == HS_JOURNAL_MARK_AWAY;
	uint64_t index;

	memset(digits, 0, sizeof(digits));
	memcpy(digits, first, (size_t)(line + HS_JOURNAL_MARK_AT - 1 - first));
	if (hs_parse_u64(digits, 0, ULONG_MAX, &index) < 0)
		return;
	key.index = (unsigned long)index;
	b = j->nr ? bsearch(&key, j->blk, j->nr, sizeof(key), compare) : NULL;
	if (b) {
		b->away = away;
		return;
	}
	if (!away)
		return;
	if (j->nr_lost < HS_JOURNAL_LOST)
		j->lost[j->nr_lost] = key.index;
	j->nr_lost++;
}

/* A mark that is not there, or is no mark, counts as away: then memory comes back
 * that perhaps somebody else has taken, and none stays missing. */
static int marks_load(struct hs_journal *j)
{
	char path[HS_JOURNAL_PATH_BYTES];
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	for (size_t i = 0; i < j->nr; i++)
		j->blk[i].away = true;
	r = hs_journal_path(j, "reading", HS_JOURNAL_AWAY_FILE, path);
	if (!r)
		r = read_all(path, &text, &len);
	j->marks_lost = r < 0;
	for (size_t at = 0; !r && at + HS_JOURNAL_MARK_CHARS <= len; at += HS_JOURNAL_MARK_CHARS) {
		const char *line = text + at;
		char mark = line[HS_JOURNAL_MARK_AT];

		if (line[HS_JOURNAL_MARK_CHARS - 1] == '\n' &&
		    strspn(line, " ") < HS_JOURNAL_MARK_AT - 1 &&
		    (mark == HS_JOURNAL_MARK_AWAY || mark == HS_JOURNAL_MARK_HOME))
			mark_take(j, line);
	}
	return r == -ENOMEM ? r : 0;
}

int hs_journal_load(struct hs_journal *j)
{
	char path[HS_JOURNAL_PATH_BYTES];
	_cleanup_free_ char *text = NULL;
	struct reading reading = { .j = j };
	size_t len;
	int r = hs_journal_path(j, "reading", HS_JOURNAL_FILE, path);

	if (!r)
		r = read_all(path, &text, &len);
	if (r == -ENOTDIR)
		r = -ENOENT;
	if (!r)
		r = lines_take(&reading, text, len);
	if (r < 0)
		return r;
	/* A line of this boot outweighs whatever the first one says. */
	if (reading.of_this_boot)
		j->other_boot = false;
	if (j->other_boot)
		return 0;
	if (j->nr)
		qsort(j->blk, j->nr, sizeof(*j->blk), compare);
	r = marks_load(j);
	hs_journal_path(j, "reading", HS_JOURNAL_FILE, path);
	if (r < 0)
		return r;
	return j->nr_bad || j->torn ? -EUCLEAN : 0;
}
