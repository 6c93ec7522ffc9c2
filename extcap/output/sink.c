// SPDX-License-Identifier: GPL-2.0-or-later
/* sink.c - where the stream goes: Wireshark's FIFO, a file, standard output */
#include "extcap/output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/options.h"

#define READER_WAIT_MS 10000
#define READER_POLL_MS 5

struct sink {
	int fd;
	bool is_fifo;
	bool pollable;
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
	sink->is_fifo = S_ISFIFO(st.st_mode) && strcmp(path, "-") != 0;
	sink->pollable = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISCHR(st.st_mode);
	if (S_ISFIFO(st.st_mode)) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		fcntl(fd, F_SETPIPE_SZ, 1 << 20); /* fewer, larger writes; refused is no harm */
	}
	sink->buffer = g_byte_array_sized_new(1 << 20);
	return sink;
}

void sink_free(struct sink *sink)
{
	if (!sink)
		return;
	close(sink->fd);
	g_byte_array_unref(sink->buffer);
	g_free(sink);
}

GByteArray *sink_buffer(struct sink *sink)
{
	return sink->buffer;
}

int sink_flush(struct sink *sink)
{
	while (sink->written < sink->buffer->len) {
		ssize_t n = write(sink->fd, sink->buffer->data + sink->written,
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

int sink_fd(const struct sink *sink)
{
	return sink->pollable ? sink->fd : -1;
}

bool sink_by_hand(const struct sink *sink)
{
	return !sink->is_fifo;
}
