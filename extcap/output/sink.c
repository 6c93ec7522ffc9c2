// SPDX-License-Identifier: GPL-2.0-or-later
/* sink.c - where the stream goes: Wireshark's FIFO, a file, standard output */
#include "extcap/output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/options.h"
#include "extcap/seal.h"

SEAL_NEEDS("fcntl fcntl64 ftruncate ftruncate64 sendto");

#define READER_WAIT_MS 10000
#define READER_POLL_MS 5
#define PIPE_SIZE      (1 << 20) /* fewer, larger writes */

struct sink {
	int fd;
	bool is_fifo;
	bool is_socket;
	bool is_file;
	bool pollable;
	bool deep;
	int flags; /* of the description before we changed it: others may use it after us; -1 */
	GByteArray *buffer;
	gsize written; /* of buffer: already taken by the reader */
};

static void set_error(GError **error, const char *path, const char *why, const char *what_to_do)
{
	g_set_error(error, OPTIONS_ERROR, 0, "cannot write packets to \"%s\": %s; %s", path, why,
		    what_to_do);
}

/* Opening a FIFO for writing waits for its reader, or fails with ENXIO without one. It is
 * opened non-blocking, so that the wait has an end. */
static int open_for_reader(const char *path)
{
	for (int waited = 0;; waited += READER_POLL_MS) {
		int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0 || errno != ENXIO || waited >= READER_WAIT_MS)
			return fd >= 0 ? fd : -errno;
		g_usleep(READER_POLL_MS * 1000);
	}
}

static int open_path(const char *path, GError **error)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
		fd = open_for_reader(path);
		if (fd == -ENXIO)
			set_error(error, path, "nobody reads from it",
				  "is Wireshark still running?");
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0600);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd < 0 && error && !*error)
		set_error(error, path, g_strerror(-fd), "give a file or FIFO you may write to");
	return fd;
}

/* A write to a pipe shall never wait. */
static bool open_pipe(struct sink *sink)
{
	sink->flags = fcntl(sink->fd, F_GETFL);
	if (sink->flags < 0 || fcntl(sink->fd, F_SETFL, sink->flags | O_NONBLOCK) < 0)
		return false;
	/* A user may have no more pipe memory left; then there are more, smaller writes. */
	sink->deep = fcntl(sink->fd, F_SETPIPE_SZ, PIPE_SIZE) >= PIPE_SIZE;
	return true;
}

struct sink *sink_open(const char *path, GError **error)
{
	struct stat st;
	struct sink *sink;
	int fd = open_path(path, error);

	if (fd < 0)
		return NULL;
	/* What was opened is looked at, not what the name said before. A FIFO that another user
	 * has made would give them what this user may see. */
	if (fstat(fd, &st) < 0 ||
	    (S_ISFIFO(st.st_mode) && strcmp(path, "-") != 0 && st.st_uid != getuid())) {
		set_error(error, path, "it belongs to another user", "give one of your own");
		close(fd);
		return NULL;
	}
	sink = g_new0(struct sink, 1);
	sink->fd = fd;
	sink->flags = -1;
	sink->is_socket = S_ISSOCK(st.st_mode);
	sink->is_file = S_ISREG(st.st_mode);
	sink->is_fifo = S_ISFIFO(st.st_mode) && strcmp(path, "-") != 0;
	sink->pollable = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd);
	if (S_ISFIFO(st.st_mode) && !open_pipe(sink)) {
		set_error(error, path, g_strerror(errno), "give a file or FIFO you may write to");
		sink_free(sink);
		return NULL;
	}
	sink->buffer = g_byte_array_sized_new(1 << 20);
	return sink;
}

void sink_free(struct sink *sink)
{
	if (!sink)
		return;
	if (sink->flags >= 0)
		fcntl(sink->fd, F_SETFL, sink->flags);
	close(sink->fd);
	if (sink->buffer)
		g_byte_array_unref(sink->buffer);
	g_free(sink);
}

GByteArray *sink_buffer(struct sink *sink)
{
	return sink->buffer;
}

static ssize_t write_some(const struct sink *sink, const void *bytes, gsize length)
{
	if (sink->is_socket)
		return send(sink->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(sink->fd, bytes, length);
}

int sink_flush(struct sink *sink)
{
	while (sink->written < sink->buffer->len) {
		ssize_t n = write_some(sink, sink->buffer->data + sink->written,
				       sink->buffer->len - sink->written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		sink->written += n;
	}
	g_byte_array_set_size(sink->buffer, 0);
	sink->written = 0;
	return 0;
}

bool sink_waiting(const struct sink *sink)
{
	return sink->written < sink->buffer->len;
}

gsize sink_taken(const struct sink *sink)
{
	return sink->written;
}

void sink_take_back(struct sink *sink, gsize whole)
{
	off_t end = sink->is_file ? lseek(sink->fd, 0, SEEK_CUR) : -1;
	off_t back = sink->written - whole;

	if (end < back || ftruncate(sink->fd, end - back) < 0)
		return;
	lseek(sink->fd, end - back, SEEK_SET);
	sink->written = whole;
}

int sink_fd(const struct sink *sink)
{
	return sink->pollable ? sink->fd : -1;
}

bool sink_is_deep(const struct sink *sink)
{
	return sink->deep;
}

bool sink_by_hand(const struct sink *sink)
{
	return !sink->is_fifo;
}
