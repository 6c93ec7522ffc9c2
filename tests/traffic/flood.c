/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flood.c - datagrams as fast as they go: so many, each of so many bytes
 *
 *   flood ADDRESS PORT COUNT BYTES [PER-SECOND]
 *
 * Prints how many the kernel took. Its claim goes to $TRUTH (see truth.py).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, LARGEST = 65507 };

static void claim(const char *address, const char *port, int local)
{
	char line[512];
	int length = snprintf(line, sizeof(line),
			      "{\"proto\": \"udp\", \"local\": \"* %d\", \"remote\": \"%s %s\", "
			      "\"data\": true, \"pid\": %d, \"tid\": %d}\n",
			      local, address, port, getpid(), getpid());
	int truth = open(getenv("TRUTH"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (truth < 0 || write(truth, line, length) != length)
		err(1, "%s", getenv("TRUTH"));
	close(truth);
}

static void sleep_until(struct timespec *then, long long ns)
{
	ns += then->tv_nsec;
	then->tv_sec += ns / 1000000000;
	then->tv_nsec = ns % 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, then, NULL);
}

int main(int argc, char **argv)
{
	static char payload[LARGEST];
	struct sockaddr_in peer = {.sin_family = AF_INET}, mine;
	socklen_t size = sizeof(mine);
	struct mmsghdr messages[BATCH];
	struct iovec part = {.iov_base = payload};
	struct timespec then;
	long count, sent = 0, rate;
	int client;

	if (argc < 5 || inet_pton(AF_INET, argv[1], &peer.sin_addr) != 1)
		errx(2, "usage: TRUTH=FILE flood ADDRESS PORT COUNT BYTES [PER-SECOND]");
	peer.sin_port = htons(atoi(argv[2]));
	count = atol(argv[3]);
	part.iov_len = atol(argv[4]);
	rate = argc > 5 ? atol(argv[5]) : 0;
	if (part.iov_len > LARGEST)
		errx(2, "at most %d bytes", LARGEST);
	client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (client < 0 || connect(client, (struct sockaddr *)&peer, sizeof(peer)) < 0)
		err(1, "%s port %s", argv[1], argv[2]);
	if (getsockname(client, (struct sockaddr *)&mine, &size) < 0)
		err(1, "getsockname");
	if (getenv("TRUTH"))
		claim(argv[1], argv[2], ntohs(mine.sin_port));
	memset(messages, 0, sizeof(messages));
	for (int i = 0; i < BATCH; i++) {
		messages[i].msg_hdr.msg_iov = &part;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &then);
	while (sent < count) {
		int n = sendmmsg(client, messages, count - sent < BATCH ? count - sent : BATCH, 0);

		/* Nobody listening is an answer that connected sockets get; the next try sends. */
		if (n < 0 && errno != ECONNREFUSED && errno != ENOBUFS)
			err(1, "sendmmsg");
		if (n > 0)
			sent += n;
		if (rate)
			sleep_until(&then, 1000000000LL * (n > 0 ? n : 0) / rate);
	}
	printf("%ld\n", sent);
	return 0;
}
