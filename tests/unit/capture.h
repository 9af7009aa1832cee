/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a command of the tool in this process and keeps what it printed. */
#ifndef HS_TEST_CAPTURE_H
#define HS_TEST_CAPTURE_H

#include "tree.h"

#include <fcntl.h>

#define CAPTURE_MAX_ARGS 16

struct capture {
	int status;
	char out[16384], err[4096];
};

static inline void capture_file(FILE *f, char *text, size_t text_bytes)
{
	size_t n;

	rewind(f);
	n = fread(text, 1, text_bytes - 1, f);
	text[n] = '\0';
	fclose(f);
}

/* Arguments end with NULL. */
static inline void capture(struct capture *c, int (*run)(int argc, char **argv), ...)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int saved_out, saved_err, argc = 0;
	char *argv[CAPTURE_MAX_ARGS + 1];
	va_list ap;

	assert_non_null(out);
	assert_non_null(err);
	va_start(ap, run);
	while ((argv[argc] = va_arg(ap, char *)))
		assert_true(++argc < CAPTURE_MAX_ARGS);
	va_end(ap);
	fflush(stdout);
	fflush(stderr);
	saved_out = dup(STDOUT_FILENO);
	saved_err = dup(STDERR_FILENO);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	c->status = run(argc, argv);
	fflush(stdout);
	fflush(stderr);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	close(saved_out);
	close(saved_err);
	capture_file(out, c->out, sizeof(c->out));
	capture_file(err, c->err, sizeof(c->err));
}

/* Bad input: this status, one line on stderr with these words, nothing else. */
static inline void assert_refused(const struct capture *c, int status, const char *words)
{
	const char *newline = strchr(c->err, '\n');

	if (c->status != status || *c->out || !newline || newline[1] || !strstr(c->err, words))
		fail_msg("status %d, expected %d and \"%s\"\nstdout: %s\nstderr: %s", c->status,
			 status, words, c->out, c->err);
}

#endif
