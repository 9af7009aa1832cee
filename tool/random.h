/* SPDX-License-Identifier: GPL-2.0-only */
/* A seeded generator of our own: the same seed gives the same run everywhere. */
#ifndef HS_RANDOM_H
#define HS_RANDOM_H

#include <stdint.h>

struct hs_random { uint64_t s[4]; };

/* Any @seed is good, 0 too: the state is filled by splitmix64. */
void hs_random_init(struct hs_random *r, uint64_t seed);

uint64_t hs_random_u64(struct hs_random *r);

/* 0 .. @n - 1, every value equally likely; 0 when @n is 0. */
uint64_t hs_random_below(struct hs_random *r, uint64_t n);

/* A seed for an actor of its own: actor @k's choices do not move actor k+1's. */
uint64_t hs_random_derive(uint64_t seed, uint64_t k);

#endif
