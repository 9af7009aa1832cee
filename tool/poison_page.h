/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The child that has a page poisoned, a huge or a small one, and what it and the supervisor
 * say to each other.
 *
 * A process of its own, for it must outlive both the supervisor and the operator: were its
 * page given back while the block is going, the offline would take the poison along, and the
 * block could never come online again. With a small one just that is wanted: the module
 * heals it then.
 */
#ifndef HS_POISON_PAGE_H
#define HS_POISON_PAGE_H

#include <stdbool.h>
#include <stdint.h>

enum hs_poison_word {
	/* The supervisor's. */
	HS_POISON_NEXT,		/* not this one */
	HS_POISON_PIN,		/* this one: pin it, so that it stays where it is */
	HS_POISON_POISON,	/* and let go of the pin */
	HS_POISON_LATE,		/* the same, but once its block is going */
	HS_POISON_SPARE,	/* only let go of the pin */
	HS_POISON_END,		/* give all back and heal it; so does the end of the socket */

	/* The child's, in this order. */
	HS_POISON_FOUND,	/* a page of that size; asks for NEXT or PIN */
	HS_POISON_PINNED,	/* asks for POISON, LATE or SPARE */
	HS_POISON_POISONED,	/* in answer to LATE it comes behind READY */
	HS_POISON_READY,	/* its block may go: no pin is left, or none that outlasts that */
	HS_POISON_GONE,		/* the answer to END */
	HS_POISON_FAILED,
};

struct hs_poison_message {
	uint32_t word;		/* enum hs_poison_word */
	int32_t err;		/* of FAILED: a negative errno */
	uint64_t pfn;		/* of FOUND: the page; of PINNED: the small page of it to poison */
};

struct hs_poison_config {
	int node;		/* where to look first, -1: anywhere */
	uint64_t most_bytes;	/* to fault in */
	uint64_t block_pages;
	bool small;		/* no huge page */
};

/* Serves until END or the end of the socket: 0, or a negative errno. */
int hs_poison_page_serve(int fd, const struct hs_poison_config *c);

#endif
