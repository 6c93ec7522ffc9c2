/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load.c - work for a given time, whose speed is measured
 *
 *   load datagrams SECONDS ADDRESS PORT BYTES PER-SECOND SOCKETS PROCESSES
 *   load burst     SECONDS ADDRESS PORT BYTES COUNT
 *   load stream    SECONDS ADDRESS PORT
 *   load connect   SECONDS ADDRESS PORT PER-SECOND
 *   load fork      SECONDS ADDRESS PORT PER-SECOND
 *
 * Prints how much it did (datagrams, bytes or connections), in how many seconds, and how many
 * of CPU time. With PER-SECOND 0 as much as goes. A process is called as its program, so that a
 * copy called otherwise can be told from others. With PROCESSES 2 each has a CPU of its own; from
 * 100 on they share the rate.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, STREAM = 65536, REQUEST = 64, MANY = 100 };

#define SECOND 1000000000LL

static struct sockaddr_in peer = {.sin_family = AF_INET};
static char payload[STREAM];
static long long begin, end; /* of the work; CLOCK_MONOTONIC ns */

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void sleep_until(long long ns)
{
	struct timespec time = {.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static int connected(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0)
		err(1, "connecting");
	return fd;
}

/* One batch; how many were taken. Nobody listening is an answer that connected sockets get. */
static long send_batch(int fd, size_t bytes, long most)
{
	static struct mmsghdr messages[BATCH];
	struct iovec part = {.iov_base = payload, .iov_len = bytes};
	int n;

	for (int i = 0; i < BATCH; i++) {
		messages[i].msg_hdr.msg_iov = &part;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = sendmmsg(fd, messages, most < BATCH ? most : BATCH, 0);
	if (n < 0 && errno != ECONNREFUSED && errno != ENOBUFS && errno != EAGAIN)
		err(1, "sending");
	return n > 0 ? n : 0;
}

/* Datagrams of one process, @batch at once from each of its sockets in turn. */
static long send_datagrams(size_t bytes, double rate, int sockets)
{
	int *fds = calloc(sockets, sizeof(*fds));
	long sent = 0, batch = BATCH;

	for (int i = 0; i < sockets; i++)
		fds[i] = connected(SOCK_DGRAM);
	/* Paced evenly: a batch is a millisecond's, and one datagram of each of many sockets. */
	if (rate && rate / 1000 < BATCH)
		batch = rate / 1000 < 1 ? 1 : rate / 1000;
	if (sockets > BATCH)
		batch = 1;
	sleep_until(begin);
	for (long turn = 0; now() < end; turn++) {
		sent += send_batch(fds[turn % sockets], bytes, batch);
		if (rate)
			sleep_until(begin + sent / rate * SECOND);
	}
	free(fds);
	return sent;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* The same from several processes, which begin together. */
static long in_processes(size_t bytes, double rate, int sockets, int processes)
{
	long *sent = mmap(NULL, processes * sizeof(*sent), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long sum = 0;

	for (int i = 0; i < processes; i++) {
		if (fork())
			continue;
		if (processes < MANY)
			stay_on(i);
		sent[i] = send_datagrams(bytes, rate / processes, sockets);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < processes; i++)
		sum += sent[i];
	return sum;
}

static long send_burst(size_t bytes, long count)
{
	int fd = connected(SOCK_DGRAM);
	long sent = 0;

	while (sent < count)
		sent += send_batch(fd, bytes, count - sent);
	sleep_until(end);
	return sent;
}

static long send_stream(void)
{
	int fd = connected(SOCK_STREAM);
	long sent = 0;

	while (now() < end) {
		ssize_t n = send(fd, payload, STREAM, 0);

		if (n < 0)
			err(1, "sending");
		sent += n;
	}
	close(fd);
	return sent;
}

/* One connection: asks, hears, is gone. */
static void ask(void)
{
	int fd = connected(SOCK_STREAM);
	char answer[REQUEST];

	if (send(fd, payload, REQUEST, 0) != REQUEST || recv(fd, answer, sizeof(answer), 0) <= 0)
		err(1, "asking");
	close(fd);
}

static long ask_often(double rate, bool in_processes)
{
	long asked = 0;

	while (now() < end) {
		pid_t child = in_processes ? fork() : 0;

		if (child == 0)
			ask();
		if (in_processes && child == 0)
			_exit(0);
		if (child > 0)
			waitpid(child, NULL, 0);
		asked++;
		if (rate)
			sleep_until(begin + asked / rate * SECOND);
	}
	return asked;
}

static long work(const char *kind, char **more, int count)
{
	double number[4] = {0};

	for (int i = 0; i < count && i < 4; i++)
		number[i] = atof(more[i]);
	if (strcmp(kind, "datagrams") == 0 && count == 4 && number[3] > 1)
		return in_processes(number[0], number[1], number[2], number[3]);
	if (strcmp(kind, "datagrams") == 0 && count == 4)
		return send_datagrams(number[0], number[1], number[2]);
	if (strcmp(kind, "burst") == 0 && count == 2)
		return send_burst(number[0], number[1]);
	if (strcmp(kind, "stream") == 0 && count == 0)
		return send_stream();
	if (strcmp(kind, "connect") == 0 && count == 1)
		return ask_often(number[0], false);
	if (strcmp(kind, "fork") == 0 && count == 1)
		return ask_often(number[0], true);
	errx(2, "usage: see load.c");
}

/* CPU time, in seconds. */
static double used(int whose)
{
	struct rusage usage;

	getrusage(whose, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	long done;

	if (argc < 5 || inet_pton(AF_INET, argv[3], &peer.sin_addr) != 1)
		errx(2, "usage: load KIND SECONDS ADDRESS PORT...");
	peer.sin_port = htons(atoi(argv[4]));
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	/* Many sockets or processes are made before the work begins. */
	begin = now() + (argc > 8 && atoi(argv[7]) + atoi(argv[8]) > MANY ? SECOND / 2 : 0);
	end = begin + atof(argv[2]) * SECOND;
	done = work(argv[1], argv + 5, argc - 5);
	printf("%ld %.6f %.6f\n", done, (now() - begin) / 1e9,
	       used(RUSAGE_SELF) + used(RUSAGE_CHILDREN));
	return 0;
}
