// SPDX-License-Identifier: GPL-2.0-only
/* The options of hotsoak run, and the scenario that they make. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "antagonist.h"
#include "cleanup.h"
#include "freer.h"
#include "nearest.h"
#include "parse.h"

const struct hs_option hs_run_options[] = {
	[O_DRY_RUN] = { "dry-run", 'n', NULL, "say what would be done, touch nothing" },
	[O_QUIET] = { "quiet", 'q', NULL, "no progress and no notes" },
	[O_JSON] = { "json", 'J', NULL, "the summary as JSON; the verdict's line goes to stderr" },
	[O_DURATION] = { "duration", 'd', "TIME", "end after so long (90s, 2h; 0: by --cycles or a signal)" },
	[O_CYCLES] = { "cycles", 'c', "N", "end after so many pairs of offline and online" },
	[O_BLOCKS] = { "blocks", 'b', "SET", "take only these blocks: 32-47,50, or all" },
	[O_NODE] = { "node", 0, "N", "take only blocks of this node" },
	[O_ZONE] = { "zone", 0, "NAME", "take blocks of this zone instead of Movable" },
	[O_POLICY] = { "policy", 'p', "NAME", "toggle, sweep or random" },
	[O_SEED] = { "seed", 's', "N", "of every random choice (default: drawn and printed)" },
	[O_LIMIT] = { "limit", 0, "TIME", "wall clock of one operation, then a signal" },
	[O_GRACE] = { "grace", 0, "TIME", "after the signal, then it counts as unanswered" },
	[O_RECORD] = { "record", 'r', "DIR", "write run.jsonl and summary.json there" },
	[O_RECORD_CYCLES] = { "record-cycles", 0, NULL, "record every operation" },
	[O_RECORD_LIMIT] = { "record-limit", 0, "BYTES", "let run.jsonl grow no larger (64M, 0: any)" },
	[O_INVARIANTS] = { "invariants", 'i', "LIST", "check only these: a,b,c or all" },
	[O_CONTROL] = { "control", 0, "NAME", "plant this fault, which must be reported" },
	[O_ALLOW] = { "allow", 0, "NAME", "let a scenario, control or antagonist that disturbs the machine run" },
	[O_NO_FREERS] = { "no-freers", 0, NULL, "only take blocks and bring them back" },
	[O_NO_WITNESS] = { "no-witness", 0, NULL, "do without the module" },
	[O_WIDEN] = { "widen", 0, "TIME", "longest delay injected into a free (0: none)" },
	[O_ANTAGONIST] = { "antagonist", 0, "LIST",
		"act with these instead: a,b,c of hotsoak(8)" },
	[O_STOP] = { "stop-on-violation", 0, NULL, "end at the first violation" },
	[O_REPLAY] = { "replay", 0, "RUNDIR", "scenario and seed of a recorded run" },
	[O_SYSROOT] = { "sysroot", 0, "DIR", "run on a captured tree, without a kernel" },
	[NR_OPTIONS] = { 0 },
};

int hs_run_option_set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct run *run = ctx;

	if (o == &hs_run_options[O_ALLOW]) {
		if (run->nr_allowed == HS_RUN_MAX_ALLOWED) {
			fail("--allow may be given %d times", HS_RUN_MAX_ALLOWED);
			return -E2BIG;
		}
		run->allowed[run->nr_allowed++] = arg;
	}
	run->value[o - hs_run_options] = arg ? arg : "";
	return 0;
}

int hs_run_bad_value(int option, const char *expected)
{
	fail("--%s: expected %s", hs_run_options[option].name, expected);
	return -EINVAL;
}

static int take_duration(const struct run *run, int option, uint64_t *ns)
{
	if (!run->value[option] || !hs_parse_duration_ns(run->value[option], ns))
		return 0;
	fail("--%s %s: expected a time such as 90s, 2h or 500ms", hs_run_options[option].name,
	     run->value[option]);
	return -EINVAL;
}

int hs_run_take_number(const struct run *run, int option, uint64_t max, uint64_t *value)
{
	if (!run->value[option] || !hs_parse_u64(run->value[option], 0, max, value))
		return 0;
	fail("--%s %s: expected a number from 0 to %" PRIu64, hs_run_options[option].name,
	     run->value[option], max);
	return -EINVAL;
}

static int offer_scenario(const char *name, const char *path, void *ctx)
{
	char *list = ctx;
	size_t len = strlen(list);

	(void)path;
	snprintf(list + len, 512 - len, "%s%s", len ? ", " : "", name);
	return 0;
}

static int load_scenario(struct hs_scenario *s, const char *name)
{
	char path[4096], err[512], known[512] = "";
	int r = hs_scenario_find(name, path, sizeof(path));

	if (r < 0) {
		hs_scenario_each(offer_scenario, known);
		fail("there is no scenario %s; known are: %s", name, known[0] ? known : "none");
		return r;
	}
	r = hs_scenario_load(s, path, err, sizeof(err));
	if (r < 0)
		fail("%s", err);
	return r;
}

static int take_replay(struct run *run)
{
	static struct hs_tally unused;
	const char *dir = run->value[O_REPLAY];
	int r = hs_record_load(dir, &run->info, &unused);

	if (r < 0)
		fail("reading %s/run.jsonl: %s: name the directory of a recorded run", dir,
		     strerror(-r));
	return r;
}

static int take_policy(struct run *run)
{
	if (!run->value[O_POLICY])
		return 0;
	for (int i = 0; hs_policy_names[i]; i++) {
		if (strcmp(hs_policy_names[i], run->value[O_POLICY]))
			continue;
		run->info.scenario.policy = (enum hs_policy)i;
		return 0;
	}
	return hs_run_bad_value(O_POLICY, hs_run_options[O_POLICY].help);
}

/* Every known name was offered to @near. */
static int unknown(const char *what, const char *name, const struct hs_nearest *near)
{
	if (hs_nearest_get(near))
		fail("there is no %s %s; did you mean %s?", what, name, hs_nearest_get(near));
	else
		fail("there is no %s %s; hotsoak(8) lists them", what, name);
	return -ENOENT;
}

static int add_antagonist(struct hs_scenario *s, const char *name)
{
	const struct hs_antagonist_desc *a = hs_antagonist_find(name);
	struct hs_nearest near;
	int r;

	if (!*name) {
		fail("--antagonist: an empty name in the list");
		return -EINVAL;
	}
	if (!a) {
		hs_nearest_init(&near, name);
		for (a = hs_antagonists; a->name; a++)
			hs_nearest_offer(&near, a->name);
		return unknown("antagonist", name, &near);
	}
	r = hs_antagonist_add(s, a->kind);
	if (r == -EDEADLK)
		fail("--antagonist %s: fifo-hog and cpu-hotplug do not go together", name);
	else if (r < 0)
		fail("--antagonist %s: %s has a say already in which block goes, and only one can",
		     name, hs_antagonist_that_acts(s)->name);
	return r;
}

/* They replace all that the scenario has. */
static int take_antagonists(struct run *run)
{
	struct hs_scenario *s = &run->info.scenario;
	_cleanup_free_ char *names = NULL;
	const struct hs_antagonist_desc *a;
	char *rest, *name;
	int r = 0;

	if (run->value[O_ANTAGONIST]) {
		s->antagonists = 0;
		rest = names = strdup(run->value[O_ANTAGONIST]);
		if (!names)
			return -ENOMEM;
	}
	while (names && !r && (name = strsep(&rest, ",")))
		r = add_antagonist(s, name);
	if (r < 0)
		return r;
	hs_for_each_antagonist(a, s)
		if (run->value[O_NO_WITNESS] && !a->is_alone) {
			fail("the antagonist %s needs the module: leave out --no-witness", a->name);
			return -EINVAL;
		}
	return 0;
}

/* Either replaces all that the scenario says of it. */
static int take_target(struct run *run)
{
	const char *set = run->value[O_BLOCKS];
	struct hs_scenario *s = &run->info.scenario;
	uint64_t node;
	int r;

	if (!set && !run->value[O_NODE])
		return 0;
	s->blocks[0] = '\0';
	s->node = -1;
	if (set && (!*set || strlen(set) >= sizeof(s->blocks))) {
		fail("--blocks: expected 1 to %zu characters such as 32-47,50, or all",
		     sizeof(s->blocks) - 1);
		return -EINVAL;
	}
	if (set)
		memcpy(s->blocks, set, strlen(set) + 1);
	r = hs_run_take_number(run, O_NODE, HS_NODE_MAX, &node);
	if (!r && run->value[O_NODE])
		s->node = (int)node;
	return r;
}

/* What was asked not to be there cannot be demanded either. */
static void leave_out(struct run *run)
{
	struct hs_scenario *s = &run->info.scenario;

	if (run->value[O_NO_WITNESS]) {
		s->needs_module = false;
		s->burst = s->contig_race = false;
		s->invariants &= ~hs_invariant_module_mask(UINT64_MAX) &
			~(UINT64_C(1) << HS_INV_ACCOUNTING | UINT64_C(1) << HS_INV_PROGRESS);
		s->expect = (struct hs_expect){ 0 };
	}
	if (run->value[O_NO_FREERS]) {
		s->burst = s->contig_race = s->hugetlb = false;
		for (int i = 0; i < HS_NR_PAGES_FREERS; i++)
			s->pages[i].on = false;
		s->invariants &= ~(UINT64_C(1) << HS_INV_CONTENTS);
		s->expect.min_e1_per_window = s->expect.min_e2_per_window = 0;
	}
}

static int take_control(struct run *run)
{
	const char *name = run->value[O_CONTROL];
	struct hs_scenario *s = &run->info.scenario;
	struct hs_nearest near;

	if (!name)
		return 0;
	run->control = hs_control_find(name);
	if (!run->control) {
		hs_nearest_init(&near, name);
		for (const struct hs_control_desc *c = hs_controls; c->name; c++)
			hs_nearest_offer(&near, c->name);
		return unknown("control", name, &near);
	}
	if (!run->control->module && run->control->breaks == UINT64_C(1) << HS_INV_CONTENTS &&
	    (run->value[O_NO_FREERS] || !hs_freers_check_contents(s))) {
		fail("--control %s needs a freer that checks contents, such as anon", name);
		return -EINVAL;
	}
	/* Only what the control breaks is armed, so that no check hides behind another. */
	s->invariants = run->control->breaks;
	if (run->control->breaks & UINT64_C(1) << HS_INV_CONTENTS && !hs_freers_check_contents(s))
		s->pages[HS_PAGES_ANON].on = true;
	return 0;
}

static int take_invariants(struct run *run)
{
	const char *list = run->value[O_INVARIANTS];

	if (!list || !hs_invariant_parse(list, &run->info.scenario.invariants))
		return 0;
	fail("--invariants %s: expected all, or some of pcp-limits,pcp-empty,no-stray,no-realloc,isolation-lifted,pairing,accounting,contents,clean-log,progress",
	     list);
	return -EINVAL;
}

static int take_seed(struct run *run)
{
	uint32_t drawn;

	if (run->value[O_SEED])
		return hs_run_take_number(run, O_SEED, UINT64_MAX, &run->info.seed);
	if (run->value[O_REPLAY])
		return 0;
	/* Short enough to be copied by hand. */
	if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
		return -errno;
	run->info.seed = drawn;
	return 0;
}

/* The scenario with all that the command line says otherwise. */
int hs_run_configure(struct run *run, const char *name)
{
	struct hs_scenario *s = &run->info.scenario;
	struct utsname u;
	uint64_t widen;
	int r;

	hs_scenario_init(s);
	if (run->value[O_REPLAY])
		r = take_replay(run);
	else
		r = load_scenario(s, name);
	if (r < 0)
		return r;
	if (run->value[O_CYCLES] && !run->value[O_DURATION])
		s->duration_ns = 0;
	widen = s->widen_max_ns;
	if ((r = take_duration(run, O_DURATION, &s->duration_ns)) < 0 ||
	    (r = take_duration(run, O_LIMIT, &s->limit_ns)) < 0 ||
	    (r = take_duration(run, O_GRACE, &s->grace_ns)) < 0 ||
	    (r = take_duration(run, O_WIDEN, &widen)) < 0 ||
	    (r = hs_run_take_number(run, O_CYCLES, UINT64_MAX, &s->cycles)) < 0 ||
	    (r = take_target(run)) < 0 || (r = take_policy(run)) < 0 ||
	    (r = take_antagonists(run)) < 0 || (r = take_control(run)) < 0 ||
	    (r = take_invariants(run)) < 0 || (r = take_seed(run)) < 0)
		return r;
	if (widen > HOTSOAK_WIDEN_MAX_NS)
		return hs_run_bad_value(O_WIDEN, "a time of at most 100ms");
	s->widen_max_ns = (uint32_t)widen;
	leave_out(run);

	if (uname(&u) < 0)
		return -errno;
	snprintf(run->info.kernel, sizeof(run->info.kernel), "%s", u.release);
	run->info.cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	return 0;
}
