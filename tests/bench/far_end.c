/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far_end.c - the other end of load: takes what comes, answers who asks
 *
 *   far_end PORT
 *
 * Datagrams and streams are read and thrown away; a connection that has sent a short request is
 * answered and closed. Runs until it is killed; says "ready" when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, ROOM = 2048, STREAM = 1 << 18, REQUEST = 64 };

static int epoll;

static void watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "watching");
}

static int listening(int type, int port)
{
	struct sockaddr_in mine = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, (struct sockaddr *)&mine, sizeof(mine)) ||
	    (type == SOCK_STREAM && listen(fd, SOMAXCONN)))
		err(1, "port %d", port);
	watch(fd);
	return fd;
}

static void take_datagrams(int fd)
{
	static char room[BATCH][ROOM];
	static struct iovec parts[BATCH];
	static struct mmsghdr messages[BATCH];

	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){.iov_base = room[i], .iov_len = ROOM};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	recvmmsg(fd, messages, BATCH, 0, NULL);
}

/* A request is as long as an answer; whoever sends more wants none. */
static void take_stream(int fd)
{
	static char room[STREAM];
	ssize_t n = recv(fd, room, sizeof(room), 0);

	if (n == REQUEST && send(fd, room, REQUEST, MSG_NOSIGNAL) == REQUEST)
		n = 0;
	if (n == 0 || (n < 0 && errno != EAGAIN))
		close(fd);
}

int main(int argc, char **argv)
{
	int datagrams, streams;

	if (argc != 2)
		errx(2, "usage: far_end PORT");
	epoll = epoll_create1(EPOLL_CLOEXEC);
	datagrams = listening(SOCK_DGRAM, atoi(argv[1]));
	streams = listening(SOCK_STREAM, atoi(argv[1]));
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct epoll_event events[BATCH];
		int n = epoll_wait(epoll, events, BATCH, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == datagrams)
				take_datagrams(fd);
			else if (fd != streams)
				take_stream(fd);
			else if ((fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
				watch(fd);
		}
	}
}
