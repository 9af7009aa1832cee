/* SPDX-License-Identifier: GPL-2.0-only */
/* The worker processes of a freer: each is a hidden command of this binary. */
#ifndef HS_WORKERS_H
#define HS_WORKERS_H

#include "freer.h"

#define HS_WORKER_WORDS		9
#define HS_WORKER_WORD_BYTES	384	/* a path below a root */

struct hs_workers;

/*
 * Fills @word with the command line of worker @number in its life number @life, up to the
 * first that is empty. HS_CHILD_FD is where it reports to, see anon.h. 0 or an errno.
 */
typedef int hs_worker_command_fn(const struct hs_freer_env *env, unsigned int number,
				 unsigned int life, uint64_t seed,
				 char word[][HS_WORKER_WORD_BYTES]);

/* That of a worker that churns memory, @bytes of it in small or @huge pages; 0. */
int hs_workers_churn(const struct hs_freer_env *env, unsigned int number, unsigned int life,
		     uint64_t seed, uint64_t bytes, bool huge,
		     char word[][HS_WORKER_WORD_BYTES]);

/* @name is that of the freer. One that dies is started again, not for ever. */
int hs_workers_start(const struct hs_freer_env *env, const char *name, unsigned int nr,
		     hs_worker_command_fn *command, struct hs_workers **workers);

/* Kills and frees. False: one is in the kernel yet, with all that it has. */
bool hs_workers_stop(struct hs_workers *workers);

#endif
