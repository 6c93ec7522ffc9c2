/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth_core.h - what all processes of the truth machine share: pids, names, messages, the log
 *
 * Every process of the machine (and every thread, and every program it becomes by exec) calls
 * itself by a name that no other has, and writes down what it does, a line each:
 *
 *	N name process pid		it is called so; process is its first name
 *	S tag pid tid uid name		it sends the message with this tag
 *	R tag pid tid uid name		it has read it
 *	H proto laddr lport raddr rport kind pid	it holds this socket
 *	L proto port kind pid		it holds a socket that listens there, or takes from anybody
 *
 * A message is made of records of 64 bytes that all begin with its tag, "TM", the kind of scene
 * and a number: whatever part of it a packet carries tells whose it is.
 *
 * Pids come from a small pool (clone3 with set_tid), so that each comes back at once: an owner
 * that is only a pid is soon the wrong one.
 */
#ifndef TRUTH_CORE_H
#define TRUTH_CORE_H

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Fixed, so that they are found again after an exec. */
enum { SHARED_FD = 200, LOG_FD, NETNS_A_FD, NETNS_B_FD };

enum { RECORD = 64, LARGEST = 60 * 1024, POOL = 120, POOL_BASE = 30000 };

struct shared {
	atomic_uint tags, names, processes, reused, turn;
	atomic_int locks[8];
	atomic_int slots[POOL]; /* 1: a process has this pid */
	atomic_int used[POOL];
};

static struct shared *shared;

static __thread struct {
	pid_t pid, tid;
	uid_t uid;
	char name[16], process[16];
	uint64_t random;
} me;

static inline uint64_t rnd(uint64_t below)
{
	me.random ^= me.random << 13;
	me.random ^= me.random >> 7;
	me.random ^= me.random << 17;
	return me.random % below;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	char line[256];
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (write(LOG_FD, line, n) != n)
		err(1, "the log");
}

/* --- who we are --- */

static void become(bool new_process)
{
	me.pid = getpid();
	me.tid = syscall(SYS_gettid);
	me.uid = geteuid();
	snprintf(me.name, sizeof(me.name), "t%x", atomic_fetch_add(&shared->names, 1));
	if (new_process)
		strcpy(me.process, me.name);
	prctl(PR_SET_NAME, me.name);
	note("N %s %s %d\n", me.name, me.process, me.pid);
}

static void become_user(uid_t uid)
{
	if (syscall(SYS_setresuid, uid, uid, uid))
		err(1, "setresuid");
	me.uid = uid;
}

static pid_t take_pid(void)
{
	for (int i = 0; i < POOL; i++) {
		int slot = atomic_fetch_add(&shared->turn, 1) % POOL, free = 0;
		pid_t wanted = POOL_BASE + slot, pid;
		struct clone_args args = {
			.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&wanted, .set_tid_size = 1};

		if (!atomic_compare_exchange_strong(&shared->slots[slot], &free, 1))
			continue;
		pid = syscall(SYS_clone3, &args, sizeof(args));
		if (pid > 0 && atomic_fetch_add(&shared->used[slot], 1))
			atomic_fetch_add(&shared->reused, 1);
		if (pid >= 0)
			return pid;
		atomic_store(&shared->slots[slot], 0);
		if (errno != EEXIST)
			break;
	}
	return fork();
}

/* A child process. */
static pid_t spawn(void)
{
	uint64_t random = me.random + 0x9e3779b97f4a7c15ULL * (1 + rnd(1000000));
	pid_t pid = take_pid();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		atomic_fetch_add(&shared->processes, 1);
		me.random = random ? random : 1;
		become(true);
	}
	return pid;
}

static void reaped(pid_t pid)
{
	if (pid >= POOL_BASE && pid < POOL_BASE + POOL)
		atomic_store(&shared->slots[pid - POOL_BASE], 0);
}

static void reap(pid_t pid)
{
	if (waitpid(pid, NULL, 0) == pid)
		reaped(pid);
}

static void reap_those_that_ended(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		reaped(pid);
}

static void lock(int which)
{
	int free = 0;

	while (!atomic_compare_exchange_strong(&shared->locks[which], &free, 1)) {
		free = 0;
		usleep(500);
	}
}

static void unlock(int which)
{
	atomic_store(&shared->locks[which], 0);
}

/* --- sockets --- */

static const char *words_of(const struct sockaddr_storage *at, char *words, int *port)
{
	const struct sockaddr_in6 *v6 = (const void *)at;
	const struct sockaddr_in *v4 = (const void *)at;

	*port = ntohs(v4->sin_port);
	if (at->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, words, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, words, INET6_ADDRSTRLEN);
	return strncmp(words, "::ffff:", 7) ? words : words + 7;
}

static void hold(int fd, const char *proto, int kind)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t size = sizeof(here);
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	const char *local, *remote;
	int lport, rport;

	if (getsockname(fd, (void *)&here, &size))
		return;
	local = words_of(&here, a, &lport);
	size = sizeof(there);
	if (getpeername(fd, (void *)&there, &size)) {
		note("L %s %d %d %d\n", proto, lport, kind, me.pid);
		return;
	}
	remote = words_of(&there, b, &rport);
	note("H %s %s %d %s %d %d %d\n", proto, local, lport, remote, rport, kind, me.pid);
}

static socklen_t address_of(struct sockaddr_storage *at, const char *words, int port)
{
	struct sockaddr_in6 *v6 = (void *)at;
	struct sockaddr_in *v4 = (void *)at;

	memset(at, 0, sizeof(*at));
	if (strchr(words, ':')) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		inet_pton(AF_INET6, words, &v6->sin6_addr);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	inet_pton(AF_INET, words, &v4->sin_addr);
	return sizeof(*v4);
}

static void set(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

/* Nobody waits for ever for what a killed one would have said. */
static void be_impatient(int fd)
{
	struct timeval timeout = {.tv_sec = 3};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

/* --- messages --- */

static char message[LARGEST];

static size_t compose(char *out, int kind, size_t records)
{
	size_t size = records * RECORD;
	char record[RECORD];
	int n = snprintf(record, sizeof(record), "TM%02x%012xL%07zx", kind & 0xff,
			 atomic_fetch_add(&shared->tags, 1), size);

	memset(record + n, '.', RECORD - n);
	for (size_t i = 0; i < records; i++)
		memcpy(out + i * RECORD, record, RECORD);
	note("S %.16s %d %d %d %s\n", out, me.pid, me.tid, me.uid, me.name);
	return size;
}

static void note_read(const char *in)
{
	note("R %.16s %d %d %d %s\n", in, me.pid, me.tid, me.uid, me.name);
}

static int kind_of(const char *in)
{
	unsigned kind;

	return sscanf(in, "TM%2x", &kind) == 1 ? (int)kind : -1;
}

static bool send_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
		struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
		ssize_t n;

		switch (rnd(4)) {
		case 0:
			n = send(fd, bytes, size, MSG_NOSIGNAL);
			break;
		case 1:
			n = sendmsg(fd, &header, MSG_NOSIGNAL);
			break;
		case 2:
			n = writev(fd, &part, 1);
			break;
		default:
			n = write(fd, bytes, size);
		}
		if (n <= 0)
			return false;
		bytes += n;
		size -= n;
	}
	return true;
}

static bool read_all(int fd, char *bytes, size_t size)
{
	while (size) {
		struct iovec part = {.iov_base = bytes, .iov_len = size};
		struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
		ssize_t n;

		switch (rnd(4)) {
		case 0:
			n = recv(fd, bytes, size, 0);
			break;
		case 1:
			n = recvmsg(fd, &header, 0);
			break;
		case 2:
			n = readv(fd, &part, 1);
			break;
		default:
			n = read(fd, bytes, size);
		}
		if (n <= 0)
			return false;
		bytes += n;
		size -= n;
	}
	return true;
}

static size_t some_records(void)
{
	return rnd(10) ? 1 + rnd(4) : 1 + rnd(400);
}

static bool say(int fd, int kind)
{
	static __thread char out[LARGEST];

	return send_all(fd, out, compose(out, kind, some_records()));
}

/* Reads one message of a stream. Its kind, or -1. */
static int hear(int fd)
{
	static __thread char in[LARGEST];
	size_t size;

	if (!read_all(fd, in, RECORD) || sscanf(in + 16, "L%7zx", &size) != 1 || size > LARGEST)
		return -1;
	if (!read_all(fd, in + RECORD, size - RECORD))
		return -1;
	note_read(in);
	return kind_of(in);
}

/* --- descriptors from hand to hand --- */

static void pass(int channel, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = space,
				.msg_controllen = sizeof(space)};
	struct cmsghdr *control = CMSG_FIRSTHDR(&header);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(control), &fd, sizeof(fd));
	if (sendmsg(channel, &header, MSG_NOSIGNAL) != 1)
		err(1, "SCM_RIGHTS");
}

static int take(int channel)
{
	char space[CMSG_SPACE(sizeof(int))] = {0}, byte;
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = space,
				.msg_controllen = sizeof(space)};
	int fd = -1;

	if (recvmsg(channel, &header, 0) == 1 && CMSG_FIRSTHDR(&header))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(fd));
	return fd;
}

#endif
