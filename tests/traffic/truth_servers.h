/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth_servers.h - the servers of the truth machine, one of each in each namespace
 *
 * All answer a message with one of theirs, of the same kind; how they divide the work is what
 * differs. They are there before the capture or not, as the test likes.
 */
#ifndef TRUTH_SERVERS_H
#define TRUTH_SERVERS_H

#include <netinet/udp.h>
#include <poll.h>

#include "truth_core.h"

enum port {
	PORT_ECHO = 7001,
	PORT_FORK,
	PORT_PREFORK,
	PORT_BANNER,
	PORT_EXEC,
	PORT_REUSEPORT,
	PORT_PASSED,
	PORT_SETUID,
	PORT_MPTCP,
	PORT_THREADS,
	PORT_SPLICE,
	PORT_UDP = 7101,
	PORT_UDP_REUSEPORT,
	PORT_UDP_CHOSEN,
	PORT_UDP_MMSG,
	PORT_UDP_PREFORK,
	PORT_MULTICAST,
};

#define GROUP "239.7.7.7"

static void serve(int fd)
{
	int kind;

	while ((kind = hear(fd)) >= 0)
		if (!say(fd, kind))
			break;
	close(fd);
}

static int bound(int type, int protocol, int port, bool group)
{
	struct sockaddr_storage at;
	int fd = socket(AF_INET6, type, protocol);

	if (fd < 0)
		return -1;
	set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (group)
		set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (type == SOCK_DGRAM)
		set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20);
	if (bind(fd, (void *)&at, address_of(&at, "::", port)))
		err(1, "port %d", port);
	if (type == SOCK_STREAM && listen(fd, 512))
		err(1, "listen");
	hold(fd, type == SOCK_STREAM ? "tcp" : "udp", -1);
	return fd;
}

static int accepted(int listener)
{
	int fd;

	reap_those_that_ended();
	fd = accept(listener, NULL, NULL);
	reap_those_that_ended();
	if (fd >= 0) {
		be_impatient(fd);
		hold(fd, "tcp", -1);
	}
	return fd;
}

/* --- streams --- */

static void serve_by_turns(int port)
{
	struct pollfd all[256] = {{.fd = bound(SOCK_STREAM, 0, port, false), .events = POLLIN}};
	int n = 1;

	for (;;) {
		poll(all, n, -1);
		for (int i = n - 1; i > 0; i--) {
			int kind;

			if (!all[i].revents)
				continue;
			kind = hear(all[i].fd);
			if (kind >= 0 && say(all[i].fd, kind))
				continue;
			close(all[i].fd);
			all[i] = all[--n];
		}
		if (all[0].revents && n < 256) {
			all[n].events = POLLIN;
			all[n].revents = 0;
			all[n].fd = accepted(all[0].fd);
			n += all[n].fd >= 0;
		}
	}
}

static void serve_spliced(int fd)
{
	char record[RECORD], out[LARGEST];
	int kind, ends[2];
	size_t size;

	if (pipe(ends))
		err(1, "pipe");
	while (splice(fd, NULL, ends[1], NULL, RECORD, 0) == RECORD) {
		if (read(ends[0], record, RECORD) != RECORD || (kind = kind_of(record)) < 0)
			break;
		note_read(record);
		size = compose(out, kind, 2);
		if (write(ends[1], out, size) != (ssize_t)size ||
		    splice(ends[0], NULL, fd, NULL, size, 0) != (ssize_t)size)
			break;
	}
}

static void exec_worker(int fd)
{
	char words[16];

	snprintf(words, sizeof(words), "%d", fd);
	execl("/proc/self/exe", "truth_machine", "worker", words, me.process, NULL);
	err(1, "exec");
}

static void be_worker(int port, int fd)
{
	hold(fd, "tcp", -1);
	switch (port) {
	case PORT_BANNER:
		say(fd, 0); /* its kind is not known yet: the port tells */
		break;
	case PORT_EXEC:
		exec_worker(fd);
		break;
	case PORT_SETUID:
		become_user(1000 + rnd(50));
		break;
	case PORT_SPLICE:
		serve_spliced(fd);
		return;
	}
	serve(fd);
}

static void serve_by_forking(int port)
{
	int listener = bound(SOCK_STREAM, port == PORT_MPTCP ? 262 : 0, port, false);

	if (listener < 0)
		return;
	for (;;) {
		int fd = accepted(listener);

		if (fd < 0)
			continue;
		if (spawn() == 0) {
			close(listener);
			be_worker(port, fd);
			_exit(0);
		}
		close(fd);
	}
}

static void serve_alone(int listener)
{
	for (;;) {
		int fd = accepted(listener);

		if (fd >= 0)
			serve(fd);
	}
}

static void serve_by_prefork(int port)
{
	int listener = bound(SOCK_STREAM, 0, port, false);

	for (int i = 0; i < 3; i++)
		if (spawn() == 0) {
			hold(listener, "tcp", -1);
			serve_alone(listener);
		}
	pause();
}

static void serve_by_group(int port)
{
	for (int i = 0; i < 3; i++)
		if (spawn() == 0)
			serve_alone(bound(SOCK_STREAM, 0, port, true));
	pause();
}

/* One accepts, the others are handed the connections. */
static void serve_by_passing(int port)
{
	int listener = bound(SOCK_STREAM, 0, port, false), channels[2][2];

	for (int i = 0; i < 2; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, channels[i]))
			err(1, "socketpair");
		if (spawn() == 0) {
			close(listener);
			for (;;) {
				int fd = take(channels[i][1]);

				if (fd < 0)
					_exit(0);
				hold(fd, "tcp", -1);
				serve(fd);
			}
		}
	}
	for (unsigned turn = 0;; turn++) {
		int fd = accepted(listener);

		if (fd < 0)
			continue;
		pass(channels[turn % 2][0], fd);
		close(fd);
	}
}

struct threads_work {
	int fd;
	char process[16];
};

static void *thread_serves(void *data)
{
	struct threads_work *work = data;

	me.random = 0x1234567 + work->fd;
	strcpy(me.process, work->process);
	become(false);
	hold(work->fd, "tcp", -1);
	serve(work->fd);
	free(work);
	return NULL;
}

static void serve_by_threads(int port)
{
	int listener = bound(SOCK_STREAM, 0, port, false);

	for (;;) {
		struct threads_work *work = malloc(sizeof(*work));
		pthread_t thread;

		work->fd = accepted(listener);
		strcpy(work->process, me.process);
		if (work->fd >= 0 && pthread_create(&thread, NULL, thread_serves, work) == 0)
			pthread_detach(thread);
	}
}

/* --- datagrams --- */

static void answer(int fd)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	ssize_t n = recvfrom(fd, message, sizeof(message), 0, (void *)&from, &size);
	int kind;

	if (n < RECORD)
		return;
	note_read(message);
	kind = kind_of(message);
	sendto(fd, message, compose(message, kind, 1 + rnd(3)), 0, (void *)&from, size);
}

static void serve_datagrams(int port)
{
	int fd = bound(SOCK_DGRAM, 0, port, false);

	for (;;)
		answer(fd);
}

static void serve_datagrams_by_group(int port)
{
	/* One instruction: return 2, the third member. */
	struct {
		uint16_t code;
		uint8_t jt, jf;
		uint32_t k;
	} instruction = {6, 0, 0, 2};
	struct {
		uint16_t length;
		void *filter;
	} program = {1, &instruction};
	int members[3];

	for (int i = 0; i < 3; i++)
		members[i] = bound(SOCK_DGRAM, 0, port, true);
	if (port == PORT_UDP_CHOSEN &&
	    setsockopt(members[0], SOL_SOCKET, 51 /* SO_ATTACH_REUSEPORT_CBPF */, &program,
		       sizeof(program)))
		err(1, "SO_ATTACH_REUSEPORT_CBPF");
	for (int i = 0; i < 3; i++)
		if (spawn() == 0) {
			for (int j = 0; j < 3; j++)
				if (j != i)
					close(members[j]);
			for (;;)
				answer(members[i]);
		}
	for (int i = 0; i < 3; i++)
		close(members[i]);
	pause();
}

/* Several take from one socket, whoever comes first. */
static void serve_datagrams_by_prefork(int port)
{
	int fd = bound(SOCK_DGRAM, 0, port, false);

	for (int i = 0; i < 3; i++)
		if (spawn() == 0)
			for (;;)
				answer(fd);
	pause();
}

static void serve_datagrams_by_many(int port)
{
	enum { MANY = 8, ROOM = 2048 };
	static char in[MANY][ROOM], out[MANY][ROOM];
	struct sockaddr_storage from[MANY];
	struct mmsghdr messages[MANY];
	struct iovec parts[MANY];
	int fd = bound(SOCK_DGRAM, 0, port, false);

	for (;;) {
		int n;

		for (int i = 0; i < MANY; i++) {
			parts[i] = (struct iovec){in[i], ROOM};
			messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &from[i],
								   .msg_namelen = sizeof(from[i]),
								   .msg_iov = &parts[i],
								   .msg_iovlen = 1}};
		}
		n = recvmmsg(fd, messages, MANY, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			note_read(in[i]);
			parts[i] =
				(struct iovec){out[i], compose(out[i], kind_of(in[i]), 1 + rnd(3))};
		}
		if (n > 0)
			sendmmsg(fd, messages, n, 0);
	}
}

static void receive_multicast(int port)
{
	for (int i = 0; i < 3; i++) {
		struct ip_mreqn join = {.imr_multiaddr.s_addr = inet_addr(GROUP)};
		struct sockaddr_storage at;
		int fd;

		if (spawn())
			continue;
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		join.imr_ifindex = if_nametoindex("va") + if_nametoindex("vb");
		if (bind(fd, (void *)&at, address_of(&at, "0.0.0.0", port)) ||
		    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)))
			err(1, "multicast");
		hold(fd, "udp", -1);
		for (;;)
			if (recv(fd, message, sizeof(message), 0) >= RECORD)
				note_read(message);
	}
	pause();
}

static const struct {
	int port;
	void (*run)(int port);
} servers[] = {
	{PORT_ECHO, serve_by_turns},
	{PORT_FORK, serve_by_forking},
	{PORT_PREFORK, serve_by_prefork},
	{PORT_BANNER, serve_by_forking},
	{PORT_EXEC, serve_by_forking},
	{PORT_REUSEPORT, serve_by_group},
	{PORT_PASSED, serve_by_passing},
	{PORT_SETUID, serve_by_forking},
	{PORT_MPTCP, serve_by_forking},
	{PORT_THREADS, serve_by_threads},
	{PORT_SPLICE, serve_by_forking},
	{PORT_UDP, serve_datagrams},
	{PORT_UDP_REUSEPORT, serve_datagrams_by_group},
	{PORT_UDP_CHOSEN, serve_datagrams_by_group},
	{PORT_UDP_MMSG, serve_datagrams_by_many},
	{PORT_UDP_PREFORK, serve_datagrams_by_prefork},
	{PORT_MULTICAST, receive_multicast},
};

#endif
