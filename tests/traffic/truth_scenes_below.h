/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth_scenes_below.h - scenes below the transport protocols, and beside the system calls */
#ifndef TRUTH_SCENES_BELOW_H
#define TRUTH_SCENES_BELOW_H

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <netinet/ip_icmp.h>

#include "truth_core.h"

struct scene {
	int kind, port;
	bool v6, loopback, in_b;
	const char *there; /* the server's address */
};

static int connected(const struct scene *scene, int protocol)
{
	struct sockaddr_storage at;
	int fd = socket(scene->v6 ? AF_INET6 : AF_INET, SOCK_STREAM, protocol);

	if (fd < 0)
		err(1, "socket");
	be_impatient(fd);
	set(fd, IPPROTO_TCP, TCP_NODELAY, rnd(2));
	if (connect(fd, (void *)&at, address_of(&at, scene->there, scene->port)))
		err(1, "%s port %d", scene->there, scene->port);
	hold(fd, "tcp", scene->kind);
	return fd;
}

/* --- below the transport --- */

static uint16_t checksum(const void *bytes, size_t size)
{
	const uint16_t *words = bytes;
	uint32_t sum = 0;

	for (size_t i = 0; i < size / 2; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void ping(const struct scene *scene, int type)
{
	struct icmphdr *echo = (void *)message;
	struct sockaddr_storage at;
	int fd = socket(AF_INET, type, IPPROTO_ICMP);
	socklen_t length = address_of(&at, scene->there, 0);
	size_t size = sizeof(*echo);

	be_impatient(fd);
	*echo = (struct icmphdr){.type = ICMP_ECHO, .un.echo.id = htons(me.pid & 0xffff)};
	size += compose(message + size, scene->kind, 1);
	echo->checksum = checksum(message, size);
	sendto(fd, message, size, 0, (void *)&at, length);
	for (;;) {
		char in[2048];
		ssize_t n = recv(fd, in, sizeof(in), 0);
		const char *at_echo = type == SOCK_RAW ? in + (in[0] & 15) * 4 : in;

		if (n <= 0 || *at_echo == ICMP_ECHOREPLY)
			break; /* on loopback a raw socket meets the request, too */
	}
	note_read(message + sizeof(*echo));
	close(fd); /* before the next one's turn */
}

/* Every raw socket gets a copy: one at a time, or there is no truth. */
static void play_ping_raw(const struct scene *scene)
{
	lock(1);
	ping(scene, SOCK_RAW);
	unlock(1);
}

static void play_ping(const struct scene *scene)
{
	lock(1);
	ping(scene, SOCK_DGRAM);
	unlock(1);
}

/* A child in the other namespace listens by a socket of @family, @type, and hears one message
 * @after bytes of header. */
static pid_t other_end(const struct scene *scene, int family, int type, int protocol, size_t after)
{
	int ready[2];
	pid_t child;
	char byte;

	if (pipe(ready))
		err(1, "pipe");
	child = spawn();
	if (child == 0) {
		int fd;

		setns(scene->in_b ? NETNS_A_FD : NETNS_B_FD, CLONE_NEWNET);
		fd = socket(family, type, protocol);
		be_impatient(fd);
		if (fd < 0 || write(ready[1], "x", 1) != 1)
			err(1, "socket");
		if (recv(fd, message, sizeof(message), 0) > (ssize_t)after)
			note_read(message + after);
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1)
		err(1, "other end");
	return child;
}

static void play_raw(const struct scene *scene)
{
	struct sockaddr_storage at;
	pid_t child;
	int fd;

	lock(2);
	child = other_end(scene, AF_INET, SOCK_RAW, 253, 20);
	fd = socket(AF_INET, SOCK_RAW, 253);
	address_of(&at, scene->there, 0);
	sendto(fd, message, compose(message, scene->kind, 2), 0, (void *)&at,
	       sizeof(struct sockaddr_in));
	reap(child);
	unlock(2);
}

static void play_packet(const struct scene *scene)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(0x88b5),
				 .sll_halen = 6,
				 .sll_ifindex = if_nametoindex(scene->in_b ? "vb" : "va"),
				 .sll_addr = {255, 255, 255, 255, 255, 255}};
	pid_t child;
	int fd;

	lock(3);
	child = other_end(scene, AF_PACKET, SOCK_DGRAM, htons(0x88b5), 0);
	fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	sendto(fd, message, compose(message, scene->kind, 2), 0, (void *)&at, sizeof(at));
	reap(child);
	unlock(3);
}

/* --- io_uring --- */

static long uring(int ring, const struct io_uring_params *params, struct io_uring_sqe *entries,
		  char *queue, const struct io_uring_sqe *wanted)
{
	unsigned *tail = (void *)(queue + params->sq_off.tail);
	unsigned *array = (void *)(queue + params->sq_off.array);
	unsigned *head = (void *)(queue + params->cq_off.head);
	const struct io_uring_cqe *done = (void *)(queue + params->cq_off.cqes);
	unsigned mask = *(unsigned *)(queue + params->cq_off.ring_mask);
	long result;

	entries[0] = *wanted;
	array[*tail & *(unsigned *)(queue + params->sq_off.ring_mask)] = 0;
	atomic_thread_fence(memory_order_seq_cst);
	++*tail;
	atomic_thread_fence(memory_order_seq_cst);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	result = done[*head & mask].res;
	++*head;
	return result;
}

static void play_uring(const struct scene *scene)
{
	struct io_uring_params params = {0};
	struct io_uring_sqe *entries, wanted;
	int ring, fd;
	char *queue;

	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (ring < 0)
		_exit(0);
	queue = mmap(NULL,
		     params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe) + 4096,
		     PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, params.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE,
		       MAP_SHARED, ring, IORING_OFF_SQES);
	fd = connected(scene, 0);
	for (int i = 0; i < 2; i++) {
		memset(&wanted, 0, sizeof(wanted));
		wanted.opcode = IORING_OP_SEND;
		wanted.fd = fd;
		wanted.addr = (uintptr_t)message;
		wanted.len = compose(message, scene->kind, 2);
		if (rnd(2))
			wanted.flags = IOSQE_ASYNC; /* a worker thread of the kernel does it */
		if (uring(ring, &params, entries, queue, &wanted) <= 0)
			break;
		wanted.opcode = IORING_OP_RECV;
		wanted.len = sizeof(message);
		wanted.flags = 0;
		if (uring(ring, &params, entries, queue, &wanted) < RECORD)
			break;
		note_read(message);
		usleep(2000); /* what is left of it */
		while (recv(fd, message, sizeof(message), MSG_DONTWAIT) > 0)
			;
	}
}

#endif
