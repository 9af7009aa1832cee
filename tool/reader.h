/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reader: a child that reads the files of memory blocks again and again, those of the
 * block that is about to go every second time, and looks whether they say what they may.
 *
 * It shares memory with the supervisor, for it reads far more often than anybody could be
 * told of one by one.
 */
#ifndef HS_READER_H
#define HS_READER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "memblk.h"

#define HS_READER_SAMPLES 4096
#define HS_READER_NO_BLOCK UINT64_MAX

/* A `state' of the block that was aimed at, other than going-offline. */
struct hs_reader_sample {
	uint64_t start_ns, end_ns;	/* CLOCK_MONOTONIC, around open, read and close */
	uint64_t block;
};

/* Written by the child, but for block. */
struct hs_reader_shared {
	_Atomic uint64_t block;		/* the one to read most */
	_Atomic uint64_t reads;		/* of files, in all */
	_Atomic uint64_t going;		/* reads of that block's state: going-offline */
	_Atomic uint64_t unsound;	/* that failed, or gave what such a file never says */
	_Atomic uint64_t nr_samples;	/* ever; those before the last HS_READER_SAMPLES are gone */
	struct hs_reader_sample sample[HS_READER_SAMPLES];
	char text[160];			/* the first that was unsound, whole once that is counted */
};

struct hs_reader {
	pid_t pid;		/* 0: none */
	struct hs_reader_shared *shared;
};

enum hs_reader_file {
	HS_READER_STATE,
	HS_READER_ZONES,
	HS_READER_REMOVABLE,
	HS_READER_PHYS_INDEX,
	HS_READER_NR_FILES
};

extern const char *const hs_reader_file_names[HS_READER_NR_FILES];

/* May this file of a block say that? */
bool hs_reader_is_sound(enum hs_reader_file file, const char *text);

/* All zero is one that was not started. @root NULL or "": the running system. */
int hs_reader_start(struct hs_reader *r, const char *root);
void hs_reader_stop(struct hs_reader *r);

void hs_reader_aim(struct hs_reader *r, unsigned long block);

/* Reads of that block's state that began and ended between the two, and did not say
 * going-offline; those that are still known. */
uint64_t hs_reader_wrong(const struct hs_reader *r, unsigned long block, uint64_t from_ns,
			 uint64_t to_ns);

/* The child: @fd is the memory that it shares. Returns only when it cannot. */
int hs_reader_work(int fd, const char *root);

#endif
