// SPDX-License-Identifier: GPL-2.0-only
/* The freer anon-churn: processes with anonymous memory. */
#include "freer.h"

#include "workers.h"

static int anon_command(const struct hs_freer_env *env, unsigned int number, unsigned int life,
			uint64_t seed, char word[][HS_WORKER_WORD_BYTES])
{
	return hs_workers_churn(env, number, life, seed, env->scenario->anon_bytes, false, word);
}

static bool anon_is_wanted(const struct hs_scenario *s)
{
	return s->anon && s->anon_workers;
}

static int anon_start(const struct hs_freer_env *env, void **state)
{
	return hs_workers_start(env, "anon-churn", env->scenario->anon_workers, anon_command,
				(struct hs_workers **)state);
}

static void anon_stop(void *state)
{
	hs_workers_stop(state);
}

const struct hs_freer_desc hs_freer_anon = {
	.name = "anon-churn",
	.summary = "processes fault memory in on one CPU, check it and give it back from another",
	.is_wanted = anon_is_wanted,
	.start = anon_start,
	.stop = anon_stop,
};
