/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http.h - a question to a daemon that speaks HTTP over a Unix socket
 *
 * HTTP/1.0, one connection each: so there are no chunks, and the answer's end is the
 * connection's. That is all of HTTP that Docker's and Podman's API need.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_HTTP_H
#define PTCPDUMP_EXTCAP_NAMES_HTTP_H

#include <glib.h>
#include <sys/types.h>

struct http;

struct http_events {
	/* A part of the answer's body, of a good answer only. */
	void (*body)(gpointer data, const char *bytes, gsize len);
	/* Its end: the status (200, 404, ...), or -errno. The question is over and gone. */
	void (*end)(gpointer data, int status);
};

/**
 * http_get() - ask
 * @path:	of the socket
 * @target:	what is asked for: "/containers/json?all=1"
 * @quiet_ms:	how long the daemon may say nothing; 0: for ever, once it has begun
 * @uid:	whose daemon it is
 *
 * Return: NULL with -errno in @error; else something that is valid until the end.
 */
struct http *http_get(const char *path, const char *target, guint quiet_ms,
		      const struct http_events *events, gpointer data, uid_t *uid, int *error);

/** http_cancel() - no end will come */
void http_cancel(struct http *http);

/* --- the head of an answer, by itself for its tests --- */

struct http_head {
	int status;    /* 100 to 599 */
	gint64 length; /* of the body; -1: up to the end */
};

/**
 * http_parse_head() - up to the empty line
 * @head:	filled when it is whole
 *
 * Return: its length; 0 when more is to come; -EPROTO.
 */
gssize http_parse_head(const char *bytes, gsize len, struct http_head *head);

#endif
