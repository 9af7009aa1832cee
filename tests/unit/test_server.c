// SPDX-License-Identifier: GPL-2.0-only
/* The control socket's server on a real loop, and clients that are a nuisance. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "server.h"

#define TICK_US		5000
#define LONG_LINE	4000

static struct tree tree;
static sd_event *event;
static sd_event_source *ticker;
static struct hs_server *server;
static unsigned int requests;
/* A stand-in for the soak: a timer of the loop, and how late it ever was. */
static unsigned int ticks;
static uint64_t latest_us;

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static struct json_object *line_new(size_t bytes)
{
	struct json_object *o = json_object_new_object();
	char *text = calloc(1, bytes + 1);

	assert_non_null(text);
	memset(text, 'x', bytes);
	json_object_object_add(o, "answer", json_object_new_string(text));
	free(text);
	return o;
}

static void answer(struct hs_server_client *client, struct json_object *request, void *ctx)
{
	struct json_object *o = line_new(3);

	requests++;
	hs_server_answer(client, o);
	json_object_put(o);
	if (json_object_object_get_ex(request, "keep", NULL))
		hs_server_keep(client, HS_SERVER_PROGRESS | HS_SERVER_END);
}

static int tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	uint64_t now = now_us();

	ticks++;
	if (now - usec > latest_us)
		latest_us = now - usec;
	return sd_event_source_set_time(source, now + TICK_US);
}

static int setup(void **state)
{
	tree_init(&tree);
	requests = ticks = 0;
	latest_us = 0;
	if (sd_event_new(&event) < 0)
		return -1;
	if (sd_event_add_time(event, &ticker, CLOCK_MONOTONIC, now_us(), 1, tick, NULL) < 0 ||
	    sd_event_source_set_enabled(ticker, SD_EVENT_ON) < 0)
		return -1;
	return hs_server_new(&server, event, tree.dir, answer, NULL);
}

static int teardown(void **state)
{
	hs_server_free(server);
	server = NULL;
	sd_event_source_unref(ticker);
	event = sd_event_unref(event);
	tree_deinit(&tree);
	return 0;
}

static void turn(unsigned int ms)
{
	uint64_t end = now_us() + ms * UINT64_C(1000);

	while (now_us() < end)
		assert_true(sd_event_run(event, 1000) >= 0);
}

/* Turns until it holds; a busy machine may take its time, a broken server all of it. */
#define until(what) \
	do { \
		uint64_t deadline_us = now_us() + 10000000; \
		while (!(what) && now_us() < deadline_us) \
			turn(5); \
		if (!(what)) \
			fail_msg("it never came true: %s", #what); \
	} while (0)

/* -1 with errno when the backlog is full. */
static int try_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/hotsoak/control", tree.dir);
	if (!connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return fd;
	close(fd);
	return -1;
}

static int client(const char *text)
{
	int fd = -1;

	/* Others may fill the backlog, also while none of them is served. */
	until(fd >= 0 || (fd = try_connect()) >= 0);
	if (text)
		assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	return fd;
}

static bool is_hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents & POLLHUP;
}

/* What has come until now; true when the server hung up. */
static bool read_all(int fd, char *text, size_t bytes)
{
	bool over = is_hung_up(fd);
	size_t at = 0;
	ssize_t n;

	while (at < bytes - 1 && (n = recv(fd, text + at, bytes - 1 - at, 0)) > 0)
		at += (size_t)n;
	text[at] = '\0';
	return over;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

static void expect_answer(const char *request, const char *part)
{
	char text[1024];
	int fd = client(request);
	bool over;

	until(is_hung_up(fd));
	over = read_all(fd, text, sizeof(text));
	assert_has(text, part);
	assert_has(text, "\"hotsoak\":1");
	/* One whole line, and nothing after it. */
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_true(over);
	close(fd);
}

/* ---- Tests --------------------------------------------------------------------- */

static void test_one_request(void **state)
{
	expect_answer("{\"hotsoak\":1,\"do\":\"x\"}\n", "\"xxx\"");
	assert_int_equal(requests, 1);
	assert_int_equal(hs_server_clients(server), 0);
	/* Whoever asks by hand may end his side first. */
	int fd = client("{\"hotsoak\":1}\nmore of it\n");
	char text[256];

	shutdown(fd, SHUT_WR);
	until(is_hung_up(fd));
	read_all(fd, text, sizeof(text));
	assert_has(text, "xxx");
	assert_int_equal(requests, 2);
	close(fd);
}

static void test_modes_and_takeover(void **state)
{
	struct hs_server *second;
	struct stat st;

	assert_int_equal(stat(tree_path(&tree, "run/hotsoak"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(tree_path(&tree, "run/hotsoak/control"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(hs_server_new(&second, event, tree.dir, answer, NULL), -EADDRINUSE);
	expect_answer("{\"hotsoak\":1}\n", "xxx");

	hs_server_free(server);
	server = NULL;
	assert_int_equal(access(tree_path(&tree, "run/hotsoak/control"), F_OK), -1);
	/* As a killed one leaves it, and a directory that somebody opened up. */
	tree_write(&tree, "run/hotsoak/control", "");
	assert_int_equal(chmod(tree_path(&tree, "run/hotsoak"), 0777), 0);
	assert_int_equal(hs_server_new(&server, event, tree.dir, answer, NULL), 0);
	assert_int_equal(stat(tree_path(&tree, "run/hotsoak"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	expect_answer("{\"hotsoak\":1}\n", "xxx");
}

static void test_no_directory(void **state)
{
	struct hs_server *other;
	struct tree sub;

	tree_below(&sub, &tree, "sub");
	tree_write(&sub, "run", "a file");
	assert_int_equal(hs_server_new(&other, event, sub.dir, answer, NULL), -ENOTDIR);
	assert_int_equal(hs_server_new(&other, event, "/nonexistent", answer, NULL), -ENOENT);
	tree_below(&sub, &tree, "link");
	tree_mkdir(&sub, "run");
	tree_mkdir(&sub, "elsewhere");
	assert_int_equal(symlink("../elsewhere", tree_path(&sub, "run/hotsoak")), 0);
	assert_int_equal(hs_server_new(&other, event, sub.dir, answer, NULL), -ENOTDIR);
	if (geteuid())
		return;
	tree_below(&sub, &tree, "other");
	tree_mkdir(&sub, "run/hotsoak");
	assert_int_equal(chown(tree_path(&sub, "run/hotsoak"), 65534, 65534), 0);
	assert_int_equal(hs_server_new(&other, event, sub.dir, answer, NULL), -EPERM);
}

static void test_garbage(void **state)
{
	static const char *const bad[] = {
		"\n", "garbage\n", "{\n", "{}}\n", "[1,2]\n", "\"text\"\n", "1\n", "\x80\xff\xfe\n",
		"{\"hotsoak\":1} {\"hotsoak\":1}\n", "{\"a\":\"\xff\",\"hotsoak\":1}\n",
		"GET / HTTP/1.1\r\n\r\n", "[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]\n",
	};
	static const char *const versions[] = {
		"{}\n", "{\"hotsoak\":2}\n", "{\"hotsoak\":\"1\"}\n", "{\"hotsoak\":-1}\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_answer(bad[i], "one JSON object");
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		expect_answer(versions[i], "another version");
	assert_int_equal(requests, 0);
	expect_answer("{\"hotsoak\":1}\n", "xxx");
	assert_int_equal(hs_server_clients(server), 0);
}

/* Garbage of every length that the same seed gives, with and without newlines. */
static void test_random_bytes(void **state)
{
	unsigned int seed = 1;

	for (int i = 0; i < 60; i++) {
		size_t bytes = (size_t)rand_r(&seed) % (2 * HS_SERVER_REQUEST_BYTES);
		int fd = try_connect();

		if (fd < 0) {
			turn(100);
			continue;
		}
		for (size_t n = 0; n < bytes; n++) {
			char c = (char)rand_r(&seed);

			if (send(fd, &c, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
				break;
		}
		turn(5);
		close(fd);
	}
	until(!hs_server_clients(server));
	expect_answer("{\"hotsoak\":1}\n", "xxx");
}

static void test_too_long(void **state)
{
	static char text[HS_SERVER_REQUEST_BYTES + 100];

	memset(text, ' ', sizeof(text) - 1);
	expect_answer(text, "too long");
	/* One byte less than too long. */
	memset(text, 0, sizeof(text));
	memset(text, ' ', HS_SERVER_REQUEST_BYTES);
	memcpy(text, "{\"hotsoak\":1}", 13);
	text[HS_SERVER_REQUEST_BYTES - 1] = '\n';
	expect_answer(text, "xxx");
	assert_int_equal(requests, 1);
}

/* A whole message in two halves, and half of one. */
static void test_half_a_message(void **state)
{
	int gone = client("{\"hotsoak\":"), slow = client("{\"hotsoak\":");
	char text[256];

	until(hs_server_clients(server) == 2);
	close(gone);
	until(hs_server_clients(server) == 1);
	assert_int_equal(send(slow, "1}\n", 3, 0), 3);
	until(is_hung_up(slow));
	assert_true(read_all(slow, text, sizeof(text)));
	assert_has(text, "xxx");
	close(slow);
}

/*
 * Who does not finish his request, who says nothing and who does not read what he
 * asked for is dropped; not who has nothing to read.
 */
static void test_patience(void **state)
{
	int stalled = client("{\"hotsoak\":1,\"keep\":1}\n"), half, silent, good;
	struct json_object *o = line_new(LONG_LINE);
	char text[256];

	until(hs_server_is_awaited(server, HS_SERVER_PROGRESS));
	/* More than the kernel takes, less than is kept. */
	for (int i = 0; i < 12; i++)
		hs_server_tell(server, HS_SERVER_PROGRESS, o);
	json_object_put(o);
	half = client("{\"hotsoak\":");
	silent = client(NULL);
	good = client("{\"hotsoak\":1,\"keep\":1}\n");
	until(hs_server_clients(server) == 4);
	turn((HS_SERVER_PATIENCE_S - 1) * 1000);
	assert_int_equal(hs_server_clients(server), 4);
	read_all(good, text, sizeof(text));
	until(hs_server_clients(server) == 1);
	turn((HS_SERVER_PATIENCE_S + 1) * 1000);
	assert_int_equal(hs_server_clients(server), 1);
	assert_true(is_hung_up(half));
	assert_true(is_hung_up(silent));
	assert_true(is_hung_up(stalled));
	assert_false(is_hung_up(good));
	close(good);
	until(!hs_server_clients(server));
	close(half);
	close(silent);
	close(stalled);
}

static void test_never_reads(void **state)
{
	int slow = client("{\"hotsoak\":1,\"keep\":1}\n");
	int good = client("{\"hotsoak\":1,\"keep\":1}\n"), said = 0;
	struct json_object *o = line_new(LONG_LINE);
	size_t heard = 0;
	char text[65536];

	until(requests == 2);
	assert_int_equal(hs_server_clients(server), 2);
	assert_true(hs_server_is_awaited(server, HS_SERVER_PROGRESS));
	while (hs_server_clients(server) == 2 && said < 100) {
		hs_server_tell(server, HS_SERVER_PROGRESS, o);
		said++;
		turn(2);
		read_all(good, text, sizeof(text));
		heard += strlen(text);
	}
	/* All that is kept for it: what the kernel takes and HS_SERVER_PENDING_BYTES. */
	assert_int_equal(hs_server_clients(server), 1);
	assert_in_range((uint64_t)said * LONG_LINE, HS_SERVER_PENDING_BYTES / 2,
			HS_SERVER_PENDING_BYTES + 65536);
	assert_true(heard >= (size_t)said * LONG_LINE);
	assert_false(is_hung_up(good));
	read_all(slow, text, sizeof(text));
	assert_true(is_hung_up(slow));
	hs_server_tell(server, HS_SERVER_END, o);
	assert_true(read_all(good, text, sizeof(text)));
	assert_int_equal(hs_server_clients(server), 0);
	json_object_put(o);
	close(good);
	close(slow);
}

static void test_too_many(void **state)
{
	int fd[HS_SERVER_CLIENTS], more;
	char text[256];

	for (int i = 0; i < HS_SERVER_CLIENTS; i++) {
		fd[i] = client("{\"hotsoak\":1,\"keep\":1}\n");
		until(requests == (unsigned int)i + 1);
	}
	assert_int_equal(hs_server_clients(server), HS_SERVER_CLIENTS);
	more = client("{\"hotsoak\":1}\n");
	until(is_hung_up(more));
	assert_true(read_all(more, text, sizeof(text)));
	assert_has(text, "too many clients");
	assert_int_equal(hs_server_clients(server), HS_SERVER_CLIENTS);
	close(more);
	close(fd[0]);
	until(hs_server_clients(server) == HS_SERVER_CLIENTS - 1);
	expect_answer("{\"hotsoak\":1}\n", "xxx");
	for (int i = 1; i < HS_SERVER_CLIENTS; i++)
		close(fd[i]);
}

/* A thousand connections, from a process of their own. */
static void flood(void)
{
	static const char *const texts[] = {
		"", "garbage\n", "{\"hotsoak\":1", "{\"hotsoak\":1}\n", "{\"hotsoak\":1,\"keep\":1}\n",
	};
	int made = 0;

	for (int i = 0; made < 1000 && i < 1000000; i++) {
		int fd = try_connect();
		const char *text = texts[made % 5];

		if (fd < 0) {
			usleep(1000);
			continue;
		}
		if (*text && send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
		    errno != EPIPE)
			_exit(1);
		/* Some stay open until the end. */
		if (made++ % 50)
			close(fd);
	}
	_exit(made == 1000 ? 0 : 2);
}

static uint64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void test_thousand_connections(void **state)
{
	uint64_t began = now_us(), cpu = cpu_us(), took_us;
	pid_t pid = fork();
	int status;

	if (!pid)
		flood();
	while (!waitpid(pid, &status, WNOHANG) && now_us() - began < 60000000)
		turn(20);
	took_us = now_us() - began;
	cpu = cpu_us() - cpu;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	print_message("# 1000 connections: %llu ms, %llu ms of a CPU, a timer of the loop %u times, late by %llu us at most\n",
		      (unsigned long long)took_us / 1000, (unsigned long long)cpu / 1000, ticks,
		      (unsigned long long)latest_us);
	/*
	 * No faster than they may come, little work for it, and the soak's timer comes
	 * by. How late it is depends on who else runs here, so it is only told.
	 */
	/* One more than the burst, for the next is due as soon as any time has passed; and
	 * listen(2) lets one more wait than it is told. */
	assert_true(took_us >= (1000 - (HS_SERVER_CONNECTS_BURST + 1) - (HS_SERVER_CLIENTS + 1)) *
		    UINT64_C(1000000) / HS_SERVER_CONNECTS_PER_S);
	assert_true(cpu < took_us / 5);
	assert_true(ticks > took_us / TICK_US / 8);
	until(!hs_server_clients(server));
	expect_answer("{\"hotsoak\":1}\n", "xxx");
}

/* Even where the file's mode lets him through. */
static void test_another_user(void **state)
{
	struct pollfd p;
	char text[16];
	int status;
	pid_t pid, ended;

	if (geteuid()) {
		print_message("needs root to become somebody else\n");
		skip();
	}
	assert_int_equal(chmod(tree.dir, 0755), 0);
	assert_int_equal(chmod(tree_path(&tree, "run"), 0755), 0);
	for (int open_to_all = 0; open_to_all < 2; open_to_all++) {
		if (open_to_all) {
			assert_int_equal(chmod(tree_path(&tree, "run/hotsoak"), 0755), 0);
			assert_int_equal(chmod(tree_path(&tree, "run/hotsoak/control"), 0666), 0);
		}
		pid = fork();
		if (!pid) {
			if (setresuid(65534, 65534, 65534) < 0)
				_exit(10);
			p = (struct pollfd){ .fd = try_connect(), .events = POLLIN };
			if (p.fd < 0)
				_exit(errno == EACCES ? 1 : 11);
			if (send(p.fd, "{\"hotsoak\":1}\n", 14, MSG_NOSIGNAL) < 0)
				_exit(2);
			poll(&p, 1, 2000);
			_exit(recv(p.fd, text, sizeof(text), 0) > 0 ? 12 : 2);
		}
		ended = 0;
		until(ended || (ended = waitpid(pid, &status, WNOHANG)) == pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), open_to_all ? 2 : 1);
	}
	assert_int_equal(requests, 0);
	expect_answer("{\"hotsoak\":1}\n", "xxx");
}

#define SERVER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(test_one_request),
		SERVER_TEST(test_modes_and_takeover),
		SERVER_TEST(test_no_directory),
		SERVER_TEST(test_garbage),
		SERVER_TEST(test_random_bytes),
		SERVER_TEST(test_too_long),
		SERVER_TEST(test_half_a_message),
		SERVER_TEST(test_never_reads),
		SERVER_TEST(test_patience),
		SERVER_TEST(test_too_many),
		SERVER_TEST(test_thousand_connections),
		SERVER_TEST(test_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
