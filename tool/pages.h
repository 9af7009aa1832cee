/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers that take pages of one kind, write them, check them and give them back: what a
 * kind of pages is, what a worker is told and what it reports.
 */
#ifndef HS_PAGES_H
#define HS_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "random.h"

/* ---- Kinds ------------------------------------------------------------------------ */

/*
 * One row for each freer whose workers have pages of one kind: its id, the end of its symbols,
 * its name (the section of a scenario), where they are (MEMORY, or FILES in a directory that
 * is named), whether the machine is ASKED for what they need, which is what, or ANY will do
 * (SETS: asked, and something is set for the run), and what is done with them.
 */
#define HS_PAGES_FREERS(X) \
	X(ANON, anon, "anon", MEMORY, ANY, NULL, \
	  "anonymous pages: munmap, MADV_DONTNEED, MADV_FREE, exit of the process") \
	X(THP, thp, "thp", MEMORY, ASKED, "transparent huge pages", \
	  "transparent huge pages, given back whole and in halves, which splits them") \
	X(TMPFS, tmpfs, "tmpfs", MEMORY, ANY, NULL, \
	  "pages of files in memory: holes punched, truncated, the last user gone") \
	X(PAGE_CACHE, page_cache, "page-cache", FILES, ASKED, "a disk", \
	  "clean pages of files on a disk: POSIX_FADV_DONTNEED, holes punched, reclaimed") \
	X(DIRTY, dirty, "dirty", FILES, ASKED, "a disk", \
	  "pages of files on a disk while they are written") \
	X(MLOCK, mlock, "mlock", MEMORY, ANY, NULL, \
	  "anonymous pages that are locked in memory") \
	X(FORK_EXIT, fork_exit, "fork-exit", MEMORY, ANY, NULL, \
	  "copies that a child process made of shared pages, and its page tables") \
	X(SWAP, swap, "swap", MEMORY, ASKED, "swap", \
	  "anonymous pages that are swapped out and in again") \
	X(KSM, ksm, "ksm", MEMORY, SETS, "KSM", \
	  "pages with the same contents, which KSM merges and frees") \
	X(MEMCG, memcg, "memcg", FILES, ASKED, "cgroup2 with the memory controller", \
	  "pages of workers in a cgroup that has less memory than they use") \
	X(MIGRATE, migrate, "migrate", MEMORY, ASKED, "two nodes with memory", \
	  "pages that move_pages() takes to the next node") \
	X(GUP_SHORT, gup_short, "gup-short", MEMORY, ANY, NULL, \
	  "pages that a pipe or an io_uring holds, and lets go in time") \
	X(PIPE, pipe, "pipe", MEMORY, ANY, NULL, \
	  "buffers of pipes; never of ZONE_MOVABLE") \
	X(SOCKET, socket, "socket", MEMORY, ANY, NULL, \
	  "buffers of sockets; never of ZONE_MOVABLE")

#define HS_PAGES_ID(id, ...)	HS_PAGES_##id,
enum hs_pages_id {
	HS_PAGES_FREERS(HS_PAGES_ID)
	HS_NR_PAGES_FREERS,
	HS_PAGES_HUGETLB = HS_NR_PAGES_FREERS,	/* of the freer hugetlb: see hugetlb.h */
	HS_NR_PAGES
};
#undef HS_PAGES_ID

struct hs_pages;

/* Pages that are alive together. The core's, but for @addr, @fd: see take(). */
struct hs_region {
	char *addr;		/* of the mapping, NULL: there is none */
	size_t bytes;		/* asked for, a multiple of the kind's unit */
	int fd, other_fd;	/* what the kind wants to keep, -1: nothing */
	pid_t pid;		/* the same, 0: nobody */
	size_t stored;		/* bytes that an unmapped kind has written */
	uint64_t key;		/* of what is written */
	int cpu;		/* where that was done */
	bool whole;		/* all of it is written, and filled() was called */
	uint8_t writes;		/* times that some of it was written, modulo 255, from 1 */
	uint8_t *written;	/* by page: by which of these; 0: given back since, or never */
};

/* What it does with them. Functions return 0 or a negative errno. */
struct hs_pages_kind {
	size_t unit;		/* a region is a multiple of it; 0: a page */

	/* Optional: can this machine, for files in @dir? As with antagonists. */
	int (*ask)(const char *root, const char *dir);
	const char *(*ask_words)(int answer);

	/* Sets @addr, a mapping of @bytes that nobody has touched, and @fd if it has one; what
	 * is set when it fails is undone. -ENOMEM and -EAGAIN: later, perhaps. */
	int (*take)(struct hs_pages *w, struct hs_region *r);
	/* Optional: all of them are written now, for the first time or again. */
	int (*filled)(struct hs_pages *w, struct hs_region *r);
	/* Optional: some of them are about to be given back. */
	void (*aimed)(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes);
	/* Gives some of them back, in one of its ways, drawn from hs_pages_random(). They must
	 * be there to be written again. */
	void (*give)(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes);
	/* Optional: more than that the mapping and the descriptors go, before. */
	void (*drop)(struct hs_pages *w, struct hs_region *r);
	/* Optional: what must be set, see struct hs_freer_desc. */
	int (*knob)(unsigned int i, const char **path, const char **value);
	/* A process that has the pages may go in their stead: they are nobody else's. */
	bool exits;
	/* What was given back comes again when it is read. */
	bool keeps;
	/* The kernel cannot move its pages: none is left for it in a block that goes. */
	bool pins;
	/* All pages of a region have the same contents. */
	bool alike;
	/* pagemap does not tell where its pages are: all of them are given back in a window. */
	bool blind;
	/* It takes half as much again of its region as others do. */
	bool copies;
	/* The workers are in the cgroup of memcg.h. */
	bool limited;
	/* Not even mapped: @addr only reserves addresses, filled() writes hs_pages_content(),
	 * and give() checks. */
	bool unmapped;
};

extern const char *const hs_pages_names[HS_NR_PAGES];
extern const struct hs_pages_kind *const hs_pages_kinds[HS_NR_PAGES];

/* ---- For kinds ------------------------------------------------------------------------ */

/* Anonymous memory of @r->bytes, with more @flags for mmap(2). */
int hs_pages_map(struct hs_region *r, int flags);

/* The same of @r->fd, shared. */
int hs_pages_map_file(struct hs_region *r);

/* For take(): anonymous memory, and no more. */
int hs_pages_take_anon(struct hs_pages *w, struct hs_region *r);

/* Unmaps a part by mapping new memory there: nobody else's may come to lie between. */
void hs_pages_unmap(char *at, size_t bytes);

/* For take(): a pipe with room for as much as @r->bytes, or as much as the machine allows;
 * it is read from @r->fd. */
int hs_pages_open_pipe(struct hs_region *r);

/* For ask() and take(): files without names, on a disk. */
int hs_pages_file_ask(const char *root, const char *dir);
int hs_pages_take_file(struct hs_pages *w, struct hs_region *r);

int hs_pages_swap_ask(const char *root, const char *dir);

/* For drop(), a file that has no name: truncated while its pages are mapped, or gone with the
 * last who has it open. */
void hs_pages_drop_file(struct hs_pages *w, struct hs_region *r);

/* Addresses that nothing else is mapped to, of @r->bytes. */
int hs_pages_reserve(struct hs_region *r);

/* What page @number of a region is to have in it, into @page. */
void hs_pages_content(const struct hs_pages *w, const struct hs_region *r, size_t number,
		      void *page);

/* Checks that @page, which was page @number, has it yet. */
void hs_pages_compare(struct hs_pages *w, const struct hs_region *r, size_t number,
		      const void *page);

size_t hs_pages_page(const struct hs_pages *w);		/* bytes */
struct hs_random *hs_pages_random(struct hs_pages *w);
const char *hs_pages_directory(const struct hs_pages *w);

/* ---- A worker -------------------------------------------------------------------------- */

struct hs_pages_config {
	enum hs_pages_id kind;
	int node;		/* where its memory is to lie, -1: anywhere */
	uint64_t seed;
	uint64_t bytes;		/* in use at a time, at most */
	bool corrupt;		/* flip one byte, once, before it is checked */
	const char *directory;	/* for files */
};

enum hs_pages_order_type {
	HS_PAGES_AIM,		/* keep what lies in the range, which is to go; say READY */
	HS_PAGES_GO,		/* it goes: give that back, in time */
	HS_PAGES_DROP,		/* it stayed: as before */
};

/* One message each, of a socket of whole messages. */
struct hs_pages_order {
	uint32_t type;		/* enum hs_pages_order_type */
	uint32_t spread_ns;	/* GO: a random part of it before */
	uint64_t at_ns;		/* GO: CLOCK_MONOTONIC, when to begin at the latest */
	uint64_t start_pfn, nr_pages;	/* AIM */
};

enum hs_pages_report_type { HS_PAGES_PROGRESS, HS_PAGES_MISMATCH, HS_PAGES_READY };

struct hs_pages_report {
	uint32_t type;		/* enum hs_pages_report_type */
	uint32_t reserved;
	uint64_t checked;	/* pages, since the last report */
	uint64_t freed;		/* pages, of any block and at any time */
	uint64_t aimed;		/* pages that lay in a range that was to go, or may have */
	uint64_t in_time;	/* of these, given back as its isolation was due */
	uint64_t sigbus;	/* for a huge page that was reserved: see hugetlb.h */
	uint64_t fixed_buffers;	/* pages that were registered as such, see pages_gup_short.c */
	uint64_t resizes;	/* of the pool of huge pages, by who does that */
	uint64_t addr, found, expected;	/* of a mismatch */
	uint64_t start_pfn;		/* READY: of the order */
};

/* Works until @fd is closed at the other end: 0, or a negative errno. */
int hs_pages_work(int fd, const struct hs_pages_config *c);

#endif
