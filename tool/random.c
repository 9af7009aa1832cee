// SPDX-License-Identifier: GPL-2.0-only
/* xoshiro256** seeded by splitmix64 (Blackman and Vigna, public domain algorithms). */
#include "random.h"

static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

void hs_random_init(struct hs_random *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix64(&seed);
}

uint64_t hs_random_u64(struct hs_random *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

uint64_t hs_random_below(struct hs_random *r, uint64_t n)
{
	uint64_t v, reject;

	if (!n)
		return 0;
	/* The lowest 2^64 mod n values would make small results more likely. */
	reject = -n % n;
	do
		v = hs_random_u64(r);
	while (v < reject);
	return v % n;
}

uint64_t hs_random_derive(uint64_t seed, uint64_t k)
{
	uint64_t x = seed ^ splitmix64(&k);

	return splitmix64(&x);
}
