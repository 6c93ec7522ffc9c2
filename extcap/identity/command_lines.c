// SPDX-License-Identifier: GPL-2.0-or-later
/* command_lines.c - the arguments of processes that are there, as /proc tells them
 *
 * Theory of operation
 * The kernel reads /proc/PID/cmdline out of the process's memory, for which it takes the
 * lock of that memory; and whoever the process is can see to it that this is held, by a page
 * of a file system of its own that never answers. So no capture may wait for one: a child
 * reads, and tells over a socket. One that waits for something is given up, and another goes
 * on behind the process that would not be read.
 */
#include "extcap/identity/command_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extcap/life.h"
#include "extcap/privilege.h"
#include "shared/record.h"

#define SILENCE_MS 100			/* then it is looked at whether it waits */
#define LIMIT_US   (3 * G_USEC_PER_SEC) /* for all */

struct told {
	guint32 index;
	char bytes[ARGS_LENGTH + 1];
};

struct reader {
	pid_t pid;
	int socket;
};

/* In the child. It may stay for longer than the capture, if the kernel cannot end it: so it holds
 * nothing of the engine's. */
G_GNUC_NORETURN static void tell_all(int socket, const guint32 *pids, guint first, guint count)
{
	struct told told;

	dup2(socket, STDIN_FILENO);
	close_range(STDIN_FILENO + 1, ~0U, 0);
	privilege_lower();
	if (!privilege_drop(NULL))
		_exit(EXIT_FAILURE);
	for (told.index = first; told.index < count; told.index++) {
		char path[32];
		ssize_t n;
		int fd;

		g_snprintf(path, sizeof(path), "/proc/%u/cmdline", pids[told.index]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd >= 0 ? read(fd, told.bytes, sizeof(told.bytes)) : 0;
		if (send(STDIN_FILENO, &told, offsetof(struct told, bytes) + MAX(n, 0),
			 MSG_NOSIGNAL) < 0)
			break;
		if (fd >= 0)
			close(fd);
	}
	_exit(EXIT_SUCCESS);
}

static int start(struct reader *reader, const guint32 *pids, guint first, guint count)
{
	int ends[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	reader->pid = fork();
	if (reader->pid == 0)
		tell_all(ends[1], pids, first, count);
	err = reader->pid < 0 ? -errno : 0;
	close(ends[1]);
	reader->socket = ends[0];
	if (err)
		close(ends[0]);
	return err;
}

/* One that the kernel cannot end yet is not waited for: it ends when it can. */
static void end(const struct reader *reader)
{
	struct pollfd gone = {.fd = reader->socket, .events = POLLIN};
	char byte;

	kill(reader->pid, SIGKILL);
	while (poll(&gone, 1, SILENCE_MS) > 0)
		if (recv(reader->socket, &byte, 1, 0) <= 0) {
			waitpid(reader->pid, NULL, 0);
			break;
		}
	close(reader->socket);
}

/* On a busy machine it may be silent since it gets no processor. */
static bool waits(const struct reader *reader)
{
	struct life life;

	return !life_read(reader->pid, &life) || life.state != 'R';
}

/* Return: how many of them one reader has told of, with those before @first. */
static guint take(const struct reader *reader, guint first, guint count, gint64 until,
		  command_line_told told_of, void *data)
{
	struct pollfd ready = {.fd = reader->socket, .events = POLLIN};
	struct told told;

	while (first < count && g_get_monotonic_time() < until) {
		ssize_t n;

		if (poll(&ready, 1, SILENCE_MS) <= 0) {
			if (waits(reader))
				break;
			continue;
		}
		n = recv(reader->socket, &told, sizeof(told), 0);
		if (n < (ssize_t)offsetof(struct told, bytes) || told.index != first)
			break;
		told_of(first++, told.bytes, n - offsetof(struct told, bytes), data);
	}
	return first;
}

int command_lines_read(const guint32 *pids, guint count, command_line_told told, void *data)
{
	gint64 until = g_get_monotonic_time() + LIMIT_US;
	guint next = 0, silent = 0;

	while (next < count && g_get_monotonic_time() < until) {
		struct reader reader = {.pid = -1, .socket = -1};
		int err = start(&reader, pids, next, count);

		if (err)
			return err;
		next = take(&reader, next, count, until, told, data);
		end(&reader);
		if (next < count) {
			next++;
			silent++;
		}
	}
	return (int)(silent + count - next);
}
