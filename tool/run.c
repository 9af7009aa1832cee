// SPDX-License-Identifier: GPL-2.0-only
/* A run from its options to its verdict. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "antagonist.h"
#include "cleanup.h"
#include "parse.h"
#include "virtio_mem.h"

#define LEFTOVER_TIMEOUT_NS	(UINT64_C(20) * 1000000000)	/* well below WatchdogSec */

/* ---- What may be done here ----------------------------------------------------- */

static bool is_marked_guest(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/cmdline", "re");
	char line[4096], *rest = line, *word;

	if (!f || !fgets(line, sizeof(line), f))
		return false;
	while ((word = strsep(&rest, " \n")))
		if (!strcmp(word, "hotsoak.guest=1"))
			return true;
	return false;
}

static bool is_allowed(const struct run *run, const char *name)
{
	for (unsigned int i = 0; i < run->nr_allowed; i++)
		if (!strcmp(run->allowed[i], name))
			return true;
	return false;
}

static int check_danger(const struct run *run, const char *what, const char *name,
			enum hs_danger danger)
{
	if (danger == HS_DANGER_CORRUPTS && !run->guest) {
		fail("the %s %s corrupts the kernel's memory: it runs only in a guest with hotsoak.guest=1 on its command line (tests/guest/run)",
		     what, name);
		return -EPERM;
	}
	if (danger == HS_DANGER_DISTURBS && !is_allowed(run, name)) {
		fail("the %s %s disturbs the machine: say --allow %s", what, name, name);
		return -EPERM;
	}
	return 0;
}

/* What can be told of them without looking at any. */
static int choose_check(struct run *run)
{
	const char *set = run->info.scenario.blocks;
	char err[256];
	int r;

	if (*set && strcmp(set, HS_BLOCKS_ALL)) {
		r = hs_blockset_parse(&run->set, set, err, sizeof(err));
		if (r < 0) {
			fail("--blocks %s: %s", set, err);
			return r;
		}
	}
	/* A real machine's memory is not ours to take unasked. --zone says of what
	 * kind it may be, not which. */
	if (!*set && run->info.scenario.node < 0 && !run->guest &&
	    !run->value[O_SYSROOT]) {
		fail("which blocks may be taken? say --blocks SET, --blocks all or --node N; hotsoak list shows them");
		return -EINVAL;
	}
	return 0;
}

static int choose_blocks(struct run *run)
{
	const char *set = run->info.scenario.blocks, *sysroot = run->value[O_SYSROOT];
	struct hs_target_wish wish = {
		.set = run->set.nr ? &run->set : NULL, .node = run->info.scenario.node,
		.zone = run->value[O_ZONE],
	};
	char err[256];
	int r;

	r = hs_memblk_list_init(&run->blocks, sysroot);
	if (r < 0 && r != -ENOTSUP) {
		fail("reading the memory blocks of %s/sys: %s", sysroot ? sysroot : "",
		     strerror(-r));
		return r;
	}
	if (r == -ENOTSUP && wish.set) {
		fail("blocks %s: this kernel has no memory blocks", set);
		return r;
	}
	/* Where there are none the run says so itself, and is skipped. */
	if (run->info.scenario.needs_virtio_mem && !r && !hs_virtio_mem_ask(sysroot)) {
		r = hs_virtio_mem_blocks(sysroot, run->blocks.block_bytes, &run->plugged);
		if (r < 0) {
			fail("which blocks are of a virtio-mem device? /proc/iomem: %s", strerror(-r));
			return r;
		}
	}
	if (run->info.scenario.needs_virtio_mem)
		wish.plugged = &run->plugged;
	r = hs_target_init(&run->target, &run->blocks, &wish, err, sizeof(err));
	if (r < 0)
		fail("%s", err);
	return r;
}

/* ---- Before ---------------------------------------------------------------------- */

static void on_leftover(enum hs_restore_news news, const char *text, void *ctx)
{
	const struct run *run = ctx;

	if (news == HS_RESTORE_FAILED)
		fail("%s", text);
	else if (!run->value[O_QUIET] && news != HS_RESTORE_BACK)
		fprintf(stderr, "leftover: %s\n", text);
}

/* What a run that was killed has left goes back first: its blocks are targets again. */
static int session_open(struct run *run)
{
	struct hs_restore leftovers = {
		.timeout_ns = LEFTOVER_TIMEOUT_NS, .say = on_leftover, .ctx = run,
	};
	char why[512];
	int r = hs_session_open(&run->session, run->value[O_SYSROOT], why, sizeof(why));

	if (r < 0) {
		fail("%s", why);
		return r;
	}
	r = hs_session_restore(&run->session, &leftovers);
	if (r < 0) {
		fail("what an earlier run has left could not be put back: see hotsoak restore");
		return r;
	}
	if (leftovers.back && !run->value[O_QUIET])
		fprintf(stderr, "leftover: an earlier run was killed, what it had left is put back: %u\n",
			leftovers.back);
	r = hs_session_journal(&run->session, why, sizeof(why));
	if (r < 0)
		fail("%s", why);
	return r;
}

int hs_run_prepare(struct run *run, const char *name)
{
	bool may_touch = !run->value[O_DRY_RUN] && (!geteuid() || run->value[O_SYSROOT]);
	const struct hs_antagonist_desc *a;
	int r = hs_run_configure(run, name);

	if (r < 0)
		return r;
	run->guest = is_marked_guest();
	if (run->control) {
		r = check_danger(run, "control", run->control->name, run->control->danger);
		if (r < 0)
			return r;
	}
	r = check_danger(run, "scenario", run->info.scenario.name, run->info.scenario.danger);
	if (r < 0)
		return r;
	hs_for_each_antagonist(a, &run->info.scenario) {
		/* Who lets a scenario run knows from it how far its antagonists go. */
		if (!run->value[O_ANTAGONIST] && a->danger <= run->info.scenario.danger)
			continue;
		r = check_danger(run, "antagonist", a->name, a->danger);
		if (r < 0)
			return r;
	}
	r = choose_check(run);
	if (r >= 0 && may_touch)
		r = session_open(run);
	return r < 0 ? r : choose_blocks(run);
}

/* ---- The run ----------------------------------------------------------------------- */

static int record_open(struct run *run)
{
	struct hs_record_config c = {
		.dir = run->value[O_RECORD],
		.max_bytes = UINT64_C(64) << 20,
		.every_cycle = run->value[O_RECORD_CYCLES],
	};
	int r;

	if (run->value[O_RECORD_LIMIT] &&
	    hs_parse_bytes(run->value[O_RECORD_LIMIT], &c.max_bytes) < 0)
		return hs_run_bad_value(O_RECORD_LIMIT, "a size such as 64M");
	if (!c.dir)
		return 0;
	r = hs_record_new(&run->record, &c, &run->info);
	if (r < 0)
		fail("writing the record in %s: %s", c.dir, strerror(-r));
	return r;
}

int hs_run_start(struct run *run, const struct hs_soak_callbacks *callbacks, void *ctx,
		 bool signals)
{
	struct hs_soak_config c = {
		.info = &run->info,
		.sysroot = run->value[O_SYSROOT],
		.block_bytes = run->blocks.block_bytes,
		.blocks = &run->blocks,
		.no_blocks = hs_memblk_why_none(&run->blocks),
		.target = &run->target,
		.control = run->control,
		.no_witness = run->value[O_NO_WITNESS],
		.no_freers = run->value[O_NO_FREERS],
		.stop_on_violation = run->value[O_STOP],
		.every_cycle = run->value[O_RECORD_CYCLES],
		.signals = signals,
		.journal = &run->session.journal,
		.callbacks = *callbacks,
		.ctx = ctx,
	};
	const struct hs_tally *t;
	int r = record_open(run);

	if (r < 0)
		return r;
	c.record = run->record;
	r = hs_soak_new(&run->soak, run->event, &c);
	if (r < 0) {
		fail("setting up the run: %s", strerror(-r));
		return r;
	}
	t = hs_soak_tally(run->soak);
	r = hs_soak_start(run->soak);
	if (r < 0)
		fail("%s", t->skip[0] ? t->skip : t->broken[0] ? t->broken : strerror(-r));
	return r;
}

struct hs_service_run hs_run_served(const struct run *run)
{
	return (struct hs_service_run){
		&run->info, &run->target, run->control, run->value[O_RECORD], run->soak,
	};
}

/* ---- After ----------------------------------------------------------------------- */

/* A record that lacks lines vouches for nothing, whatever they would have said. */
static void note_record_error(struct run *run, struct hs_tally *t, int r)
{
	if (!r)
		return;
	fail("writing the record in %s: %s", run->value[O_RECORD], strerror(-r));
	if (!t->broken[0])
		snprintf(t->broken, sizeof(t->broken), "the record could not be written: %s",
			 strerror(-r));
}

void hs_run_judge(struct run *run, const struct hs_tally *seen)
{
	struct hs_tally *t = &run->tally;
	struct hs_judgement *j = &run->judgement;
	int r;

	*t = *seen;
	if (run->record)
		note_record_error(run, t, hs_record_error(run->record));
	hs_verdict_judge(j, &run->info.scenario, t);
	if (run->record) {
		r = hs_record_end(run->record, t, j);
		if (r < 0 && j->verdict == HS_PASS) {
			note_record_error(run, t, r);
			hs_verdict_judge(j, &run->info.scenario, t);
		}
	}
	hs_verdict_line(j, &run->info.scenario, t, run->info.seed, run->line, sizeof(run->line));
}

void hs_run_deinit(struct run *run)
{
	hs_soak_free(run->soak);
	hs_service_free(run->service);
	sd_event_unref(run->event);
	hs_session_close(&run->session);
	hs_record_free(run->record);
	hs_target_deinit(&run->target);
	hs_blockset_deinit(&run->set);
	hs_blockset_deinit(&run->plugged);
	hs_memblk_list_deinit(&run->blocks);
}
