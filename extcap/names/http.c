// SPDX-License-Identifier: GPL-2.0-or-later
/* http.c - a question to a daemon that speaks HTTP over a Unix socket */
#include "extcap/names/http.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extcap/names/connect.h"
#include "extcap/seal.h"

SEAL_NEEDS("sendto recvfrom");

#define HEAD_MAX 16384
/* Bytes that are read in one go; then it is another daemon's turn. */
#define TURN 65536
/* The head has to come within this, also where nothing else has to. */
#define HEAD_MS 5000

struct http {
	int fd;
	guint watch, timer, quiet_ms;
	GString *ask;  /* what has not been written yet */
	GString *head; /* what has come of it; NULL behind it */
	struct http_head answer;
	gint64 left; /* bytes of the body; -1: up to the end */
	const struct http_events *events;
	gpointer data;
};

void http_cancel(struct http *http)
{
	if (!http)
		return;
	if (http->watch)
		g_source_remove(http->watch);
	if (http->timer)
		g_source_remove(http->timer);
	if (http->ask)
		g_string_free(http->ask, TRUE);
	if (http->head)
		g_string_free(http->head, TRUE);
	close(http->fd);
	g_free(http);
}

static void end(struct http *http, int status)
{
	const struct http_events *events = http->events;
	gpointer data = http->data;

	http_cancel(http);
	events->end(data, status);
}

static gboolean too_quiet(gpointer data)
{
	struct http *http = data;

	http->timer = 0;
	end(http, -ETIMEDOUT);
	return G_SOURCE_REMOVE;
}

/* It has said something: the time begins again. */
static void rearm(struct http *http)
{
	guint ms = http->head && !http->quiet_ms ? HEAD_MS : http->quiet_ms;

	if (http->timer)
		g_source_remove(http->timer);
	http->timer = ms ? g_timeout_add(ms, too_quiet, http) : 0;
}

/* "Name: value" of a header. */
static bool header_is(const char *line, gsize len, const char *name, const char **value)
{
	gsize name_len = strlen(name);

	if (len <= name_len || line[name_len] != ':' || g_ascii_strncasecmp(line, name, name_len))
		return false;
	*value = line + name_len + 1;
	return true;
}

static bool parse_header(const char *line, gsize len, struct http_head *head)
{
	const char *value;
	g_autofree char *number = NULL;
	guint64 length;

	if (header_is(line, len, "Transfer-Encoding", &value))
		return false; /* not in an answer to HTTP/1.0 */
	if (!header_is(line, len, "Content-Length", &value))
		return true;
	number = g_strstrip(g_strndup(value, len - (gsize)(value - line)));
	if (!g_ascii_string_to_unsigned(number, 10, 0, G_MAXINT64, &length, NULL))
		return false;
	head->length = (gint64)length;
	return true;
}

static bool parse_status(const char *line, gsize len, struct http_head *head)
{
	if (len < strlen("HTTP/1.0 200") || memcmp(line, "HTTP/1.", 7) || line[8] != ' ' ||
	    (len > 12 && line[12] != ' '))
		return false;
	for (int i = 9; i < 12; i++)
		if (!g_ascii_isdigit(line[i]))
			return false;
	head->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
	return head->status >= 100 && head->status < 600;
}

gssize http_parse_head(const char *bytes, gsize len, struct http_head *head)
{
	const char *line = bytes, *end = bytes + len, *line_end;
	bool first = true;

	*head = (struct http_head){.length = -1};
	while (line < end && (line_end = memchr(line, '\n', (gsize)(end - line)))) {
		gsize size = (gsize)(line_end - line);

		if (size && line[size - 1] == '\r')
			size--;
		if (first && !parse_status(line, size, head))
			return -EPROTO;
		if (!first && size == 0)
			return line_end + 1 - bytes;
		if (!first && !parse_header(line, size, head))
			return -EPROTO;
		first = false;
		line = line_end + 1;
	}
	return len > HEAD_MAX ? -EPROTO : 0;
}

/* Return: false when it has ended and is gone. */
static bool take_body(struct http *http, const char *bytes, gsize len)
{
	if (http->left >= 0 && len > (guint64)http->left)
		len = (gsize)http->left;
	if (http->answer.status == 200 && len)
		http->events->body(http->data, bytes, len);
	if (http->left < 0)
		return true;
	http->left -= (gint64)len;
	if (http->left > 0)
		return true;
	end(http, http->answer.status);
	return false;
}

static bool take(struct http *http, const char *bytes, gsize len)
{
	g_autofree char *rest = NULL;
	gssize head;

	if (!http->head)
		return take_body(http, bytes, len);
	g_string_append_len(http->head, bytes, (gssize)len);
	head = http_parse_head(http->head->str, http->head->len, &http->answer);
	if (head < 0) {
		end(http, -EPROTO);
		return false;
	}
	if (head == 0)
		return true;
	http->left = http->answer.length;
	len = http->head->len - (gsize)head;
	rest = g_memdup2(http->head->str + head, len);
	g_string_free(http->head, TRUE);
	http->head = NULL;
	return take_body(http, rest, len);
}

static gboolean readable(gint fd, GIOCondition condition, gpointer data)
{
	struct http *http = data;
	char bytes[TURN];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n > 0) {
		if (take(http, bytes, (gsize)n)) {
			rearm(http);
			return G_SOURCE_CONTINUE;
		}
	} else if (n < 0) {
		end(http, -errno);
	} else {
		/* Before its end there is no end. */
		end(http, http->head || http->left > 0 ? -ECONNRESET : http->answer.status);
	}
	/* end() has removed this source already; removing it twice is no error here. */
	return G_SOURCE_CONTINUE;
}

static gboolean writable(gint fd, GIOCondition condition, gpointer data)
{
	struct http *http = data;
	ssize_t n = send(fd, http->ask->str, http->ask->len, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n < 0) {
		end(http, -errno);
		return G_SOURCE_CONTINUE;
	}
	g_string_erase(http->ask, 0, n);
	if (http->ask->len)
		return G_SOURCE_CONTINUE;
	http->watch = g_unix_fd_add(fd, G_IO_IN, readable, http);
	return G_SOURCE_REMOVE;
}

struct http *http_get(const char *path, const char *target, guint quiet_ms,
		      const struct http_events *events, gpointer data, uid_t *uid, int *error)
{
	int fd = connect_to(path, uid);
	struct http *http;

	if (fd < 0) {
		*error = fd;
		return NULL;
	}
	http = g_new0(struct http, 1);
	http->fd = fd;
	http->quiet_ms = quiet_ms;
	http->events = events;
	http->data = data;
	http->head = g_string_new(NULL);
	http->ask = g_string_new(NULL);
	g_string_printf(http->ask, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", target);
	http->watch = g_unix_fd_add(fd, G_IO_OUT, writable, http);
	rearm(http);
	return http;
}
