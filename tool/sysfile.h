/* SPDX-License-Identifier: GPL-2.0-only */
/* Short files of /sys and /proc, under any root. */
#ifndef HS_SYSFILE_H
#define HS_SYSFILE_H

#include <stddef.h>

/* ROOT and the formatted rest, in @path; -ENAMETOOLONG. @root NULL or "": /. */
int hs_sysfile_path(char *path, size_t path_bytes, const char *root, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Reads a whole file as text and takes the newlines off its end. Negative
 * errno, -EMSGSIZE when it does not fit.
 */
int hs_sysfile_read(const char *path, char *text, size_t text_bytes);

/*
 * The same of an attribute of one line, @name in an open folder: one path less to walk, and
 * one read less, for what comes with its newline is whole.
 */
int hs_sysfile_read_line(int dir_fd, const char *name, char *text, size_t text_bytes);

/* The same of @file below @root. */
int hs_sysfile_read_below(const char *root, const char *file, char *text, size_t text_bytes);

/* Writes @text into a file that is there, in one write(2). */
int hs_sysfile_write(const char *path, const char *text);

#endif
