// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak restore: puts back what a run that was killed has left. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "parse.h"
#include "session.h"

#define DEFAULT_TIMEOUT_NS (UINT64_C(60) * 1000000000)

enum { O_DRY_RUN, O_FORGET, O_QUIET, O_SYSROOT, O_TIMEOUT, NR_OPTIONS };

struct request {
	const char *value[NR_OPTIONS];	/* "" for a flag that was given */
};

static const struct hs_option options[] = {
	[O_DRY_RUN] = { "dry-run", 'n', NULL, "say what would be put back, touch nothing" },
	[O_FORGET] = { "forget", 0, NULL, "give up what cannot be put back: remove the journal" },
	[O_QUIET] = { "quiet", 'q', NULL, "say only what went wrong" },
	[O_SYSROOT] = { "sysroot", 's', "DIR", "restore below DIR, a captured tree" },
	[O_TIMEOUT] = { "timeout", 't', "TIME", "wait so long for each operation (60s)" },
	[NR_OPTIONS] = { 0 },
};

#define fail(...) hs_command_error(&hs_cmd_restore, __VA_ARGS__)

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct request *q = ctx;

	q->value[o - options] = arg ? arg : "";
	return 0;
}

static void on_news(enum hs_restore_news news, const char *text, void *ctx)
{
	const struct request *q = ctx;

	if (news == HS_RESTORE_FAILED)
		fail("%s", text);
	else if (!q->value[O_QUIET])
		printf("%s\n", text);
	/* It may take a minute; what is known is told before. */
	fflush(stdout);
}

static void print_summary(const struct hs_restore *r)
{
	if (r->discarded)
		return;		/* all is said */
	if (!r->had_journal)
		printf("nothing to restore\n");
	else if (!r->back && !r->left && !r->failed)
		printf("everything is as it was\n");
	else if (r->dry_run)
		printf("to put back: %u, left alone: %u\n", r->back, r->left);
	else
		printf("put back: %u, left alone: %u, failed: %u\n", r->back, r->left, r->failed);
}

static int restore(const struct request *q, uint64_t timeout_ns)
{
	struct hs_session session;
	struct hs_restore r = {
		.timeout_ns = timeout_ns,
		.dry_run = q->value[O_DRY_RUN],
		.say = on_news,
		.ctx = (void *)q,
	};
	char why[512];
	int e = hs_session_open(&session, q->value[O_SYSROOT], why, sizeof(why));

	if (e < 0) {
		fail("%s", why);
		return HS_EXIT_BROKEN;
	}
	e = hs_session_restore(&session, &r);
	if (!q->value[O_QUIET])
		print_summary(&r);
	if (e < 0 && q->value[O_FORGET] && !r.dry_run) {
		e = hs_restore_forget(q->value[O_SYSROOT]);
		if (e < 0)
			fail("removing the journal: %s", strerror(-e));
		else if (!q->value[O_QUIET])
			printf("the rest is given up: its journal is removed\n");
	}
	hs_session_close(&session);
	return e < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

static int restore_main(int argc, char **argv)
{
	struct request q = { 0 };
	uint64_t timeout_ns = DEFAULT_TIMEOUT_NS;
	int operand = hs_command_parse(&hs_cmd_restore, argc, argv, set, &q);

	if (operand < 0)
		return HS_EXIT_BROKEN;
	if (operand < argc) {
		fail("unexpected argument \"%s\"; the journal says what is to be put back",
		     argv[operand]);
		return HS_EXIT_BROKEN;
	}
	if (q.value[O_TIMEOUT] && (hs_parse_duration_ns(q.value[O_TIMEOUT], &timeout_ns) < 0 ||
				   !timeout_ns)) {
		fail("--timeout %s: expected a time such as 90s or 2m", q.value[O_TIMEOUT]);
		return HS_EXIT_BROKEN;
	}
	return restore(&q, timeout_ns);
}

const struct hs_command hs_cmd_restore = {
	.name = "restore",
	.args = "",
	.summary = "Puts back what a run that was killed has left",
	.options = options,
	.main = restore_main,
};
