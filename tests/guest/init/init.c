// SPDX-License-Identifier: GPL-2.0-only
/*
 * Of a guest: prepares it, runs the command, reports. It is PID 1; with --systemd
 * it prepares as PID 1, becomes systemd and does the rest as a service of that.
 *
 * The files beside it: machine.c (what PID 1 prepares), command.c, out.c (what
 * comes back from /out), port.c.
 *
 * Why not a shell script: the heartbeat must go on while memory is short, so
 * nothing here forks or allocates once the command runs, and all of it is
 * locked in memory.
 *
 * The ports, each a stream of its own that tests/guest/run connects to a file:
 *
 *   /dev/ttyS1      lines to the launcher:
 *                     boot RELEASE      init is there
 *                     run               the command is started next
 *                     beat              every two seconds
 *                     exit N            the command ended (128+signal if killed)
 *                     out N             /out was sent, tar ended with N
 *                     end               nothing follows, the guest goes down
 *                     broken WORDS      the guest cannot be used
 *                   and these from who runs in the guest:
 *                     plug SIZE         the requested-size of --virtio-mem
 *                     balloon SIZE      the size of the --balloon
 *                   bytes from the launcher:
 *                     I                 SIGINT to the command
 *                     T                 SIGTERM to the command
 *                     W                 blocked tasks to the console
 *   hotsoak.stdout  of the command
 *   hotsoak.stderr  of the command
 *   hotsoak.record  /out/run.jsonl as it grows: what was recorded before a
 *                   guest died must survive it
 *   hotsoak.out     a tar of /out at the end
 *
 * The serial line is slow but needs no memory and hardly any kernel, so it has
 * what must arrive; virtio ports are fast and have the rest. A write to them
 * returns when the launcher's side has taken the data.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "command.h"
#include "machine.h"
#include "out.h"
#include "port.h"

static void prepare(void)
{
	struct utsname name;

	machine_mount();
	control_open();
	uname(&name);
	tell("boot %s", name.release);
	machine_prepare();
	machine_become_systemd();
}

int main(void)
{
	umask(022);
	setenv("PATH", "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", 1);
	setenv("HOME", "/root", 1);
	setenv("HOTSOAK_GUEST", "1", 1);
	unsetenv("TERM");
	if (getpid() == 1)
		prepare();
	else
		control_open();
	ports_open();
	tell("exit %d", command_run());
	tell("out %d", out_send());
	tell("end");
	go_down();
}
