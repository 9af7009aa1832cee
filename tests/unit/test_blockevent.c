// SPDX-License-Identifier: GPL-2.0-only
/* Uevents of memory blocks: what the kernel sends, and what it never would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blockevent.h"

#define HEAD	"offline@/devices/system/memory/memory32\0"
#define PATH	"DEVPATH=/devices/system/memory/memory32\0"
#define REST	"SUBSYSTEM=memory\0SEQNUM=1234\0"

/* Of exactly so many bytes, for a sanitizer to see one that is read beyond. */
static int parse(const char *text, size_t bytes, struct hs_blockevent *e)
{
	char *message = malloc(bytes ? bytes : 1);
	int r;

	assert_non_null(message);
	memcpy(message, text, bytes);
	r = hs_blockevent_parse(message, bytes, e);
	free(message);
	return r;
}

/* A literal has a NUL of its own at its end, which is not the message's. */
#define PARSE(text, e)	parse(text, sizeof(text) - 1, e)

static void takes_those_of_blocks(void **state)
{
	struct hs_blockevent e = { 0 };

	assert_int_equal(PARSE(HEAD "ACTION=offline\0" PATH REST, &e), 1);
	assert_int_equal(e.block, 32);
	assert_int_equal(e.kind, HS_BLOCKEVENT_OFFLINE);
	assert_int_equal(PARSE("online@/devices/system/memory/memory0\0ACTION=online\0"
			       "DEVPATH=/devices/system/memory/memory0\0" REST, &e), 1);
	assert_int_equal(e.block, 0);
	assert_int_equal(e.kind, HS_BLOCKEVENT_ONLINE);
	assert_int_equal(PARSE(HEAD "ACTION=add\0" PATH REST, &e), 1);
	assert_int_equal(e.kind, HS_BLOCKEVENT_PLUG);
	assert_int_equal(PARSE(HEAD "ACTION=remove\0" PATH REST, &e), 1);
	assert_int_equal(e.kind, HS_BLOCKEVENT_PLUG);
}

static void passes_over_others(void **state)
{
	struct hs_blockevent e;

	/* Somebody's write to the file `uevent', with an identifier of his or without. */
	assert_int_equal(PARSE(HEAD "ACTION=offline\0" PATH "SUBSYSTEM=memory\0SYNTH_UUID=0\0SEQNUM=7\0", &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0" PATH "SYNTH_UUID=6a62fc4b-0000-4000-8000-000000000000\0" REST, &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=change\0" PATH REST, &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offlined\0" PATH REST, &e), 0);
	assert_int_equal(PARSE("offline@/devices/system/cpu/cpu1\0ACTION=offline\0"
			       "DEVPATH=/devices/system/cpu/cpu1\0SUBSYSTEM=cpu\0SEQNUM=7\0", &e), 0);
	/* The path of one, but not of its subsystem, and the other way round. */
	assert_int_equal(PARSE(HEAD "ACTION=offline\0" PATH "SUBSYSTEM=memory_tiering\0", &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0DEVPATH=/devices/system/memory\0" REST, &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0DEVPATH=/devices/system/memory/memory\0" REST, &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0DEVPATH=/devices/system/memory/memory3x\0" REST, &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0DEVPATH=/devices/system/memory/memory32/x\0" REST, &e), 0);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0DEVPATH=/devices/system/memory/memory4294967296\0" REST, &e), 0);
}

static void refuses_what_is_none(void **state)
{
	static const char whole[] = HEAD "ACTION=offline\0" PATH REST;
	struct hs_blockevent e;

	assert_int_equal(parse("", 0, &e), -EBADMSG);
	assert_int_equal(PARSE("\0", &e), -EBADMSG);
	assert_int_equal(PARSE("libudev\0", &e), -EBADMSG);
	assert_int_equal(PARSE(HEAD, &e), -EBADMSG);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0" REST, &e), -EBADMSG);
	assert_int_equal(PARSE(HEAD PATH REST, &e), -EBADMSG);
	assert_int_equal(PARSE(HEAD "ACTION=offline\0" PATH, &e), -EBADMSG);
	/* Keys that only begin or end like one. */
	assert_int_equal(PARSE(HEAD "ACTION=offline\0OLDDEVPATH=/x\0DEVPATH\0" REST, &e), -EBADMSG);
	/* Cut anywhere before its last key it is none; within that, it has no NUL at its end. */
	for (size_t bytes = 0; bytes + sizeof("SEQNUM=1234") < sizeof(whole) - 1; bytes++)
		assert_int_equal(parse(whole, bytes, &e), -EBADMSG);
	assert_int_equal(parse(whole, sizeof(whole) - 2, &e), -EBADMSG);
}

static struct hs_blockevent heard[4];
static size_t nr_heard;

static void hear(const struct hs_blockevent *e, void *ctx)
{
	assert_ptr_equal(ctx, heard);
	assert_in_range(nr_heard, 0, 3);
	heard[nr_heard++] = *e;
}

static void say(int fd, const char *text, size_t bytes)
{
	assert_int_equal(send(fd, text, bytes, 0), bytes);
}

/* What has no sender's number is the kernel's, and so it is here. */
static void drains(void **state)
{
	static const char one[] = HEAD "ACTION=offline\0" PATH REST;
	static const char other[] = HEAD "ACTION=change\0" PATH REST;
	char large[9000] = HEAD;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fd), 0);
	nr_heard = 0;
	assert_int_equal(hs_blockevent_drain(fd[0], hear, heard), 0);
	say(fd[1], one, sizeof(one) - 1);
	say(fd[1], other, sizeof(other) - 1);
	say(fd[1], one, sizeof(one) - 1);
	assert_int_equal(hs_blockevent_drain(fd[0], hear, heard), 0);
	assert_int_equal(nr_heard, 2);
	assert_int_equal(heard[1].block, 32);
	/* One that is not whole may have been any. */
	say(fd[1], one, sizeof(one) - 3);
	assert_int_equal(hs_blockevent_drain(fd[0], hear, heard), -ENOBUFS);
	say(fd[1], large, sizeof(large));
	assert_int_equal(hs_blockevent_drain(fd[0], hear, heard), -ENOBUFS);
	assert_int_equal(nr_heard, 2);
	close(fd[0]);
	close(fd[1]);
	assert_int_equal(hs_blockevent_drain(-1, hear, heard), -ENOBUFS);
}

static void hears_the_kernel(void **state)
{
	int fd = hs_blockevent_open();

	/* Not in every container. */
	if (fd < 0)
		skip();
	nr_heard = 0;
	assert_int_equal(hs_blockevent_drain(fd, hear, heard), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_those_of_blocks),
		cmocka_unit_test(passes_over_others),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(drains),
		cmocka_unit_test(hears_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
