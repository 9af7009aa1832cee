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
 * first that is empty. HS_CHILD_FD is a socket, see pages.h. 0 or an errno.
 */
typedef int hs_worker_command_fn(const struct hs_freer_env *env, enum hs_pages_id kind,
				 unsigned int number, unsigned int life, uint64_t seed,
				 char word[][HS_WORKER_WORD_BYTES]);

/* That of a worker with pages of a kind, @bytes of them at most; 0. */
int hs_workers_pages(const struct hs_freer_env *env, enum hs_pages_id kind, unsigned int number,
		     unsigned int life, uint64_t seed, uint64_t bytes, const char *directory,
		     char word[][HS_WORKER_WORD_BYTES]);

/* Their figures go to that tally of @env which is @kind's. One that dies is started again, not
 * for ever. */
int hs_workers_start(const struct hs_freer_env *env, enum hs_pages_id kind, unsigned int nr,
		     hs_worker_command_fn *command, struct hs_workers **workers);

/* Tells all of them. One that does not listen is left out: it is late anyhow. */
void hs_workers_order(struct hs_workers *workers, const struct hs_pages_order *order);

/* Until all have said that they are ready for what they were told last, or @until_ns, of
 * CLOCK_MONOTONIC, at most. */
void hs_workers_await(struct hs_workers *workers, uint64_t until_ns);

/* Kills and frees. False: one is in the kernel yet, with all that it has, which is noted. */
bool hs_workers_stop(struct hs_workers *workers);

#endif
