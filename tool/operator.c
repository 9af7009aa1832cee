// SPDX-License-Identifier: GPL-2.0-only
/* The operator, both ends of its socket. */
#include "operator.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "child.h"
#include "cleanup.h"
#include "clock.h"
#include "lock.h"

#define LIMIT_SIGNAL SIGUSR2

const char *const hs_word_names[HS_NR_WORDS] = {
	[HS_WORD_OFFLINE] = "offline",
	[HS_WORD_ONLINE] = "online",
	[HS_WORD_ONLINE_MOVABLE] = "online_movable",
	[HS_WORD_ONLINE_KERNEL] = "online_kernel",
};

/* ---- The supervisor's end ------------------------------------------------ */

static int operator_spawn(struct hs_operator *o)
{
	char *argv[] = { "hotsoak", "operator", "3", o->sysroot, NULL };
	_cleanup_close_ int theirs = -1;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	theirs = pair[1];
	r = hs_child_spawn_self(argv, theirs, -1000, &o->pid);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	o->fd = pair[0];
	return 0;
}

int hs_operator_init(struct hs_operator *o, const char *sysroot)
{
	memset(o, 0, sizeof(*o));
	o->fd = -1;
	o->seq = 1;
	if (sysroot) {
		if (strlen(sysroot) >= sizeof(o->sysroot))
			return -ENAMETOOLONG;
		memcpy(o->sysroot, sysroot, strlen(sysroot) + 1);
	}
	return operator_spawn(o);
}

int hs_operator_deinit(struct hs_operator *o)
{
	int r = 0;

	if (o->pid) {
		close(o->fd);
		r = hs_child_kill(o->pid, 200);
	}
	o->fd = -1;
	o->pid = 0;
	return r;
}

int hs_operator_respawn(struct hs_operator *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	o->pid = 0;
	return operator_spawn(o);
}

int hs_operator_request(struct hs_operator *o, const struct hs_operator_step *step,
			unsigned int nr, uint64_t budget_ns, uint32_t *seq)
{
	struct hs_operator_request req = {
		.seq = o->seq, .nr = nr, .budget_ns = budget_ns,
	};

	if (!nr || nr > HS_OPERATOR_STEPS)
		return -EINVAL;
	if (!o->pid)
		return -EPIPE;
	memcpy(req.step, step, nr * sizeof(*step));
	if (send(o->fd, &req, sizeof(req), MSG_NOSIGNAL) != sizeof(req))
		return -errno;
	*seq = o->seq;
	o->seq += HS_OPERATOR_STEPS;
	return 0;
}

int hs_operator_answer(struct hs_operator *o, struct hs_operator_answer *a)
{
	ssize_t n = recv(o->fd, a, HS_OPERATOR_STEPS * sizeof(*a), MSG_DONTWAIT);

	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (!n)
		return -EPIPE;
	return n % (ssize_t)sizeof(*a) ? -EPROTO : (int)(n / (ssize_t)sizeof(*a));
}

int hs_operator_interrupt(struct hs_operator *o, uint32_t seq)
{
	const union sigval v = { .sival_int = (int)seq };

	if (!o->pid)
		return -ESRCH;
	return sigqueue(o->pid, LIMIT_SIGNAL, v) < 0 ? -errno : 0;
}

/* ---- The child's end ----------------------------------------------------- */

static volatile sig_atomic_t caught_seq;
static volatile sig_atomic_t caught_timer_seq;	/* of those that no supervisor sent */

static void limit_handler(int sig, siginfo_t *info, void *ucontext)
{
	(void)sig;
	(void)ucontext;
	caught_seq = info->si_value.sival_int;
	if (info->si_code == SI_TIMER)
		caught_timer_seq = info->si_value.sival_int;
}

static enum hs_memblk_state read_state(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return HS_MEMBLK_UNKNOWN;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (int s = 0; s < HS_MEMBLK_UNKNOWN; s++)
		if (!strcmp(text, hs_memblk_state_name((enum hs_memblk_state)s)))
			return (enum hs_memblk_state)s;
	return HS_MEMBLK_UNKNOWN;
}

/*
 * The limit signal is never blocked: that would cost two system calls a write.
 * It carries the number of the request that it is meant for; one that comes late,
 * for an earlier one, only repeats a write or a wait. One that comes before the
 * write has begun is lost, and the supervisor sends it again.
 */
static int write_state(int fd, const char *text, uint32_t request)
{
	ssize_t n;

	do {
		caught_seq = caught_timer_seq = 0;
		n = write(fd, text, strlen(text));
	} while (n < 0 && errno == EINTR && caught_seq && (uint32_t)caught_seq != request);
	return n < 0 ? -errno : 0;
}

/* Carries the number of its request, as the supervisor's signal does, so that one which
 * comes after its write is no more than a late one. */
static int timer_start(timer_t *timer, uint64_t due_ns, uint32_t request)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = LIMIT_SIGNAL,
		.sigev_value.sival_int = (int)request,
	};
	const struct itimerspec due = {
		.it_value = { .tv_sec = (time_t)(due_ns / 1000000000),
			      .tv_nsec = (long)(due_ns % 1000000000) },
	};

	if (timer_create(CLOCK_MONOTONIC, &event, timer) < 0)
		return -errno;
	if (timer_settime(*timer, TIMER_ABSTIME, &due, NULL) == 0)
		return 0;
	timer_delete(*timer);
	return -EINVAL;
}

/* The write, with a signal under way to it. What came before the kernel was entered, or
 * once it was left, is spent, and counts as none. */
static void write_signalled(int fd, const char *text, const struct hs_operator_step *step,
			    uint32_t request, struct hs_operator_answer *a)
{
	uint64_t due_ns = a->start_ns + step->signal_after_ns;
	timer_t timer;
	int r = timer_start(&timer, due_ns, request);

	a->err = write_state(fd, text, request);
	a->end_ns = hs_clock_ns();
	/* No timer, no signal: the answer says so. */
	if (r < 0)
		return;
	if ((uint32_t)caught_timer_seq == request && due_ns < a->end_ns)
		a->signal_ns = due_ns;
	timer_delete(timer);
}

static void take_step(const struct hs_memblk_list *root, const struct hs_operator_step *step,
		      uint32_t request, struct hs_operator_answer *a)
{
	bool fake = root->sysroot[0];
	const char *text = hs_word_names[step->word];
	_cleanup_close_ int fd = -1;
	char path[512];

	a->state = HS_MEMBLK_UNKNOWN;
	a->start_ns = a->end_ns = hs_clock_ns();
	a->err = hs_memblk_path(root, step->block, "state", path, sizeof(path));
	if (a->err < 0)
		return;
	/* Read back through the same descriptor: one open for both. */
	do
		fd = open(path, O_RDWR | O_CLOEXEC | (fake ? O_TRUNC : 0));
	while (fd < 0 && errno == EINTR);
	if (fd < 0) {
		a->err = -errno;
		return;
	}
	/* No kernel behind a captured tree: leave there what it would show. */
	if (fake && step->word != HS_WORD_OFFLINE)
		text = hs_word_names[HS_WORD_ONLINE];

	a->start_ns = hs_clock_ns();
	if (step->signal_after_ns) {
		write_signalled(fd, text, step, request, a);
	} else {
		a->err = write_state(fd, text, request);
		a->end_ns = hs_clock_ns();
	}
	a->state = read_state(fd);
}

/* Step @i has ended as @a says: does the next follow at once? */
static bool step_is_followed(const struct hs_operator_request *req, uint32_t i,
			     const struct hs_operator_answer *a, uint64_t began_ns)
{
	const struct hs_operator_step *step = &req->step[i];
	enum hs_memblk_state want = step->word == HS_WORD_OFFLINE ? HS_MEMBLK_OFFLINE :
								    HS_MEMBLK_ONLINE;

	if (i + 1 == req->nr || a->err || a->state != want ||
	    a->end_ns - a->start_ns > step->hurry_ns)
		return false;
	return !req->budget_ns || step[1].word != HS_WORD_OFFLINE ||
		a->end_ns - began_ns <= req->budget_ns;
}

static int serve_request(int fd, const struct hs_memblk_list *root,
			 const struct hs_operator_request *req)
{
	struct hs_operator_answer a[HS_OPERATOR_STEPS];
	uint32_t nr = 0;
	bool more = true;

	memset(a, 0, sizeof(a));
	for (uint32_t i = 0; more; i++) {
		size_t bytes;
		ssize_t n;

		a[nr].seq = req->seq + i;
		take_step(root, &req->step[i], req->seq, &a[nr]);
		more = step_is_followed(req, i, &a[nr], a[0].start_ns);
		a[nr++].more = more;
		if (more && req->budget_ns)
			continue;
		bytes = nr * sizeof(a[0]);
		while ((n = send(fd, a, bytes, MSG_NOSIGNAL)) < 0 && errno == EINTR)
			;
		if (n != (ssize_t)bytes)
			return -errno;
		nr = 0;
	}
	return 0;
}

static bool request_is_sane(const struct hs_operator_request *req)
{
	if (!req->nr || req->nr > HS_OPERATOR_STEPS)
		return false;
	for (uint32_t i = 0; i < req->nr; i++)
		if (req->step[i].word >= HS_NR_WORDS)
			return false;
	return true;
}

int hs_operator_serve(int fd, const char *sysroot)
{
	/* No SA_RESTART: the write must come back with EINTR. */
	struct sigaction limit_action = { .sa_sigaction = limit_handler, .sa_flags = SA_SIGINFO };
	/* A ^C goes to the whole terminal; when to end is the supervisor's to say. */
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	struct hs_memblk_list root = { .sysroot = "" };

	if (strlen(sysroot) >= sizeof(root.sysroot))
		return -ENAMETOOLONG;
	memcpy(root.sysroot, sysroot, strlen(sysroot) + 1);
	for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++)
		signal(deaf_to[i], SIG_IGN);
	if (sigaction(LIMIT_SIGNAL, &limit_action, NULL) < 0)
		return -errno;
	/* For whoever restores after a dead run. Without it there is still what the
	 * states of the blocks tell. */
	hs_lock_operator_hold(sysroot);

	for (;;) {
		struct hs_operator_request req;
		ssize_t n = recv(fd, &req, sizeof(req), 0);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		if (n != sizeof(req) || !request_is_sane(&req))
			return -EPROTO;
		r = serve_request(fd, &root, &req);
		if (r < 0)
			return r;
	}
}
