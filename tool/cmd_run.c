// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak run: a soak in the foreground. */
#include "cmd_run.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "antagonist.h"
#include "cleanup.h"
#include "conductor.h"
#include "freer.h"
#include "parse.h"
#include "report_text.h"

#define DEFAULT_SCENARIO	"offline-soak"
#define PLAIN_SECONDS		5	/* between lines where there is no terminal */
#define PLAN_STEPS		10
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
	r = hs_target_init(&run->target, &run->blocks, &wish, err, sizeof(err));
	if (r < 0)
		fail("%s", err);
	return r;
}

/* ---- Dry run -------------------------------------------------------------------- */

static void print_plan(struct run *run)
{
	const struct hs_scenario *s = &run->info.scenario;
	struct hs_conductor c;
	struct hs_step step;

	printf("scenario %s, seed %" PRIu64 ", policy %s\nblocks", s->name, run->info.seed,
	       hs_policy_names[s->policy]);
	for (size_t i = 0; i < run->target.nr; i++)
		printf(" %lu", run->target.blk[i]->index);
	printf("\nfreers");
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++)
		if ((*f)->is_wanted(s))
			printf(" %s", (*f)->name);
	if (hs_antagonist_of(s->hold))
		printf("\nantagonist %s: %s", hs_antagonist_of(s->hold)->name,
		       hs_antagonist_of(s->hold)->summary);
	printf("\ninvariants");
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (s->invariants & UINT64_C(1) << i)
			printf(" %s", hs_invariants[i].id);
	if (run->control)
		printf("\ncontrol %s: %s", run->control->name, run->control->summary);
	printf("\nfirst operations\n");
	if (hs_conductor_init(&c, s->policy, run->info.seed, run->target.blk, run->target.nr) < 0)
		return;
	for (int i = 0; i < PLAN_STEPS && !hs_conductor_next(&c, true, &step); i++) {
		printf("  %-14s > memory%lu/state\n", hs_word_names[step.word],
		       c.blk[step.at].index);
		hs_conductor_done(&c, &step, HS_OUTCOME_OK, step.op == HS_OP_OFFLINE ?
				  HS_MEMBLK_OFFLINE : HS_MEMBLK_ONLINE);
	}
	hs_conductor_deinit(&c);
}

/* ---- Progress -------------------------------------------------------------------- */

static void line_close(struct run *run)
{
	if (run->line_open)
		fputc('\n', stderr);
	run->line_open = false;
}

static void on_progress(const struct hs_progress *p, void *ctx)
{
	struct run *run = ctx;
	char line[320];

	if (run->service)
		hs_service_progress(run->service, p);
	if (run->value[O_QUIET])
		return;
	if (!run->terminal && run->seconds++ % PLAIN_SECONDS)
		return;
	hs_report_progress(p, line, sizeof(line));
	if (run->terminal)
		fprintf(stderr, "\r\033[K%s", line);
	else
		fprintf(stderr, "%s\n", line);
	run->line_open = run->terminal;
}

static void on_state(const struct hs_progress *p, void *ctx)
{
	line_close(ctx);
	hs_report_state(stderr, p);
}

static void on_note(const char *what, const char *text, void *ctx)
{
	struct run *run = ctx;

	if (run->value[O_QUIET])
		return;
	line_close(run);
	fprintf(stderr, "%s: %s\n", what, text);
}

static void on_violation(enum hs_invariant inv, const char *text, void *ctx)
{
	line_close(ctx);
	fprintf(stderr, "VIOLATION %s: %s\n", hs_invariants[inv].id, text);
}

static void on_ended(void *ctx)
{
	struct run *run = ctx;

	line_close(run);
	sd_event_exit(run->event, 0);
}

/* ---- The run ---------------------------------------------------------------------- */

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

static int conclude(struct run *run, const struct hs_tally *seen)
{
	const struct hs_tally *t = &run->tally;
	const struct hs_judgement *j = &run->judgement;

	hs_run_judge(run, seen);
	if (run->service)
		hs_service_ended(run->service, j, run->line);
	if (run->value[O_JSON]) {
		struct json_object *o = hs_summary_to_json(&run->info, t, j);

		printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
		json_object_put(o);
		fprintf(stderr, "%s\n", run->line);
	} else {
		/* Nothing to sum up when nothing ran. */
		if (t->ended)
			hs_report_summary(stdout, &run->info, t, j);
		printf("%s\n", run->line);
	}
	fflush(stdout);
	return hs_verdict_status[j->verdict];
}

/* Could not run here: one line why, and the verdict's. */
static int conclude_skip(struct run *run, const char *why)
{
	static struct hs_tally t;

	t.restored = true;
	snprintf(t.skip, sizeof(t.skip), "%s", why);
	fail("%s", why);
	return conclude(run, &t);
}

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

static int signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

int hs_run_start(struct run *run, const struct hs_soak_callbacks *callbacks, void *ctx,
		 bool signals)
{
	struct hs_soak_config c = {
		.info = &run->info,
		.sysroot = run->value[O_SYSROOT],
		.block_bytes = run->blocks.block_bytes,
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

/* Without the socket the run is just one that nobody else sees. */
static int service_open(struct run *run)
{
	const struct hs_service_config c = {
		.sysroot = run->value[O_SYSROOT], .mode = "foreground",
	};
	int r = hs_service_new(&run->service, run->event, &c);

	if (r == -EADDRINUSE) {
		fail("a daemon or another run has the control socket: see hotsoak status, and start this soak by hotsoak start");
		return r;
	}
	if (r < 0 && !run->value[O_QUIET])
		fprintf(stderr, "hotsoak: no control socket in %s/run/hotsoak: %s: hotsoak status will not see this run\n",
			run->value[O_SYSROOT] ? run->value[O_SYSROOT] : "", strerror(-r));
	return 0;
}

static int soak(struct run *run)
{
	static const struct hs_soak_callbacks callbacks = {
		on_progress, on_state, on_note, on_violation, on_ended,
	};
	struct hs_service_run served;
	const struct hs_tally *t;
	int r = signals_block();

	if (r >= 0)
		r = sd_event_new(&run->event);
	if (r < 0) {
		fail("setting up the run: %s", strerror(-r));
		return HS_EXIT_BROKEN;
	}
	if (service_open(run) < 0)
		return HS_EXIT_BROKEN;
	r = hs_run_start(run, &callbacks, run, true);
	if (r < 0)
		return run->soak ? conclude(run, hs_soak_tally(run->soak)) : HS_EXIT_BROKEN;
	t = hs_soak_tally(run->soak);
	if (run->service) {
		served = hs_run_served(run);
		hs_service_began(run->service, &served);
	}
	if (!run->value[O_QUIET])
		fprintf(stderr, "hotsoak: %s, seed %" PRIu64 ", %zu blocks%s%s\n",
			run->info.scenario.name, run->info.seed, run->target.nr,
			run->control ? ", control " : "", run->control ? run->control->name : "");
	r = sd_event_loop(run->event);
	if (r < 0)
		fail("the event loop: %s", strerror(-r));
	return conclude(run, t);
}

int hs_run_prepare(struct run *run, const char *name)
{
	bool may_touch = !run->value[O_DRY_RUN] && (!geteuid() || run->value[O_SYSROOT]);
	const struct hs_antagonist_desc *antagonist;
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
	antagonist = hs_antagonist_of(run->info.scenario.hold);
	if (antagonist) {
		r = check_danger(run, "antagonist", antagonist->name, antagonist->danger);
		if (r < 0)
			return r;
	}
	r = choose_check(run);
	if (r >= 0 && may_touch)
		r = session_open(run);
	return r < 0 ? r : choose_blocks(run);
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
	hs_memblk_list_deinit(&run->blocks);
}

static int run_checked(struct run *run, const char *name)
{
	if (hs_run_prepare(run, name) < 0)
		return HS_EXIT_BROKEN;
	if (run->value[O_DRY_RUN]) {
		print_plan(run);
		return HS_EXIT_PASS;
	}
	if (geteuid() && !run->value[O_SYSROOT])
		return conclude_skip(run, "not root: taking memory blocks needs CAP_SYS_ADMIN, run it with sudo");
	return soak(run);
}

static int run_main(int argc, char **argv)
{
	static struct run run;
	int operand = hs_command_parse(&hs_cmd_run, argc, argv, hs_run_option_set, &run), status;

	if (operand < 0)
		return HS_EXIT_BROKEN;
	if (argc - operand > 1 || (argc > operand && run.value[O_REPLAY])) {
		fail("%s: one scenario at a time", argv[argc - 1]);
		return HS_EXIT_BROKEN;
	}
	run.info.argc = argc;
	run.info.argv = argv;
	run.terminal = isatty(STDERR_FILENO);
	status = run_checked(&run, argc > operand ? argv[operand] : DEFAULT_SCENARIO);

	hs_run_deinit(&run);
	return status;
}

const struct hs_command hs_cmd_run = {
	.name = "run",
	.args = "[SCENARIO]",
	.summary = "Take memory blocks away and bring them back while pages are freed",
	.options = hs_run_options,
	.main = run_main,
};
