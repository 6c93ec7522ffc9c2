// SPDX-License-Identifier: GPL-2.0-or-later
/* ask.c - the front asks the engine for an answer that it would know less of itself
 *
 * Not by becoming the engine, as for a capture: a list that fails takes all sources off
 * Wireshark's, so where the engine fails, however that is, the front must still be there.
 */
#define _GNU_SOURCE /* pipe2(), close_range() */
#include "extcap/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* It takes some hundredths of a second; Wireshark's window stands still meanwhile. */
#define TIME_LIMIT_US (2 * G_USEC_PER_SEC)

/* In the child. Its words on stderr would be an error dialog. */
G_GNUC_NORETURN static void be_engine(int out, char **argv)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		_exit(EXIT_FAILURE);
	dup2(null, STDIN_FILENO);
	dup2(null, STDERR_FILENO);
	dup2(out, STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execv(PTCPDUMP_ENGINE, argv);
	_exit(EXIT_FAILURE);
}

/* False when it was not at its end in time. */
static bool read_all(int in, GString *answer)
{
	gint64 until = g_get_monotonic_time() + TIME_LIMIT_US;
	char buffer[16384];

	for (;;) {
		struct pollfd wait = {.fd = in, .events = POLLIN};
		gint64 left = until - g_get_monotonic_time();
		ssize_t n;

		if (left <= 0 || poll(&wait, 1, (int)(left / 1000) + 1) <= 0)
			return false;
		n = read(in, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		g_string_append_len(answer, buffer, n);
	}
}

static bool succeeded(pid_t child, bool ended)
{
	int status;

	if (!ended)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return ended && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

char *ask_engine(char **argv)
{
	GString *answer = g_string_new(NULL);
	int ends[2];
	pid_t child;
	bool ended;

	if (access(PTCPDUMP_ENGINE, X_OK) || pipe2(ends, O_CLOEXEC))
		return g_string_free(answer, TRUE);
	child = fork();
	if (child == 0)
		be_engine(ends[1], argv);
	close(ends[1]);
	ended = child > 0 && read_all(ends[0], answer);
	close(ends[0]);
	return g_string_free(answer, child < 0 || !succeeded(child, ended));
}
