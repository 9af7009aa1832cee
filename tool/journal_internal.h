/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two files of the journal share. Nobody else includes it. */
#ifndef HS_JOURNAL_INTERNAL_H
#define HS_JOURNAL_INTERNAL_H

#include <stdint.h>

#include "journal.h"

#define HS_JOURNAL_MAGIC	"hotsoak-journal"
#define HS_JOURNAL_VERSION	"1"
#define HS_JOURNAL_CRC_CHARS	9	/* eight digits and a blank before each line */
#define HS_JOURNAL_PATH_BYTES	512

/* A line of the marks: the index, a blank, the mark, a newline. All are of one
 * length, so that a mark is rewritten in its place. */
#define HS_JOURNAL_MARK_FORMAT	"%10lu %c\n"
#define HS_JOURNAL_MARK_CHARS	13
#define HS_JOURNAL_MARK_AT	11
#define HS_JOURNAL_MARK_AWAY	'x'
#define HS_JOURNAL_MARK_HOME	'.'

/* The checksum of a line without its newline; @boot_id "" for the first one. */
uint32_t hs_journal_line_crc(const char *boot_id, const char *text);

/* Sets j->doing for what follows: "WHAT PATH". Gives the path. */
int hs_journal_path(struct hs_journal *j, const char *what, const char *file, char *path);

#endif
