/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth_scenes.h - what the truth machine's processes do: one function a kind
 *
 * A scene is played by a new process, in one of the namespaces, and those that it starts; it
 * talks to a server in the other one, or in its own over loopback.
 */
#ifndef TRUTH_SCENES_H
#define TRUTH_SCENES_H

#include <sys/sendfile.h>

#include "truth_core.h"
#include "truth_scenes_below.h"
#include "truth_servers.h"

static void talk(const struct scene *scene, int fd)
{
	for (int rounds = 1 + rnd(3); rounds; rounds--)
		if (!say(fd, scene->kind) || hear(fd) < 0)
			break;
}

/* --- streams --- */

static void play_tcp(const struct scene *scene)
{
	int fd = connected(scene, 0);

	talk(scene, fd);
	if (rnd(3) == 0)
		shutdown(fd, SHUT_WR);
	if (rnd(3))
		close(fd);
}

static void play_banner(const struct scene *scene)
{
	int fd = connected(scene, 0);

	hear(fd);
	talk(scene, fd);
}

static void play_mptcp(const struct scene *scene)
{
	talk(scene, connected(scene, 262));
}

static void play_reset(const struct scene *scene)
{
	struct linger none = {.l_onoff = 1};
	int fd = connected(scene, 0);

	talk(scene, fd);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static void play_killed(const struct scene *scene)
{
	talk(scene, connected(scene, 0));
	kill(getpid(), SIGKILL);
}

static void play_user(const struct scene *scene)
{
	become_user(2000 + rnd(100));
	talk(scene, connected(scene, 0));
}

static void play_exec(const struct scene *scene)
{
	int fd = connected(scene, 0);
	char words[2][16];

	talk(scene, fd);
	snprintf(words[0], sizeof(words[0]), "%d", fd);
	snprintf(words[1], sizeof(words[1]), "%d", scene->kind);
	execl("/proc/self/exe", "truth_machine", "client", words[0], me.process, words[1], NULL);
	err(1, "exec");
}

/* The connecting process is gone before its child says the first word. */
static void play_orphan(const struct scene *scene)
{
	int fd = connected(scene, 0);

	if (spawn())
		_exit(0);
	hold(fd, "tcp", scene->kind);
	usleep(rnd(3000));
	talk(scene, fd);
}

static void play_passed(const struct scene *scene)
{
	int channel[2], fd;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel))
		err(1, "socketpair");
	child = spawn();
	if (child == 0) {
		fd = take(channel[1]);
		hold(fd, "tcp", scene->kind);
		talk(scene, fd);
		return;
	}
	fd = connected(scene, 0);
	pass(channel[0], fd);
	close(fd);
	reap(child);
}

/* Parent and child by turns: @step is done by one of them, then by the other. */
static void by_turns(const struct scene *scene, int fd, const char *proto,
		     void (*step)(const struct scene *, int))
{
	int to[2], from[2];
	char byte = 'x';
	pid_t child;

	if (pipe(to) || pipe(from))
		err(1, "pipe");
	child = spawn();
	hold(fd, proto, scene->kind);
	for (int i = 0; i < 3; i++) {
		if (child == 0) {
			if (read(to[0], &byte, 1) != 1)
				break;
			step(scene, fd);
			if (write(from[1], &byte, 1) != 1)
				break;
		} else {
			step(scene, fd);
			if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1)
				break;
		}
	}
	if (child)
		reap(child);
}

static void one_exchange(const struct scene *scene, int fd)
{
	if (!say(fd, scene->kind) || hear(fd) < 0)
		_exit(1);
}

static void play_shared(const struct scene *scene)
{
	by_turns(scene, connected(scene, 0), "tcp", one_exchange);
}

struct threads_play {
	const struct scene *scene;
	char process[16];
	int number;
};

static void *thread_plays(void *data)
{
	struct threads_play *play = data;

	me.random = 0x9876543210ULL + play->number + play->scene->kind;
	strcpy(me.process, play->process);
	become(false);
	talk(play->scene, connected(play->scene, 0));
	return NULL;
}

static void play_threads(const struct scene *scene)
{
	struct threads_play plays[3];
	pthread_t threads[3];

	for (int i = 0; i < 3; i++) {
		plays[i] = (struct threads_play){.scene = scene, .number = i};
		strcpy(plays[i].process, me.process);
		pthread_create(&threads[i], NULL, thread_plays, &plays[i]);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

static void play_sendfile(const struct scene *scene)
{
	int fd = connected(scene, 0), file = memfd_create("data", 0);
	size_t size = compose(message, scene->kind, some_records());
	off_t at = 0;

	if (write(file, message, size) != (ssize_t)size)
		err(1, "memfd");
	while (at < (off_t)size && sendfile(fd, file, &at, size - at) > 0)
		;
	hear(fd);
}

static void play_splice(const struct scene *scene)
{
	int fd = connected(scene, 0), ends[2];
	size_t size = compose(message, scene->kind, 1 + rnd(8));

	if (pipe(ends) || write(ends[1], message, size) != (ssize_t)size ||
	    splice(ends[0], NULL, fd, NULL, size, 0) != (ssize_t)size)
		err(1, "splice");
	hear(fd);
}

/* The spliced server takes one record at a time. */
static void play_splice_server(const struct scene *scene)
{
	int fd = connected(scene, 0);

	for (int i = 0; i < 3; i++) {
		if (!send_all(fd, message, compose(message, scene->kind, 1)) || hear(fd) < 0)
			break;
	}
}

/* A child looks all the time at what the parent reads. */
static void play_peek(const struct scene *scene)
{
	int fd = connected(scene, 0);
	pid_t child = spawn();

	if (child == 0) {
		char bytes[RECORD];

		hold(fd, "tcp", scene->kind);
		for (;; usleep(200))
			recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	}
	talk(scene, fd);
	kill(child, SIGKILL);
	reap(child);
}

/* --- datagrams --- */

static int datagram_socket(const struct scene *scene, bool connect_it)
{
	struct sockaddr_storage at;
	int fd = socket(scene->v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

	be_impatient(fd);
	if (connect_it && connect(fd, (void *)&at, address_of(&at, scene->there, scene->port)))
		err(1, "connect");
	return fd;
}

static void say_to(const struct scene *scene, int fd, size_t records)
{
	struct sockaddr_storage at;
	socklen_t size = address_of(&at, scene->there, scene->port);

	sendto(fd, message, compose(message, scene->kind, records), 0, (void *)&at, size);
	hold(fd, "udp", scene->kind);
}

static bool hear_from(int fd)
{
	if (recv(fd, message, sizeof(message), 0) < RECORD)
		return false;
	note_read(message);
	return true;
}

static void exchange(const struct scene *scene, int fd)
{
	say_to(scene, fd, 1 + rnd(3));
	hear_from(fd);
}

static void play_udp(const struct scene *scene)
{
	int fd = datagram_socket(scene, rnd(2));

	for (int rounds = 1 + rnd(3); rounds; rounds--)
		exchange(scene, fd);
}

static void play_udp_once(const struct scene *scene)
{
	say_to(scene, datagram_socket(scene, false), 1);
}

static void play_udp_shared(const struct scene *scene)
{
	by_turns(scene, datagram_socket(scene, rnd(2)), "udp", exchange);
}

static void play_udp_fragments(const struct scene *scene)
{
	int fd = datagram_socket(scene, false);

	say_to(scene, fd, 30 + rnd(300));
	hear_from(fd);
}

static void play_udp_segments(const struct scene *scene)
{
	int fd = datagram_socket(scene, true);

	set(fd, IPPROTO_UDP, 103 /* UDP_SEGMENT */, RECORD * 4);
	send(fd, message, compose(message, scene->kind, 4 + rnd(30)), 0);
	hold(fd, "udp", scene->kind);
	hear_from(fd);
}

static void play_udp_many(const struct scene *scene)
{
	static char out[4][4 * RECORD];
	struct iovec parts[4];
	struct mmsghdr messages[4] = {0};
	int fd = datagram_socket(scene, true);

	for (int i = 0; i < 4; i++) {
		parts[i] = (struct iovec){out[i], compose(out[i], scene->kind, 1 + rnd(3))};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	sendmmsg(fd, messages, 4, 0);
	hold(fd, "udp", scene->kind);
	for (int i = 0; i < 4; i++)
		hear_from(fd);
}

/* One process after another has the very same two ends. */
static void play_udp_same_port(const struct scene *scene)
{
	lock(0);
	for (int i = 0; i < 3; i++) {
		struct sockaddr_storage at;
		pid_t child = spawn();
		int fd;

		if (child) {
			reap(child);
			continue;
		}
		fd = datagram_socket(scene, false);
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (bind(fd, (void *)&at, address_of(&at, scene->v6 ? "::" : "0.0.0.0", 7900)))
			err(1, "port 7900");
		exchange(scene, fd);
		return;
	}
	unlock(0);
}

static void play_multicast(const struct scene *scene)
{
	struct ip_mreqn by = {.imr_ifindex = if_nametoindex(scene->in_b ? "vb" : "va")};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by));
	set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
	say_to(scene, fd, 1);
}

enum { ANYWHERE, VETH_ONLY, V4_VETH_ONLY, V4_ONLY };

static const struct {
	const char *name;
	void (*play)(const struct scene *);
	int port, where;
} kinds[] = {
	{"none", NULL, 0, 0},
	{"tcp", play_tcp, PORT_ECHO, ANYWHERE},
	{"tcp-fork", play_tcp, PORT_FORK, ANYWHERE},
	{"tcp-prefork", play_tcp, PORT_PREFORK, ANYWHERE},
	{"tcp-banner", play_banner, PORT_BANNER, ANYWHERE},
	{"tcp-exec-server", play_tcp, PORT_EXEC, ANYWHERE},
	{"tcp-reuseport", play_tcp, PORT_REUSEPORT, ANYWHERE},
	{"tcp-passed-server", play_tcp, PORT_PASSED, ANYWHERE},
	{"tcp-setuid-server", play_tcp, PORT_SETUID, ANYWHERE},
	{"tcp-thread-server", play_tcp, PORT_THREADS, ANYWHERE},
	{"tcp-splice-server", play_splice_server, PORT_SPLICE, ANYWHERE},
	{"tcp-user", play_user, PORT_FORK, ANYWHERE},
	{"tcp-reset", play_reset, PORT_ECHO, ANYWHERE},
	{"tcp-killed", play_killed, PORT_FORK, ANYWHERE},
	{"tcp-exec", play_exec, PORT_ECHO, ANYWHERE},
	{"tcp-orphan", play_orphan, PORT_ECHO, ANYWHERE},
	{"tcp-passed", play_passed, PORT_FORK, ANYWHERE},
	{"tcp-shared", play_shared, PORT_ECHO, ANYWHERE},
	{"tcp-threads", play_threads, PORT_PREFORK, ANYWHERE},
	{"tcp-sendfile", play_sendfile, PORT_ECHO, ANYWHERE},
	{"tcp-splice", play_splice, PORT_ECHO, ANYWHERE},
	{"tcp-peek", play_peek, PORT_ECHO, ANYWHERE},
	{"tcp-io-uring", play_uring, PORT_ECHO, ANYWHERE},
	{"mptcp", play_mptcp, PORT_MPTCP, ANYWHERE},
	{"udp", play_udp, PORT_UDP, ANYWHERE},
	{"udp-once", play_udp_once, PORT_UDP, ANYWHERE},
	{"udp-shared", play_udp_shared, PORT_UDP, ANYWHERE},
	{"udp-fragments", play_udp_fragments, PORT_UDP, VETH_ONLY},
	{"udp-segments", play_udp_segments, PORT_UDP, ANYWHERE},
	{"udp-many", play_udp_many, PORT_UDP_MMSG, ANYWHERE},
	{"udp-same-port", play_udp_same_port, PORT_UDP, ANYWHERE},
	{"udp-reuseport", play_udp, PORT_UDP_REUSEPORT, ANYWHERE},
	{"udp-chosen", play_udp, PORT_UDP_CHOSEN, ANYWHERE},
	{"udp-prefork", play_udp, PORT_UDP_PREFORK, ANYWHERE},
	{"multicast", play_multicast, PORT_MULTICAST, V4_VETH_ONLY},
	{"ping", play_ping, 0, V4_ONLY},
	{"ping-raw", play_ping_raw, 0, V4_ONLY},
	{"raw", play_raw, 0, V4_VETH_ONLY},
	{"packet", play_packet, 0, V4_VETH_ONLY},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

#endif
